/// @file
/// Runs one work unit: enumerates its orbits, scores every one as it is generated, keeps the best, hands back what the
/// quota left. Knows no file format and no transport.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "core/protocol.hpp"
#include "core/shard_sink.hpp"
#include "enumerator/orbits/orbit_enumerator.hpp"
#include "surrogates/features/polar_descriptors.hpp"
#include "surrogates/lattice/branch_scorer.hpp"
#include "surrogates/surrogate_set.hpp"

namespace hullscan {

/// What a unit's stratum means.
struct UnitStratum {
  std::shared_ptr<const OrbitEnumerator> enumerator;
  std::shared_ptr<const Supercell> supercell;
  std::int64_t atoms = 0;  ///< of the supercell with this composition, vacancies left out; 0: no partition sums
  std::optional<MarkedPair> marked = std::nullopt;  ///< round which the configurations are
  std::shared_ptr<const GroupAction> action = {};   ///< for search(); null where only run() is asked for
  EnumerationOptions options = {};                  ///< for search()
};

/// What a runner is made of. Several runners, each in its thread, may share one of these: the functions are called from
/// all of them at once.
struct UnitRunnerParts {
  std::uint64_t seed = 0;                                     ///< the campaign's
  std::vector<std::shared_ptr<const ParentCrystal>> parents;  ///< of the campaign's spaces, in their order
  std::function<UnitStratum(const Stratum&)> stratum;         ///< @throws Error if there is no such stratum
  /// Where the orbits of a pass go; null where shards are never asked for.
  std::function<std::unique_ptr<ShardSink>(std::uint32_t pass)> shard_sink;
  std::function<std::size_t()> spare_threads = {};  ///< that a search may use beside its own; null: none
  /// What is wrong with each of some shards, "" for a good one; null where nobody asks.
  std::function<std::vector<std::string>(std::span<const ShardReceipt>)> faults_of_shards = {};
};

/// Used by one thread only. What it finds depends on the units alone: not on their order, their cuts or the clock.
class UnitRunner {
 public:
  explicit UnitRunner(UnitRunnerParts parts);

  /// For every unit from now on. Without a call: pass 0 and no model.
  /// @throws StorageError if the model is damaged or not for these parents.
  void use_model(const UseModel& model);

  /// @param stop_asked asked every few hundred orbits, like the clock; true: hand back the rest now.
  /// @throws StorageError from the shard sink; Error if the unit belongs to no stratum or the model returns no number.
  UnitScored run(const RunUnit& order, const std::function<bool()>& stop_asked = {});

  /// For an order with search_nodes: finds the best of the stratum by branch and bound (best_search.hpp), or, without a
  /// model, draws as many. @returns nothing if it was stopped: then the unit is not done.
  /// @throws InputError if the model has no bound to search by.
  std::optional<UnitScored> search(const RunUnit& order, const std::function<bool()>& stop_asked = {});

  /// @throws Error if there is nobody who can tell.
  [[nodiscard]] ShardsChecked check(const CheckShards& asked) const;

 private:
  [[nodiscard]] const ConfigurationScorer* scorer_for(const Stratum& stratum, const UnitStratum& unit_stratum);
  /// Null where the model cannot be followed along a branch: then every orbit is scored by itself.
  [[nodiscard]] std::shared_ptr<const BranchTables> branch_tables(const Stratum& stratum,
                                                                  const ConfigurationScorer& scorer,
                                                                  const std::vector<std::uint8_t>& background);
  [[nodiscard]] ShardSink& shard_sink();

  UnitRunnerParts parts_;
  std::uint32_t pass_ = 0;
  std::uint64_t model_hash_ = 0;
  std::vector<double> temperatures_kelvin_;
  std::optional<SurrogateSet> models_;
  /// By space and supercell; round a marked pair by stratum.
  std::map<Stratum, std::unique_ptr<ConfigurationScorer>> scorers_;
  /// By space, supercell, background colouring.
  std::map<std::tuple<std::uint32_t, std::uint32_t, std::vector<std::uint8_t>>, std::shared_ptr<const BranchTables>>
      branch_tables_;
  std::unique_ptr<ShardSink> shard_sink_;
};

}  // namespace hullscan
