/// @file
/// One look at the processes of this machine, from /proc. Nothing is signalled here. Internal to scheduler.
#pragma once

#include <compare>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace hullscan::detail {

/// Every process of a calculation inherits this variable; its value is the calculation's directory.
inline constexpr const char* kCalculationMark = "HULLSCAN_CALCULATION";

/// Process ids are used again; together with the time of the start they are not.
struct ProcessId {
  int pid = 0;
  std::uint64_t start = 0;  ///< clock ticks since boot
  friend auto operator<=>(const ProcessId&, const ProcessId&) = default;
};

struct Process {
  ProcessId id;
  int parent = 0, group = 0, session = 0;
  char state = '?';    ///< as in proc(5): R, S, D, T, Z, …
  std::string name;    ///< of the program, cut at 15 characters
  std::string mark{};  ///< value of kCalculationMark; "" if it has none, or is not ours to look into

  /// It runs or could run; false for one that waits to be reaped.
  [[nodiscard]] bool lives() const { return state != 'Z' && state != 'X'; }
};

/// Without the mark. Nothing if there is no such process.
std::optional<Process> process_of(int pid);

/// Its current directory, under the name that it has now. Empty if that cannot be seen.
std::filesystem::path current_directory_of(int pid);

/// Those that have not been reaped included; cheap. Nothing where the kernel does not tell.
std::optional<std::vector<int>> children_of_this_process();

class ProcessTable {
 public:
  /// Reads every process anew; marks of those that the look before saw are kept.
  const std::vector<Process>& look();
  [[nodiscard]] const std::vector<Process>& all() const { return processes_; }  ///< as the last look saw them

 private:
  std::vector<Process> processes_;
  std::map<ProcessId, std::string> marks_;
};

}  // namespace hullscan::detail
