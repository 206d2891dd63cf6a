/// @file
/// The two kinds of ranks of `hullscan run`: the master, who owns the campaign directory, and the workers.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>

#include "analysis/report/report_content.hpp"
#include "campaign/change_plan.hpp"
#include "campaign/resolved_campaign.hpp"
#include "campaign/units.hpp"
#include "core/errors.hpp"
#include "workers/mpi_session.hpp"

namespace hullscan {

struct RunOptions {
  std::filesystem::path directory;
  std::size_t threads = 1;                                        ///< of every rank
  double quota_s = 4;                                             ///< a worker reports at least this often
  double stretched_quota_s = 0;                                   ///< the same with tens of thousands of workers
  double lease_s = 120;                                           ///< a worker that is silent for longer is lost
  std::optional<std::chrono::steady_clock::time_point> deadline;  ///< a clock that is set does not move it
  std::optional<Part> part;                                       ///< search this share only
  bool whatever_it_costs = false;                                 ///< begin even what is far too large
  bool trust_times = false;                                       ///< archive files that look unchanged are not read
  bool dry_run = false;                                           ///< say what would change, and end
  /// Asked before a directory follows a campaign file that has changed. @returns whether it may.
  std::function<bool(const ChangePlan&)> agree = {};
};

struct RunEnd {
  ExitCode code = ExitCode::kDone;
  std::optional<Report> report = {};  ///< of a whole campaign that has come to its end
  bool rank_lost = false;             ///< nothing can be agreed with the other ranks any more
};

/// Rank 0, or the only process.
RunEnd run_master(const ResolvedCampaign& resolved, const RunOptions& options, MpiSession& session);
/// Every other rank.
void run_worker(const ResolvedCampaign& resolved, const RunOptions& options, MpiSession& session);

}  // namespace hullscan
