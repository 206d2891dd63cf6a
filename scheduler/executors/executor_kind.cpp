#include "scheduler/executors/executor_kind.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/errors.hpp"

namespace hullscan {
namespace {

const ExecutorKind* kind_named(const std::string& name) {
  for (const ExecutorKind* kind : executor_kinds()) {
    if (kind->name == name) return kind;
  }
  return nullptr;
}

std::string no_such_executor(const std::string& name) {
  const auto names = executor_names();
  return fmt::format("run.executor: expected one of \"{}\", found \"{}\"{}", fmt::join(names, "\", \""), name,
                     did_you_mean(name, names));
}

}  // namespace

std::vector<std::string> executor_names() {
  std::vector<std::string> names;
  for (const ExecutorKind* kind : executor_kinds()) names.push_back(kind->name);
  return names;
}

void check_executor(const RunSpec& run, Problems& problems) {
  const ExecutorKind* kind = kind_named(run.executor);
  if (kind == nullptr) return problems.add(run.executor_where, no_such_executor(run.executor));
  kind->check(run, problems);
}

const ExecutorKind& executor_kind(const std::string& name) {
  const ExecutorKind* kind = kind_named(name);
  if (kind == nullptr) throw InputError(no_such_executor(name));
  return *kind;
}

SettingsTable executor_table(const RunSpec& run) {
  SettingsTable table = run.settings;
  if (table.where.line == 0) table.where = run.executor_where;
  return table;
}

}  // namespace hullscan
