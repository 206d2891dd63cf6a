#include "campaign/task_by_id.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "core/campaign/campaign.hpp"
#include "core/errors.hpp"

namespace hullscan {
namespace {

constexpr std::size_t kMostListed = 10;

/// None where the stored file cannot be read or has lists of structures: then digits alone tell tasks apart.
std::vector<std::string> space_names(const CampaignStore& store) {
  std::vector<std::string> names;
  try {
    for (const SpaceSpec& space : parse_campaign(store.identity().text, "campaign.toml").spaces) {
      if (space.is_list) return {};  // its structures are numbered as spaces, and are not known here
      names.push_back(space.name);
    }
  } catch (const InputError&) {
    names.clear();
  }
  return names;
}

/// As the report prints it; without a space where the campaign file has none for it any more.
std::string printed_id(const std::vector<std::string>& spaces, const TaskRecord& task) {
  const bool placed = task.outside == Outside::kNo || task.outside == Outside::kOtherSettings;
  const std::size_t space = task.task.stratum.space;
  return placed && space < spaces.size() ? spaces[space] + "-" + task.short_id : task.short_id;
}

std::string list_text(const std::vector<std::string>& spaces, const std::vector<TaskRecord>& tasks) {
  std::vector<std::string> lines;
  for (const TaskRecord& task : tasks) {
    if (lines.size() == kMostListed) {
      lines.push_back(fmt::format("and {} more", tasks.size() - kMostListed));
      break;
    }
    lines.push_back(fmt::format("{} ({}, {})", printed_id(spaces, task), task.task.formula, name_of(task.state)));
  }
  return fmt::format("{}", fmt::join(lines, ", "));
}

}  // namespace

TaskRecord find_task(const CampaignStore& store, const std::string& id) {
  const std::vector<std::string> spaces = space_names(store);
  const auto dash = id.rfind('-');
  const std::string digits = dash == std::string::npos ? id : id.substr(dash + 1);
  std::vector<TaskRecord> found, elsewhere;  // in another space than the id says
  for (TaskRecord& task : store.tasks({.round = {}, .states = {}, .outside = true})) {
    const std::string printed = printed_id(spaces, task);
    if (id == printed || id == task.short_id || id == task.task.key) return task;
    if (id.empty()) continue;
    const bool placed = printed != task.short_id;
    const bool of_digits = !digits.empty() && (task.task.key.starts_with(digits));
    const bool of_space = placed && dash != std::string::npos && printed.starts_with(id.substr(0, dash + 1));
    if (printed.starts_with(id) || task.task.key.starts_with(id) || (of_digits && (of_space || !placed))) {
      found.push_back(std::move(task));
    } else if (of_digits) {
      elsewhere.push_back(std::move(task));
    }
  }
  if (found.size() == 1) return found.front();
  if (found.size() > 1)
    throw InputError(
        fmt::format("{}: several tasks begin like this: {}; give more digits", id, list_text(spaces, found)));
  if (!elsewhere.empty())
    throw InputError(
        fmt::format("{}: no task has this id; of these digits there is {}", id, list_text(spaces, elsewhere)));
  throw InputError(fmt::format("{}: no task has this id", id));
}

}  // namespace hullscan
