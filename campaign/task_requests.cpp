#include "campaign/task_requests.hpp"

#include <fmt/format.h>

#include <utility>

#include "campaign/task_by_id.hpp"
#include "core/errors.hpp"
#include "scheduler/executors/executor_kind.hpp"
#include "scheduler/executors/run_script.hpp"
#include "storage/campaign_lock.hpp"
#include "storage/campaign_store.hpp"
#include "storage/durable_file.hpp"
#include "storage/instant_now.hpp"

namespace hullscan {

TaskRecord retry_task(const std::filesystem::path& directory, const std::string& id) {
  CampaignLock lock(directory);
  CampaignStore store = CampaignStore::open_existing(directory);
  TaskRecord task = find_task(store, id);
  if (task.state != TaskState::kFailed && task.state != TaskState::kAbandoned) {
    throw InputError(fmt::format("{}: is {}; only a failed task can be tried again", id, name_of(task.state)));
  }
  store.record(task.task.key, TaskRetryAsked{"asked on the command line"}, instant_now());
  return task;
}

AbandonedTask abandon_task(const std::filesystem::path& directory, const std::string& id) {
  CampaignLock lock(directory);
  CampaignStore store = CampaignStore::open_existing(directory);
  AbandonedTask abandoned{find_task(store, id), {}};
  const TaskRecord& task = abandoned.task;
  if (task.state == TaskState::kConverged || task.state == TaskState::kAbandoned) {
    throw InputError(fmt::format("{}: is {}; there is nothing to give up", id, name_of(task.state)));
  }
  store.record(task.task.key, TaskAbandoned{"asked on the command line"}, instant_now());
  if (task.attempts.empty()) return abandoned;
  const AttemptRecord& attempt = task.attempts.back();
  std::error_code none;
  if (std::filesystem::is_directory(directory / attempt.directory, none))
    write_durably(directory / attempt.directory / kSupersededFile, "abandoned\n");
  for (const ExecutorKind* kind : executor_kinds()) {
    if (attempt.ended || kind->how_to_cancel == nullptr) continue;
    if (std::string how = kind->how_to_cancel(attempt.job); !how.empty())
      abandoned.how_to_cancel.push_back(std::move(how));
  }
  return abandoned;
}

}  // namespace hullscan
