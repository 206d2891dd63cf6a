#include "scheduler/executors/detail/control_group.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <charconv>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>

#include "scheduler/executors/detail/process_table.hpp"

namespace hullscan::detail {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kName = "hullscan-";  ///< "hullscan-PID-START-NUMBER"

/// "0::/user.slice/x.scope" -> "/user.slice/x.scope"
std::string own_path() {
  std::ifstream file("/proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("0::")) return line.substr(3);
  }
  return "";
}

/// The directory of the group that this process is in; empty where no tree of version 2 is mounted.
fs::path own_directory() {
  const std::string path = own_path();
  if (path.empty() || path.find("..") != std::string::npos) return {};
  std::ifstream mounts("/proc/self/mountinfo");
  for (std::string line; std::getline(mounts, line);) {
    if (line.find(" - cgroup2 ") == std::string::npos) continue;
    std::istringstream fields(line);
    std::string skipped, root, point;
    fields >> skipped >> skipped >> skipped >> root >> point;
    const std::string below = root == "/" ? path : path.starts_with(root) ? path.substr(root.size()) : path;
    std::error_code error;
    const fs::path directory = point + (below == "/" ? "" : below);
    if (fs::exists(directory / "cgroup.procs", error)) return directory;
  }
  return {};
}

std::vector<int> processes_in(const fs::path& directory) {
  std::vector<int> found;
  std::ifstream file(directory / "cgroup.procs");
  for (int pid = 0; file >> pid;) found.push_back(pid);
  return found;
}

void kill_all(const fs::path& directory) { std::ofstream(directory / "cgroup.kill") << "1"; }

bool made_by_the_living(const std::string& name) {
  int pid = 0;
  std::uint64_t start = 0;
  const char* const end = name.data() + name.size();
  const auto first = std::from_chars(name.data() + kName.size(), end, pid);
  if (first.ec != std::errc{} || first.ptr == end) return true;  // not a name of ours
  if (std::from_chars(first.ptr + 1, end, start).ec != std::errc{}) return true;
  const auto process = process_of(pid);
  return process && process->lives() && process->id.start == start;
}

}  // namespace

ControlGroup::ControlGroup(fs::path directory, int entrance) : directory_(std::move(directory)), entrance_(entrance) {}

ControlGroup::~ControlGroup() {
  ::close(entrance_);
  ::rmdir(directory_.c_str());
}

std::unique_ptr<ControlGroup> ControlGroup::make() {
  static int number = 0;
  const fs::path own = own_directory();
  const auto self = process_of(::getpid());
  if (own.empty() || !self) return nullptr;
  const fs::path directory = own / fmt::format("{}{}-{}-{}", kName, self->id.pid, self->id.start, number++);
  std::error_code error;
  if (!fs::create_directory(directory, error) || error) return nullptr;
  const int entrance = ::open((directory / "cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC);
  if (entrance < 0) {
    ::rmdir(directory.c_str());
    return nullptr;
  }
  return std::unique_ptr<ControlGroup>(new ControlGroup(directory, entrance));
}

std::vector<int> ControlGroup::processes() const { return processes_in(directory_); }

void ControlGroup::kill() const { kill_all(directory_); }

std::vector<int> sweep_control_groups() {
  std::vector<int> ended;
  const fs::path own = own_directory();
  if (own.empty()) return ended;
  std::error_code error;
  for (fs::directory_iterator entry(own, error), last; !error && entry != last; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (!name.starts_with(kName) || made_by_the_living(name)) continue;
    for (const int pid : processes_in(entry->path())) ended.push_back(pid);
    kill_all(entry->path());
    ::rmdir(entry->path().c_str());
  }
  return ended;
}

}  // namespace hullscan::detail
