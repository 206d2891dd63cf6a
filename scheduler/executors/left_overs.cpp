#include "scheduler/executors/left_overs.hpp"

#include <unistd.h>

#include <cstdlib>
#include <set>
#include <vector>

#include "core/log.hpp"
#include "scheduler/executors/detail/process_family.hpp"

namespace hullscan {
namespace {

namespace fs = std::filesystem;

bool lies_below(const std::string& path, const std::string& folder) {
  return path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
}

/// This process and those that started it: they are not calculations of ours, whatever they have inherited.
std::set<int> own_line() {
  std::set<int> line;
  for (int pid = ::getpid(); pid > 1 && line.insert(pid).second;) {
    const auto process = detail::process_of(pid);
    pid = process ? process->parent : 0;
  }
  return line;
}

}  // namespace

std::string end_left_overs(const fs::path& campaign_directory) {
  std::error_code error;
  const std::string folder = fs::canonical(campaign_directory, error).string();
  if (error) return "";
  const char* own = std::getenv(detail::kCalculationMark);
  const std::string own_mark = own == nullptr ? "" : own;  // a hullscan inside a calculation of another one
  const std::set<int> line = own_line();
  detail::ProcessTable table;
  std::string names;
  bool gone = true;
  const std::vector<detail::Process> all = table.look();  // a copy: ending them looks again
  for (const detail::Process& process : all) {
    if (process.mark.empty() || process.mark == own_mark || !process.lives() || line.contains(process.id.pid)) continue;
    if (!lies_below(process.mark, folder) && !lies_below(detail::current_directory_of(process.id.pid).string(), folder))
      continue;
    detail::ProcessFamily family(process, process.mark);
    family.follow(table.look());
    if (family.living().empty()) continue;  // ended with one before
    names += (names.empty() ? "" : ", ") + detail::names_of(family.living());
    gone = detail::end_family(family, table, 5) && gone;
  }
  // What has neither the mark nor a parent of ours any more.
  std::vector<detail::Process> others;
  for (const int pid : detail::sweep_control_groups()) {
    if (const auto process = detail::process_of(pid)) others.push_back(*process);
  }
  if (!others.empty()) names += (names.empty() ? "" : ", ") + detail::names_of(others);
  if (!gone) log_error("processes that an earlier hullscan left running cannot be ended: " + names);
  return names;
}

}  // namespace hullscan
