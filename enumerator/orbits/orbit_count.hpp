/// @file
/// Exact numbers of configurations and of inequivalent configurations, without enumeration.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/big_integer.hpp"
#include "enumerator/crystal/supercell_operations.hpp"
#include "enumerator/orbits/composition_counts.hpp"
#include "enumerator/orbits/cycle_index.hpp"
#include "enumerator/orbits/group_action.hpp"
#include "enumerator/orbits/orbit_enumerator.hpp"

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
/// sublattice. Without superperiodic configurations (those that a nontrivial one of the action's translations fixes),
/// by inclusion and exclusion over the subgroups H of the translations: sum over H of weight(H) * (colourings that
/// both g and H fix); see translation_subgroups.hpp.
class OrbitCounter {
 public:
  explicit OrbitCounter(std::shared_ptr<const GroupAction> action, bool superperiodic = true);
  /// Without a table of permutations, for supercells of any size: operations that translations make conjugate have
  /// the same cycles, so one of each class is looked at. @param repeating cells of the translations that make a
  /// configuration superperiodic, the zero vector first; the zero vector alone: none is left out.
  OrbitCounter(const SupercellOperations& operations, std::span<const std::size_t> repeating);

  /// Cost: milliseconds for any composition, after a constructor of O(order * sites), or without a table O(classes of
  /// operations), times the number of subgroups H if superperiodic is false.
  [[nodiscard]] OrbitCount count(const CompositionCounts& counts);

 private:
  struct Term {
    std::vector<std::size_t> types;  ///< [sublattice] index into types_
    std::int64_t weight = 0;         ///< sum of the weights of (g, H) of these types
  };
  /// Terms that have the same types are one.
  struct Sum {
    std::vector<Term> terms;
    std::map<std::vector<std::size_t>, std::size_t> number;
    std::vector<BigInteger> of_two_species;  ///< [sites of the rarer species], of a single sublattice
    void add(const std::vector<std::size_t>& types, std::int64_t weight);
  };
  class Cycles;
  void prepare(std::size_t sublattices);
  std::size_t type_number(std::size_t sublattice, const CycleType& type);
  BigInteger of(Sum& sum, const CompositionCounts& counts);
  const BigInteger& of_two_species(Sum& sum, int rarest, int sites);
  const BigInteger& fixed(std::size_t sublattice, std::size_t type, const std::vector<int>& row);

  BigInteger order_ = 1;
  std::vector<std::vector<CycleType>> types_;  ///< [sublattice]
  std::vector<std::map<CycleType, std::size_t>> type_numbers_;
  Sum totals_, orbits_;
  Binomials binomials_;
  std::vector<std::map<std::size_t, std::vector<BigInteger>>>
      two_species_;  ///< [sublattice][type][sites of the rarer species]
  std::vector<std::map<std::pair<std::size_t, std::vector<int>>, BigInteger>> fixed_;  ///< [sublattice][type, counts]
};

/// Exact count of one composition as `options` ask, or nothing where no closed form exists: with forbidden pairs.
std::optional<OrbitCount> count_orbits(const std::shared_ptr<const GroupAction>& action,
                                       const CompositionCounts& counts, const EnumerationOptions& options = {});

}  // namespace hullscan
