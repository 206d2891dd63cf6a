#include "campaign/task_by_id.hpp"

#include <fmt/format.h>

#include <vector>

#include "core/errors.hpp"

namespace hullscan {

TaskRecord find_task(const CampaignStore& store, const std::string& id) {
  const auto dash = id.rfind('-');
  const std::string digits = dash == std::string::npos ? id : id.substr(dash + 1);
  std::vector<TaskRecord> found;
  if (!digits.empty()) {
    for (TaskRecord& task : store.tasks({.round = {}, .states = {}, .outside = true})) {
      if (task.short_id == digits) return task;
      if (task.task.key.starts_with(digits)) found.push_back(std::move(task));
    }
  }
  if (found.size() == 1) return found.front();
  throw InputError(fmt::format(
      "{}: {}", id, found.empty() ? "no task has this id" : "several tasks begin like this; give more digits"));
}

}  // namespace hullscan
