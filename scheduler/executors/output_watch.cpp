#include "scheduler/executors/output_watch.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

namespace hullscan {

namespace fs = std::filesystem;

OutputWatch::OutputWatch(fs::path directory, double stall_s)
    : directory_(std::move(directory)), stall_s_(stall_s), changed_(Clock::now()), next_look_(changed_) {}

void OutputWatch::begin_again() { changed_ = Clock::now(); }

bool OutputWatch::stalled() {
  if (stall_s_ <= 0) return false;
  const auto now = Clock::now();
  if (now >= next_look_) {
    next_look_ = now + std::chrono::milliseconds(static_cast<long>(1000 * std::min(60.0, stall_s_ / 20)));
    const Trace seen = trace();
    if (seen != last_) {
      last_ = seen;
      changed_ = now;
    }
  }
  return std::chrono::duration<double>(now - changed_).count() > stall_s_;
}

OutputWatch::Trace OutputWatch::trace() const {
  constexpr int kMostFiles = 20'000;
  std::uint64_t files = 0, bytes = 0;
  std::int64_t latest = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(directory_, fs::directory_options::skip_permission_denied, error), last;
       !error && entry != last && files < kMostFiles; entry.increment(error)) {
    std::error_code gone;  // it may be deleted while we look
    if (!entry->is_regular_file(gone)) continue;
    ++files;
    const auto size = entry->file_size(gone);
    if (!gone) bytes += size;
    const auto written = entry->last_write_time(gone);
    if (!gone) latest = std::max<std::int64_t>(latest, written.time_since_epoch().count());
  }
  return {files, bytes, latest};
}

}  // namespace hullscan
