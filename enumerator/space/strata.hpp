/// @file
/// The one list of a campaign's strata: everything that is counted, enumerated, scored and stored by itself. A stratum
/// is a composition of a supercell of a space; where the campaign marks something, a composition round one orbit of
/// marked objects.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/work_unit.hpp"
#include "enumerator/orbits/orbit_count.hpp"
#include "enumerator/space/search_space.hpp"
#include "enumerator/space/stratum_counter.hpp"

namespace hullscan {

/// One stratum of the list. Its space must outlive it.
struct SpaceStratum {
  const SearchSpace* space = nullptr;
  Stratum key;                        ///< its name in units, tasks and files
  std::size_t composition = 0;        ///< index into SearchSpace::compositions: not key.index_in_supercell
  std::optional<std::size_t> marker;  ///< index into SearchSpace::markers; nothing if the space marks nothing

  [[nodiscard]] std::size_t supercell() const { return key.supercell; }
  [[nodiscard]] const CompositionCounts& counts() const { return space->compositions(supercell())[composition]; }
  /// Atoms only; strata that differ in their markers alone share it: "Cs32Pb26Zn6I96".
  [[nodiscard]] std::string formula() const { return space->formula(supercell(), counts()); }
  /// Sites by "sublattice.species", those that are zero included.
  [[nodiscard]] std::map<std::string, std::int64_t> named_counts() const;
  /// @throws InputError if the supercell is too large to be enumerated.
  [[nodiscard]] OrbitEnumerator enumerator() const;
};

/// The list: by space, supercell, composition, marker orbit. Immutable; threads may share it.
class Strata {
 public:
  /// @param spaces must outlive the list and stay where they are. Nothing is counted or enumerated.
  explicit Strata(std::span<const SearchSpace> spaces);

  [[nodiscard]] auto begin() const { return all_.begin(); }
  [[nodiscard]] auto end() const { return all_.end(); }
  [[nodiscard]] std::size_t size() const { return all_.size(); }

  /// Nothing if there is no such stratum.
  [[nodiscard]] const SpaceStratum* find(const Stratum& key) const;
  /// @throws Error if there is no such stratum.
  [[nodiscard]] const SpaceStratum& at(const Stratum& key) const;
  /// Those of one supercell. @pre both are there
  [[nodiscard]] std::span<const SpaceStratum> of(std::size_t space, std::size_t supercell) const;
  /// The same, those of one composition together: a single one, or one for every marker orbit that holds it.
  [[nodiscard]] std::vector<std::span<const SpaceStratum>> by_composition(std::size_t space,
                                                                          std::size_t supercell) const;
  /// All of the list, those of one composition of one supercell together.
  [[nodiscard]] std::vector<std::span<const SpaceStratum>> by_composition() const;

 private:
  std::span<const SearchSpace> spaces_;
  std::vector<SpaceStratum> all_;
  std::vector<std::vector<std::size_t>> begins_;  ///< [space][supercell] into all_, and the end of the last
};

/// Exact counts of strata, worked out when they are asked for. What the strata of a supercell share is kept until one
/// of another supercell is asked for, so ask in the order of the list. Not shared between threads.
class StratumCounts {
 public:
  /// Nothing where no closed form exists (minimum distances).
  [[nodiscard]] std::optional<OrbitCount> of(const SpaceStratum& stratum);
  /// The count of all strata of its composition together.
  [[nodiscard]] std::optional<OrbitCount> of_composition(const SpaceStratum& stratum);

 private:
  StratumCounter& counter(const SpaceStratum& stratum);

  const SearchSpace* space_ = nullptr;
  std::size_t supercell_ = 0;
  std::optional<StratumCounter> counter_;
};

/// The count of all strata together; nothing if one of them has no closed form.
std::optional<OrbitCount> exact_count(const Strata& strata);

}  // namespace hullscan
