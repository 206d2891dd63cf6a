#include "scheduler/decisions/energy_remarks.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <set>

#include "scheduler/decisions/task_steps.hpp"

namespace hullscan {
namespace {

/// "incar.ISMEAR" is ISMEAR to its reader.
std::string tag_of(const std::string& key) {
  const std::string prefix = "incar.";
  return key.starts_with(prefix) ? key.substr(prefix.size()) : key;
}

/// Only what the code's identity holds: mixing, bands and the like lead to the same energy.
std::string difference(const DftSettings& asked, const DftSettings& used) {
  std::set<std::string> keys;
  for (const DftSettings* settings : {&asked, &used}) {
    for (const auto& [key, value] : settings->values) keys.insert(key);
  }
  std::vector<std::string> parts;
  for (const std::string& key : keys) {
    const auto a = asked.values.find(key), u = used.values.find(key);
    const bool had = a != asked.values.end(), has = u != used.values.end();
    if (had && has && a->second == u->second) continue;
    if (!has) {
      parts.push_back(fmt::format("without {} = {}", tag_of(key), a->second));
    } else if (!had) {
      parts.push_back(fmt::format("{} = {}", tag_of(key), u->second));
    } else {
      parts.push_back(fmt::format("{} = {} instead of {}", tag_of(key), u->second, a->second));
    }
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

/// The remedies of a step, each once, up to the attempt that was accepted.
std::string remedies(const TaskRecord& task, int first, int accepted) {
  std::vector<std::string> names;
  for (const AttemptRecord& attempt : task.attempts) {
    if (attempt.number < first || attempt.number > accepted || attempt.handler.empty()) continue;
    if (names.empty() || names.back() != attempt.handler) names.push_back(attempt.handler);
  }
  return names.empty() ? "" : fmt::format(" ({})", fmt::join(names, ", "));
}

const AttemptRecord* attempt_of(const TaskRecord& task, int number) {
  for (const AttemptRecord& attempt : task.attempts) {
    if (attempt.number == number) return &attempt;
  }
  return nullptr;
}

}  // namespace

std::vector<std::string> energy_remarks(const DftCode& code, const TaskRecord& task) {
  std::vector<std::string> remarks;
  if (!task.result) return remarks;
  std::vector<int> accepted;
  for (const DoneStep& step : done_steps(task)) accepted.push_back(step.attempt);
  accepted.push_back(task.result->attempt);
  DftSettings asked = task.task.settings;  // of the step, before any remedy
  int first = 1;
  for (const int number : accepted) {
    const AttemptRecord* attempt = attempt_of(task, number);
    if (attempt == nullptr) return remarks;
    const std::string changed = difference(code.identity(asked), code.identity(attempt->settings));
    if (!changed.empty()) {
      const std::string step = accepted.size() == 1                   ? ""
                               : step_name(attempt->settings).empty() ? "relaxation: "
                                                                      : step_name(attempt->settings) + ": ";
      remarks.push_back(step + changed + remedies(task, first, number));
    }
    first = number + 1;
    if (const auto next = code.next_step(task.task.settings, attempt->settings)) {
      asked = next->settings;
    } else if (code.keeps_basis_of_first_cell(attempt->settings)) {
      const double change = task.result->converged.structure.lattice.volume_cubic_angstrom() /
                                task.task.structure.lattice.volume_cubic_angstrom() -
                            1;
      remarks.push_back(
          fmt::format("no closing single point: basis and k-points of the first cell, volume {:+.1f} %", 100 * change));
    }
  }
  return remarks;
}

}  // namespace hullscan
