/// @file
/// executor = "local": processes of this machine, in slots.

#include <optional>

#include "scheduler/executors/executor_kind.hpp"
#include "scheduler/executors/local_executor.hpp"

namespace hullscan {
namespace {

constexpr double kLocalGrace_s = 10;

struct LocalOptions {
  std::optional<double> memory_limit_mb;
};

LocalOptions read_local_options(const RunSpec& run, Problems& problems) {
  const SettingsTable table = executor_table(run);
  SettingsReader reader(table, "run.local", problems);
  LocalOptions options;
  options.memory_limit_mb = reader.number("memory_limit_mb", 1, 1e9);
  reader.finish();
  return options;
}

MadeExecutor make_local(const RunSpec& run, const ExecutorPlace& /*place*/) {
  Problems checked_before;
  const LocalOptions options = read_local_options(run, checked_before);
  return {.executor = std::make_unique<LocalExecutor>(run.slots, kLocalGrace_s, options.memory_limit_mb)};
}

}  // namespace

const ExecutorKind& local_executor_kind() {
  static const ExecutorKind kind = {
      .name = "local",
      .check = [](const RunSpec& run, Problems& problems) { (void)read_local_options(run, problems); },
      .make = make_local};
  return kind;
}

}  // namespace hullscan
