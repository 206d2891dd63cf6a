/// @file
/// Exact numbers of configurations and of inequivalent configurations, without enumeration.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "core/big_integer.hpp"
#include "enumerator/composition_counts.hpp"
#include "enumerator/cycle_index.hpp"
#include "enumerator/group_action.hpp"
#include "enumerator/orbit_enumerator.hpp"

namespace hullscan {

struct OrbitCount {
  BigInteger total;         ///< labelled configurations
  BigInteger inequivalent;  ///< orbits under the group
  friend bool operator==(const OrbitCount&, const OrbitCount&) = default;
};

/// Counts any number of compositions of one supercell; what they share is worked out once. Not shared between
/// threads.
///
/// Burnside: inequivalent = 1/|G| sum over g of the colourings that g fixes, those from g's cycles on every
/// sublattice. Without superperiodic configurations (those that a nontrivial translation fixes), by Möbius inversion
/// over the subgroups H of the translations T: sum over H of mu(1, H) * (colourings that both g and H fix). mu(1, H)
/// is prod over primes p of (-1)^r p^(r(r-1)/2) if H is a product of elementary abelian groups of rank r, else 0 (P.
/// Hall, Quart. J. Math. 7, 134 (1936)).
class OrbitCounter {
 public:
  explicit OrbitCounter(std::shared_ptr<const GroupAction> action, bool superperiodic = true);

  /// Cost: milliseconds for any composition, after a constructor of O(order * sites), times the number of subgroups H
  /// if superperiodic is false.
  [[nodiscard]] OrbitCount count(const CompositionCounts& counts);

 private:
  struct Term {
    std::vector<std::size_t> types;  ///< [sublattice] index into types_
    std::int64_t weight = 0;         ///< sum of mu over (g, H) of these types
  };
  void add(std::vector<Term>& terms, std::map<std::vector<std::size_t>, std::size_t>& number,
           const std::vector<std::size_t>& types, std::int64_t weight);
  std::size_t type_number(std::size_t sublattice, const CycleType& type);
  BigInteger sum(const std::vector<Term>& terms, const CompositionCounts& counts);
  void prepare_aperiodic();

  std::shared_ptr<const GroupAction> action_;
  std::vector<std::vector<CycleType>> types_;  ///< [sublattice]
  std::vector<std::map<CycleType, std::size_t>> type_numbers_;
  std::vector<Term> total_terms_, orbit_terms_;
  Binomials binomials_;
  std::vector<std::map<std::pair<std::size_t, std::vector<int>>, BigInteger>> fixed_;  ///< [sublattice][type, counts]
};

/// Exact count of one composition as `options` ask, or nothing where no closed form exists: with forbidden pairs.
std::optional<OrbitCount> count_orbits(const std::shared_ptr<const GroupAction>& action,
                                       const CompositionCounts& counts, const EnumerationOptions& options = {});

}  // namespace hullscan
