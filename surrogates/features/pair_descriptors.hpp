/// @file
/// The columns that describe a marked pair (polar_descriptors.hpp) for the configurations of one supercell: which sites
/// a dopant may stand on, in which symmetry classes, and what a dopant on each of them adds.
#pragma once

#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "surrogates/features/polar_descriptors.hpp"
#include "surrogates/regression/table_model.hpp"

namespace hullscan {

/// Symmetry classes of the varied sites of a supercell, numbered by first site; and what they are called.
struct SiteClasses {
  std::vector<std::size_t> of_site;  ///< [varied site]
  std::vector<std::string> names;    ///< "Fe 1", "Fe 2": sublattice and number
};
SiteClasses site_classes(const Supercell& supercell);

/// What counts as a dopant if nobody says: every species that is not its sublattice's first, vacancies left out.
std::set<Species> usual_dopants(const ParentCrystal& parent);

class PairDescriptors {
 public:
  /// @param path_types orbits of pairs. @param dopants species; none: usual_dopants.
  /// @throws InputError if no sublattice holds a dopant.
  PairDescriptors(const Supercell& supercell, std::size_t path_types, std::set<Species> dopants,
                  double longest_angstrom);

  [[nodiscard]] const TableColumns& columns() const { return columns_; }
  /// Varied sites that hold a dopant.
  void dopants(std::span<const std::uint8_t> occupation, std::vector<std::size_t>& found) const;
  /// @param row [columns].
  void fill(const MarkedPair& pair, std::span<const std::uint8_t> occupation, std::span<double> row) const;
  [[nodiscard]] const PolarDescriptors& polar() const { return *polar_; }
  [[nodiscard]] bool is_dopant(std::size_t site, std::uint8_t occupant) const {
    return is_dopant_[site].size() > occupant && is_dopant_[site][occupant];
  }

 private:
  const Supercell& supercell_;
  std::vector<std::vector<bool>> is_dopant_;  ///< [varied site][occupant]
  std::optional<PolarDescriptors> polar_;
  TableColumns columns_;
};

}  // namespace hullscan
