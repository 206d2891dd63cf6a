/// @file
/// The compositions between which a hull is drawn: the elements, or, where an element has no entry of its own, a few
/// extreme compositions that span the others (LiNiO2–NiO2). Compositions only; energies are hull.hpp's.
#pragma once

#include <Eigen/QR>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "core/composition.hpp"

namespace hullscan {

struct EndMembers {
  std::vector<Composition> compositions;  ///< reduced; independent
  bool elemental = true;                  ///< each is one element
};

/// The rule, the same for any order of `compositions`:
/// 1. If every element has a composition of its own, the elements, least electronegative first.
/// 2. Else, over atomic fractions: first the lexicographically largest composition (elements least electronegative
///    first), then, until they span all, the one farthest from the span of those taken; ties go to the
///    lexicographically larger. Every one taken is an extreme point. They are put in order of formula length, then of
///    atomic fractions ascending, so that the host comes before the filled compound: NiO2, LiNiO2.
/// @throws InputError for no or empty compositions.
EndMembers choose_end_members(std::span<const Composition> compositions);

/// Coordinates in units of end members: n = Σ c_j m_j, with m_j the reduced formula of end member j.
class EndMemberSpace {
 public:
  /// @throws InputError if none, or if they are not independent.
  explicit EndMemberSpace(std::vector<Composition> members);
  [[nodiscard]] const std::vector<Composition>& members() const { return members_; }
  /// Formula units c_j, negative where the composition lies outside their simplex; nothing if it is not a mix of them.
  [[nodiscard]] std::optional<std::vector<double>> units(const Composition& composition) const;
  /// Shares c_j / Σ c: the x of a plot. Elements: atomic fractions. Nothing if it is not a mix or Σ c <= 0.
  [[nodiscard]] std::optional<std::vector<double>> shares(const Composition& composition) const;
  /// As many elements as end members, in which the end members are independent.
  [[nodiscard]] const std::vector<Species>& independent_elements() const { return independent_; }

 private:
  std::vector<Composition> members_;
  std::vector<Species> elements_;
  std::vector<Species> independent_;
  Eigen::MatrixXd matrix_;  ///< counts, element by member
  Eigen::ColPivHouseholderQR<Eigen::MatrixXd> solver_;
};

}  // namespace hullscan
