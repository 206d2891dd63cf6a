#include "scheduler/task_packer.hpp"

#include <fmt/format.h>

#include <set>

#include "core/log.hpp"
#include "scheduler/executors/run_script.hpp"
#include "storage/campaign_facts.hpp"
#include "storage/crash_point.hpp"
#include "storage/task_archive.hpp"

namespace hullscan {
namespace {

namespace fs = std::filesystem;

/// So many together: to note how far it has come is a transaction.
constexpr std::size_t kTogether = 16;

}  // namespace

void TaskPacker::begin() {
  if (begun_) return;
  begun_ = true;
  const auto packed = recall_packed_event(store_);
  if (!packed) {
    remember_packed_event(store_, store_.last_event());
    return;
  }
  for (std::string& key : store_.tasks_ended_after(*packed)) ended_.push_back(std::move(key));
  pack();
}

void TaskPacker::ended(const std::string& key) {
  ended_.push_back(key);
  if (ended_.size() >= kTogether) pack();
}

void TaskPacker::pack() {
  if (ended_.empty()) return;
  const std::int64_t event = store_.last_event();
  for (const std::string& key : ended_) pack(key);
  ended_.clear();
  HULLSCAN_CRASH_POINT("pack.all");
  remember_packed_event(store_, event);
}

void TaskPacker::pack(const std::string& key) {
  const fs::path task = directory_ / "tasks" / key;
  const auto record = store_.task(key);
  if (!record || !is_final(record->state)) return;  // somebody wants another try
  std::set<fs::path> open;
  if (!record->attempts.empty()) {
    const int last = record->result ? record->result->attempt : record->attempts.back().number;
    for (const std::string& name : code_.info().files_to_open) open.insert(fs::path(std::to_string(last)) / name);
  }
  std::error_code absent;
  const auto stays = [&](const fs::path& relative) {
    return open.contains(relative) ||
           (jobs_outlive_us_ && !fs::exists(task / *relative.begin() / kExitCodeFile, absent));
  };
  try {
    pack_task(task, stays);
  } catch (const Error& error) {
    if (!warned_) log_warning(fmt::format("{}; its files stay as they are", error.what()));
    warned_ = true;
  }
}

void TaskPacker::open(const std::string& key) const {
  const fs::path task = directory_ / "tasks" / key;
  try {
    unpack_task(task);
  } catch (const StorageError& error) {
    for (int n = 1;; ++n) {
      const fs::path aside = task / fmt::format("attempts.damaged-{}.zip", n);
      std::error_code none;
      if (fs::exists(aside, none)) continue;
      fs::rename(task / kTaskArchive, aside, none);
      if (none) throw;
      log_warning(fmt::format("{}; it is kept as {}, and the calculation goes on without it", error.what(),
                              aside.filename().string()));
      return;
    }
  }
}

}  // namespace hullscan
