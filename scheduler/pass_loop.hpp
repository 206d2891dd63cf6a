/// @file
/// One walk of the workers over the whole space: deals units, stores results, closes the books.
#pragma once

#include <chrono>
#include <functional>
#include <set>

#include "core/master_link.hpp"
#include "scheduler/campaign_view.hpp"
#include "scheduler/decisions/unit_reactor.hpp"
#include "scheduler/worker_errors.hpp"
#include "storage/campaign_store.hpp"

namespace hullscan {

enum class LoopEnd { kFinished, kStopped };

/// Asked often; true: take nothing new, store what comes, return kStopped.
using StopRequested = std::function<bool()>;

struct PassProgress {
  std::uint64_t units_done = 0, units_total = 0;
  double orbits = 0;        ///< so far in this pass
  double orbits_total = 0;  ///< exact count; 0 if there is none
};

class PassLoop {
 public:
  /// @param lease_s a worker that holds work and says nothing for so long is lost. More than any quota.
  PassLoop(const CampaignView& view, CampaignStore& store, MasterLink& link, double lease_s, StopRequested stop,
           std::function<void(const PassProgress&)> on_progress);

  /// Continues the pass of this number where the store left it, or begins it. Results that have arrived together are
  /// stored together. After kStopped the workers are gone.
  /// @throws TransportError if a worker fails; WorkerLost if it says nothing for longer than its lease.
  /// @throws Error if the books do not close: orbits against Burnside's count, degeneracies against the multinomial.
  /// @param units what to walk over. @param whole they are the whole space, so the books must close.
  LoopEnd run(int pass, const PassOrder& order, const std::vector<WorkUnit>& units, bool whole = true);

 private:
  using Clock = std::chrono::steady_clock;

  /// Takes what workers have said; waits for it at most 0.1 s. @returns when the waiting was over.
  Clock::time_point take_words(UnitReactor& reactor, std::vector<UnitScored>& results,
                               std::vector<UnitAction>& to_send);
  void store(int pass, const PassOrder& order, const std::vector<UnitScored>& results, UnitReactor& reactor,
             PassProgress& progress);
  void send(const std::vector<UnitAction>& actions);
  void close_books(int pass) const;
  void say_how_busy(int pass, double elapsed_s) const;
  void check_leases(const UnitReactor& reactor, double elapsed_s);

  const CampaignView& view_;
  CampaignStore& store_;
  MasterLink& link_;
  double lease_s_;
  StopRequested stop_;
  std::function<void(const PassProgress&)> on_progress_;
  std::set<std::size_t> greeted_;                  ///< workers whose hello has come
  std::map<std::size_t, double> silence_s_;        ///< since a worker's last word
  double worker_seconds_ = 0, worker_orbits_ = 0;  ///< of this pass, in this process
};

}  // namespace hullscan
