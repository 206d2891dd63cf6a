/// @file
/// Child processes by fork and exec: each leads a process group of its own and dies with its parent. Internal to
/// scheduler.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "scheduler/executors/child_environment.hpp"

namespace hullscan::detail {

/// A compiled program rather than a script.
bool is_machine_code(const std::filesystem::path& program);

/// The environment of this process.
Environment own_environment();

struct ChildSpec {
  std::filesystem::path program;
  std::vector<std::string> command;  ///< argv, the program's name first
  Environment environment;
  std::filesystem::path directory;
  std::filesystem::path stdout_file;
  std::filesystem::path stderr_file;
  int control_group = -1;  ///< a ControlGroup's entrance, if it is to join one
};

/// @returns the process id, which is the group's id too; the program runs already. Standard input is /dev/null, no
/// other file descriptor and no signal setting is inherited. The child is killed when the calling THREAD ends.
/// @throws TransportError if the program does not come to run.
int start_child(const ChildSpec& spec);

/// If the child has ended: kills what it left in its group, reaps it and says how it ended (128 + signal for a
/// signal). With `wait`, waits for the end.
std::optional<int> reap_child(int pid, bool wait);
/// Whether it has; it stays to be reaped, and its id is nobody else's until then.
bool child_has_ended(int pid);

enum class EndSignal { kTerminate, kKill };
/// To the whole group. Nothing happens if it is gone.
void signal_group(int pid, EndSignal signal);

std::string this_host();

/// "pid:start@host": two processes never share it, even when the process id is used again.
std::string job_name(int pid);
/// The process id of a job of this host whose process or group still exists; nothing for a zombie or a stranger.
std::optional<int> living_pid(const std::string& job);

}  // namespace hullscan::detail
