/// @file
/// Which worker gets which unit: a pure function of what workers said. The master loop stores first and sends second.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "core/errors.hpp"
#include "core/protocol.hpp"

namespace hullscan {

struct WorkerSaid {
  std::size_t worker = 0;
  WorkerMessage message;
};
using UnitEvent = std::variant<WorkerSaid>;

struct StoreUnit {
  std::size_t worker = 0;
  UnitScored result;
};
struct SendToWorker {
  std::size_t worker = 0;
  MasterMessage message;
};
/// A worker that cannot go on: the pass ends with its words.
struct GiveUp {
  std::string reason;
  ExitCode exit_code = ExitCode::kUnexpected;
};
using UnitAction = std::variant<StoreUnit, SendToWorker, GiveUp>;

struct PassOrder {
  UseModel model;
  double quota_s = 4;            ///< the longest,
  double stretched_quota_s = 0;  ///< unless the master could not follow so many workers: then up to this
  std::uint32_t keep_best = 64;
  bool write_shards = false;
  std::set<Stratum> by_branch_and_bound = {};  ///< strata of which only the best are looked for
  std::uint64_t search_nodes = 0;              ///< for each of them
  std::size_t workers = 1;
};

/// Deals the units of one pass. A worker holds one unit in work and one prefetched; more where units are so short
/// that it would wait for the master. What is handed back is dealt before what was never begun. Quotas are short
/// while there is less to deal than workers (a stratum is a single unit at first) and when the end is near, so that
/// no worker has long to go on when the others have nothing left.
class UnitReactor {
 public:
  UnitReactor(PassOrder order, std::vector<WorkUnit> open_units);

  /// In this order: facts to store, then messages to send.
  std::vector<UnitAction> handle(const UnitEvent& event);
  /// The first units for a worker that said hello in an earlier pass.
  std::vector<UnitAction> welcome(std::size_t worker);
  /// Remainders got their ids from the store.
  void add_units(const std::vector<WorkUnit>& units);
  /// No new units from now on: whoever holds one is told to stop and reports how far it came.
  std::vector<UnitAction> drain();
  /// Work left in the whole pass, if known, in seconds of one worker.
  void expect(double remaining_s) { remaining_s_ = remaining_s; }
  /// What one result costs the master, as measured: quotas are never so short that it could not follow.
  void result_costs(double master_s) { result_cost_s_ = master_s; }

  [[nodiscard]] bool holds_work(std::size_t worker) const;
  [[nodiscard]] bool idle() const;      ///< nothing is in work
  [[nodiscard]] bool finished() const;  ///< nothing is in work and nothing is left
  [[nodiscard]] std::size_t waiting() const { return queue_.size(); }
  /// Workers that could take a unit now, after add_units().
  std::vector<UnitAction> deal();

 private:
  void fill(std::size_t worker, std::size_t at_most, std::vector<UnitAction>& actions);
  void note_hands(std::size_t worker);
  [[nodiscard]] std::size_t idle_workers() const;  ///< those that have not said hello yet included
  [[nodiscard]] double quota() const;
  [[nodiscard]] std::size_t most_units_held() const;

  PassOrder order_;
  std::deque<WorkUnit> queue_;
  std::map<std::size_t, std::set<std::uint64_t>>
      in_work_;                                        ///< worker -> unit ids; a key for every worker that may get work
  std::set<std::size_t> empty_handed_, without_next_;  ///< workers that hold no unit; exactly one
  bool draining_ = false;
  bool laid_down_ = false;  ///< a worker has left with units that it held
  std::optional<double> remaining_s_;
  double mean_unit_s_ = 1;  ///< of late
  double result_cost_s_ = 0;
};

}  // namespace hullscan
