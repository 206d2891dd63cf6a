/// @file
/// executor = "pbs": jobs or job arrays of PBS Professional or OpenPBS.

#include <fmt/format.h>

#include "scheduler/executors/batch_executor.hpp"
#include "scheduler/executors/executor_kind.hpp"
#include "scheduler/executors/pbs_client.hpp"

namespace hullscan {
namespace {

constexpr const char* kPbsMark = "pbs:";

MadeExecutor make_pbs(const RunSpec& run, const ExecutorPlace& place) {
  Problems checked_before;
  const PbsOptions options = read_pbs_options(run, checked_before);
  const BatchPlace files = batch_place(place.directory, "pbs", place.word());
  return {
      .executor = std::make_unique<BatchExecutor>(std::make_unique<PbsClient>(files.directory, files.prefix, options),
                                                  options, files.directory, files.prefix, options.max_queued),
      .node_failures = options.node_failures};
}

ProgramSearch search_pbs_program(const RunSpec& run) {
  Problems reported_elsewhere;
  return {.here = false, .setup = read_pbs_options(run, reported_elsewhere).setup};
}

std::string how_to_cancel_pbs_job(const std::string& job) {
  const std::string mark = kPbsMark;
  if (!job.starts_with(mark)) return "";
  const std::string name = job.substr(mark.size());
  const auto task = name.rfind('_');
  if (task == std::string::npos)
    return fmt::format("job {} may still be in the queue of PBS: qdel $(qselect -N {})", name, name);
  return fmt::format(
      "job {} may still be in the queue of PBS: qselect -N {} names its array NUMBER[].SERVER; "
      "qdel 'NUMBER[{}].SERVER' ends this task of it",
      name, name.substr(0, task), name.substr(task + 1));
}

}  // namespace

const ExecutorKind& pbs_executor_kind() {
  static const ExecutorKind kind = {
      .name = "pbs",
      .programs = {{"qsub", "PBS Professional or OpenPBS", ""}},
      .check = [](const RunSpec& run, Problems& problems) { (void)read_pbs_options(run, problems); },
      .make = make_pbs,
      .program_search = search_pbs_program,
      .how_to_cancel = how_to_cancel_pbs_job,
      .site_keys = {{"account", "account"},
                    {"partition", "queue"},
                    {"modules", "modules"},
                    {"setup", "setup"},
                    {"launcher", "mpi_launcher"}}};
  return kind;
}

}  // namespace hullscan
