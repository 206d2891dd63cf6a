#include "scheduler/executors/detail/process_table.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <memory>
#include <sstream>
#include <string_view>

namespace hullscan::detail {
namespace {

/// At most `limit` bytes; "" if it cannot be read.
std::string contents_of(const std::string& file, std::size_t limit) {
  const int number = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (number < 0) return "";
  std::string text;
  std::array<char, 4096> buffer{};
  ssize_t got = 0;
  while (text.size() < limit && (got = ::read(number, buffer.data(), buffer.size())) > 0)
    text.append(buffer.data(), static_cast<std::size_t>(got));
  ::close(number);
  return text;
}

/// The environment a program was started with, as /proc has it: "NAME=value\0NAME=value\0".
std::string mark_of(int pid) {
  constexpr std::size_t kLongest = std::size_t{1} << 22;
  const std::string text = contents_of("/proc/" + std::to_string(pid) + "/environ", kLongest);
  const std::string name = std::string(kCalculationMark) + "=";
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\0', begin), text.size());
    const std::string_view variable(text.data() + begin, end - begin);
    if (variable.starts_with(name)) return std::string(variable.substr(name.size()));
    begin = end + 1;
  }
  return "";
}

}  // namespace

std::optional<Process> process_of(int pid) {
  const std::string line = contents_of("/proc/" + std::to_string(pid) + "/stat", 4096);
  // The name may hold blanks and brackets, so fields are counted after the last bracket.
  const auto open = line.find('('), close = line.rfind(')');
  if (open == std::string::npos || close == std::string::npos || close < open) return std::nullopt;
  std::istringstream fields(line.substr(close + 1));
  Process process;
  process.name = line.substr(open + 1, close - open - 1);
  process.id.pid = pid;
  std::string skipped;
  fields >> process.state >> process.parent >> process.group >> process.session;
  for (int i = 0; i < 15; ++i) fields >> skipped;
  fields >> process.id.start;
  if (!fields) return std::nullopt;
  return process;
}

std::filesystem::path current_directory_of(int pid) {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/" + std::to_string(pid) + "/cwd", error);
}

std::optional<std::vector<int>> children_of_this_process() {
  std::vector<int> children;
  std::error_code error;
  for (std::filesystem::directory_iterator thread("/proc/self/task", error), last; !error && thread != last;
       thread.increment(error)) {
    std::ifstream file(thread->path() / "children");
    if (!file) return std::nullopt;
    for (int pid = 0; file >> pid;) children.push_back(pid);
  }
  return children;
}

const std::vector<Process>& ProcessTable::look() {
  processes_.clear();
  std::map<ProcessId, std::string> marks;
  struct Close {
    void operator()(DIR* folder) const noexcept { ::closedir(folder); }
  };
  const std::unique_ptr<DIR, Close> folder(::opendir("/proc"));
  while (const dirent* entry = folder ? ::readdir(folder.get()) : nullptr) {
    const std::string_view name = entry->d_name;
    int pid = 0;
    const auto parsed = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (parsed.ec != std::errc{} || parsed.ptr != name.data() + name.size()) continue;
    auto process = process_of(pid);
    if (!process) continue;  // it has just ended
    const auto known = marks_.find(process->id);
    process->mark = known != marks_.end() ? known->second : process->lives() ? mark_of(pid) : "";
    marks.emplace(process->id, process->mark);
    processes_.push_back(std::move(*process));
  }
  marks_ = std::move(marks);
  return processes_;
}

}  // namespace hullscan::detail
