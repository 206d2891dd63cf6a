/// @file
/// Which worker gets which unit: a pure function of what workers said. The master loop stores first and sends second.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <variant>
#include <vector>

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
};
using UnitAction = std::variant<StoreUnit, SendToWorker, GiveUp>;

struct PassOrder {
  UseModel model;
  double quota_s = 4;
  std::uint32_t keep_best = 64;
  bool write_shards = false;
};

/// Deals the units of one pass. A worker holds at most two: one in work, one prefetched.
class UnitReactor {
 public:
  UnitReactor(PassOrder order, std::vector<WorkUnit> open_units);

  /// In this order: facts to store, then messages to send.
  std::vector<UnitAction> handle(const UnitEvent& event);
  /// The first units for a worker that said hello in an earlier pass.
  std::vector<UnitAction> welcome(std::size_t worker);
  /// Remainders got their ids from the store.
  void add_units(const std::vector<WorkUnit>& units);
  /// No new units from now on; what is in work is still taken.
  void drain() { draining_ = true; }

  [[nodiscard]] bool holds_work(std::size_t worker) const;
  [[nodiscard]] bool idle() const;      ///< nothing is in work
  [[nodiscard]] bool finished() const;  ///< nothing is in work and nothing is left
  [[nodiscard]] std::size_t waiting() const { return queue_.size(); }
  /// Workers that could take a unit now, after add_units().
  std::vector<UnitAction> deal();

 private:
  void fill(std::size_t worker, std::vector<UnitAction>& actions);

  PassOrder order_;
  std::deque<WorkUnit> queue_;
  std::map<std::size_t, std::set<std::uint64_t>>
      in_work_;  ///< worker -> unit ids; a key for every worker that may get work
  bool draining_ = false;
};

}  // namespace hullscan
