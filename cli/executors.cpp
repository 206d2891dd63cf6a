#include "cli/executors.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "cli/version.hpp"
#include "core/hash.hpp"
#include "core/log.hpp"
#include "scheduler/left_overs.hpp"
#include "scheduler/local_executor.hpp"
#include "scheduler/pilot_executor.hpp"
#include "scheduler/slurm_executor.hpp"

namespace hullscan::cli {
namespace {

using SteadyClock = std::chrono::steady_clock;

/// Time for the last results to be stored before a Slurm job is ended.
constexpr double kMargin_s = 60;

struct LocalOptions {
  std::optional<double> memory_limit_mb;
};

LocalOptions read_local_options(const RunSpec& run, Problems& problems) {
  SettingsTable table = run.settings;
  SettingsReader reader(table, "run.local", problems);
  LocalOptions options;
  options.memory_limit_mb = reader.number("memory_limit_mb", 1, 1e9);
  reader.finish();
  return options;
}

/// A word for this directory and no other, the same in every life.
std::string word_of(const std::filesystem::path& directory, CampaignStore& store) {
  constexpr const char* kFact = "job prefix";
  if (const auto known = store.recall(kFact)) return *known;
  const std::string word = hash128_hex(fmt::format("{} {} {}", std::filesystem::absolute(directory).string(),
                                                   ::getpid(), std::chrono::system_clock::now().time_since_epoch().count()))
                               .substr(0, 8);
  store.remember(kFact, word);
  return word;
}

/// The end of the Slurm job we are in, with a margin, if it comes before the deadline.
void bring_forward(const Allocation& allocation, const std::filesystem::path& directory,
                   std::optional<SteadyClock::time_point>& deadline) {
  const auto left = SlurmClient(directory, "").seconds_left(allocation.job);
  if (!left) return;
  const double margin = std::min(kMargin_s, *left / 4);
  const auto end = SteadyClock::now() + std::chrono::milliseconds(static_cast<long>(1000 * (*left - margin)));
  if (deadline && *deadline <= end) return;
  deadline = end;
  log_info(fmt::format("job {} of Slurm ends in {}: this run stops {} before", allocation.job, duration_text(*left),
                       duration_text(margin)));
}

}  // namespace

void check_run(const RunSpec& run, Problems& problems) {
  if (run.executor == "slurm") {
    (void)read_slurm_options(run, problems);
  } else {
    (void)read_local_options(run, problems);
  }
}

Calculations make_calculations(const RunSpec& run, const std::filesystem::path& directory, CampaignStore& store,
                               std::optional<SteadyClock::time_point>& deadline) {
  Problems problems;
  Calculations calculations;
  calculations.limits.time_limit_s = run.time_limit_s;
  calculations.limits.stall_s = run.stall_s;
  calculations.limits.max_core_hours = run.max_core_hours;
  calculations.limits.hullscan_version = kVersion;
  if (const std::string ended = end_left_overs(directory); !ended.empty())
    log_warning("an earlier hullscan was killed and had left these running; they were ended: " + ended);
  if (run.executor == "local") {
    const LocalOptions options = read_local_options(run, problems);
    calculations.executor = std::make_unique<LocalExecutor>(run.slots, 10, options.memory_limit_mb);
  } else {
    const SlurmOptions options = read_slurm_options(run, problems);
    calculations.limits.node_failures = options.node_failures;
    const auto allocation = own_allocation();
    if (options.mode == SlurmMode::kPilot && !allocation) {
      throw InputError(
          "run.slurm.mode: \"pilot\" calculates inside a Slurm job, and this is none: hullscan sbatch FILE prints one");
    }
    if (allocation && (options.mode == SlurmMode::kPilot || options.mode == SlurmMode::kAutomatic)) {
      const int slots = std::max(1, allocation->cores / options.cores());
      log_info(fmt::format("job {} of Slurm: {} core{} on {} node{}, {} calculation{} at a time", allocation->job,
                           allocation->cores, allocation->cores == 1 ? "" : "s", allocation->nodes,
                           allocation->nodes == 1 ? "" : "s", slots, slots == 1 ? "" : "s"));
      calculations.executor = std::make_unique<PilotExecutor>(options, *allocation, directory, slots);
      bring_forward(*allocation, directory, deadline);
    } else {
      calculations.executor =
          std::make_unique<SlurmExecutor>(options, directory, word_of(directory, store), options.max_queued);
    }
  }
  if (deadline) {
    calculations.limits.seconds_left = [end = *deadline] {
      return std::chrono::duration<double>(end - SteadyClock::now()).count();
    };
  }
  return calculations;
}

}  // namespace hullscan::cli
