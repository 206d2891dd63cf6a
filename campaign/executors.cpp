#include "campaign/executors.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "campaign/version.hpp"
#include "core/hash.hpp"
#include "core/log.hpp"
#include "scheduler/executors/executor_kind.hpp"
#include "scheduler/executors/lasting_executor.hpp"
#include "scheduler/executors/left_overs.hpp"
#include "storage/campaign_facts.hpp"

namespace hullscan {
namespace {

using SteadyClock = std::chrono::steady_clock;

/// Time for the last results to be stored before the job we are in is ended.
constexpr double kMargin_s = 60;

/// A word for this directory and no other, the same in every process.
std::string word_of(const std::filesystem::path& directory, CampaignStore& store) {
  if (const auto known = recall_job_prefix(store, (directory / "campaign.db").string())) return *known;
  const std::string word =
      hash128_hex(fmt::format("{} {} {}", std::filesystem::absolute(directory).string(), ::getpid(),
                              std::chrono::system_clock::now().time_since_epoch().count()))
          .substr(0, 8);
  remember_job_prefix(store, word);
  return word;
}

/// The end of the job we are in, with a margin, if it comes before the deadline.
void bring_forward(const MadeExecutor& made, std::optional<SteadyClock::time_point>& deadline) {
  if (!made.seconds_left) return;
  const double left = *made.seconds_left, margin = std::min(kMargin_s, left / 4);
  const auto end = SteadyClock::now() + std::chrono::milliseconds(static_cast<long>(1000 * (left - margin)));
  if (deadline && *deadline <= end) return;
  deadline = end;
  log_info(
      fmt::format("{} ends in {}: this run stops {} before", made.own_job, duration_text(left), duration_text(margin)));
}

}  // namespace

Calculations make_calculations(const RunSpec& run, bool lasting, const std::filesystem::path& directory,
                               CampaignStore& store, std::optional<SteadyClock::time_point>& deadline) {
  Calculations calculations;
  calculations.limits.time_limit_s = run.time_limit_s;
  calculations.limits.stall_s = run.stall_s;
  calculations.limits.max_core_hours = run.max_core_hours;
  calculations.limits.hullscan_version = kVersion;
  if (const std::string ended = end_left_overs(directory); !ended.empty())
    log_warning("an earlier hullscan was killed and had left these running; they were ended: " + ended);
  if (lasting) {
    calculations.executor = std::make_unique<LastingExecutor>(run.slots);
  } else {
    MadeExecutor made = executor_kind(run.executor).make(run, {.directory = directory, .word = [&] {
                                                                 return word_of(directory, store);
                                                               }});
    bring_forward(made, deadline);
    calculations.limits.node_failures = made.node_failures;
    calculations.executor = std::move(made.executor);
  }
  if (deadline) {
    calculations.limits.seconds_left = [end = *deadline] {
      return std::chrono::duration<double>(end - SteadyClock::now()).count();
    };
  }
  return calculations;
}

}  // namespace hullscan
