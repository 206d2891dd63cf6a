/// @file
/// executor = "slurm": a pilot inside a job of Slurm, else jobs or job arrays.

#include <fmt/format.h>

#include <algorithm>

#include "core/errors.hpp"
#include "core/log.hpp"
#include "scheduler/executors/batch_executor.hpp"
#include "scheduler/executors/executor_kind.hpp"
#include "scheduler/executors/pilot_executor.hpp"
#include "scheduler/executors/slurm_client.hpp"

namespace hullscan {
namespace {

constexpr const char* kSlurmMark = "slurm:";

MadeExecutor make_pilot(const SlurmOptions& options, const Allocation& allocation, const ExecutorPlace& place) {
  const int slots = std::max(1, allocation.cores / options.cores());
  log_info(fmt::format("job {} of Slurm: {} core{} on {} node{}, {} calculation{} at a time", allocation.job,
                       allocation.cores, allocation.cores == 1 ? "" : "s", allocation.nodes,
                       allocation.nodes == 1 ? "" : "s", slots, slots == 1 ? "" : "s"));
  return {.executor = std::make_unique<PilotExecutor>(options, allocation, place.directory, slots),
          .node_failures = options.node_failures,
          .seconds_left = SlurmClient(place.directory, "").seconds_left(allocation.job),
          .own_job = fmt::format("job {} of Slurm", allocation.job)};
}

MadeExecutor make_slurm(const RunSpec& run, const ExecutorPlace& place) {
  Problems checked_before;
  const SlurmOptions options = read_slurm_options(run, checked_before);
  const auto allocation = own_allocation();
  if (options.mode == SlurmMode::kPilot && !allocation) {
    throw InputError(
        "run.slurm.mode: \"pilot\" calculates inside a Slurm job, and this process is not in one: hullscan sbatch FILE "
        "prints a script for one");
  }
  if (allocation && (options.mode == SlurmMode::kPilot || options.mode == SlurmMode::kAutomatic))
    return make_pilot(options, *allocation, place);
  const BatchPlace files = batch_place(place.directory, "slurm", place.word());
  return {
      .executor = std::make_unique<BatchExecutor>(std::make_unique<SlurmClient>(files.directory, files.prefix, options),
                                                  options, files.directory, files.prefix, options.max_queued),
      .node_failures = options.node_failures};
}

ProgramSearch search_slurm_program(const RunSpec& run) {
  Problems reported_elsewhere;
  const SlurmOptions options = read_slurm_options(run, reported_elsewhere);
  const bool inside = own_allocation().has_value();
  const bool pilot = options.mode == SlurmMode::kPilot || (options.mode == SlurmMode::kAutomatic && inside);
  return {.here = pilot && inside && options.launcher.empty(), .setup = options.setup};
}

std::string how_to_cancel_slurm_job(const std::string& job) {
  const std::string mark = kSlurmMark;
  if (!job.starts_with(mark)) return "";
  const std::string name = job.substr(mark.size());
  return fmt::format("job {} may still be in Slurm's queue: scancel --name={}", name, name);
}

}  // namespace

const ExecutorKind& slurm_executor_kind() {
  static const ExecutorKind kind = {
      .name = "slurm",
      .programs = {{"sbatch", "Slurm", "slurm-wlm"}},
      .check = [](const RunSpec& run, Problems& problems) { (void)read_slurm_options(run, problems); },
      .make = make_slurm,
      .program_search = search_slurm_program,
      .how_to_cancel = how_to_cancel_slurm_job,
      .site_keys = {{"account", "account"},
                    {"partition", "partition"},
                    {"constraint", "constraint"},
                    {"modules", "modules"},
                    {"setup", "setup"},
                    {"launcher", "mpi_launcher"}}};
  return kind;
}

}  // namespace hullscan
