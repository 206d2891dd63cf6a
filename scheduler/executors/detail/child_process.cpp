#include "scheduler/executors/detail/child_process.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "scheduler/executors/detail/process_table.hpp"

namespace hullscan::detail {
namespace {

bool group_has_living_members(int group) {
  ProcessTable table;
  const auto& all = table.look();
  return std::any_of(all.begin(), all.end(),
                     [&](const Process& process) { return process.group == group && process.lives(); });
}

}  // namespace

std::string this_host() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "localhost";
}

std::string job_name(int pid) {
  const auto process = process_of(pid);
  return std::to_string(pid) + ":" + (process ? std::to_string(process->id.start) : "0") + "@" + this_host();
}

std::optional<int> living_pid(const std::string& job) {
  const auto colon = job.find(':'), at = job.find('@');
  int pid = 0;
  const auto parsed = std::from_chars(job.data(), job.data() + std::min(colon, job.size()), pid);
  if (colon == std::string::npos || at == std::string::npos || at < colon || parsed.ec != std::errc{} || pid <= 1)
    return std::nullopt;
  if (job.substr(at + 1) != this_host()) return std::nullopt;
  const auto process = process_of(pid);
  if (process && std::to_string(process->id.start) != job.substr(colon + 1, at - colon - 1)) return std::nullopt;
  if (process && process->lives()) return pid;
  // The leader is gone, its children may not be; as long as one lives, the group's id stays theirs.
  return group_has_living_members(pid) ? std::optional(pid) : std::nullopt;
}

}  // namespace hullscan::detail
