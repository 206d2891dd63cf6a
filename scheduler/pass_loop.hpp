/// @file
/// One walk of the workers over the whole space: deals units, stores results, closes the books.
#pragma once

#include <functional>
#include <set>

#include "core/master_link.hpp"
#include "scheduler/campaign_view.hpp"
#include "scheduler/unit_reactor.hpp"
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
  PassLoop(const CampaignView& view, CampaignStore& store, MasterLink& link, StopRequested stop,
           std::function<void(const PassProgress&)> on_progress);

  /// Continues the pass of this number where the store left it, or begins it.
  /// @throws TransportError if a worker fails, or says nothing for longer than its lease.
  /// @throws Error if the books do not close: orbits against Burnside's count, degeneracies against the multinomial.
  LoopEnd run(int pass, const PassOrder& order);

 private:
  void close_books(int pass) const;
  void check_leases(const UnitReactor& reactor, double elapsed_s);

  const CampaignView& view_;
  CampaignStore& store_;
  MasterLink& link_;
  StopRequested stop_;
  std::function<void(const PassProgress&)> on_progress_;
  std::set<std::size_t> greeted_;            ///< workers whose hello has come
  std::map<std::size_t, double> silence_s_;  ///< since a worker's last word
};

}  // namespace hullscan
