/// @file
/// Child processes by fork and exec: each leads a process group of its own and dies with its parent.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/processes/child_environment.hpp"

namespace hullscan {

/// A file descriptor that is closed when it goes.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    close();
    number_ = std::exchange(other.number_, -1);
    return *this;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(); }
  [[nodiscard]] int number() const { return number_; }
  void close();

 private:
  int number_;
};

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
  /// Descriptors that become its standard input, output and error instead of /dev/null and the files; -1: those.
  int standard_input = -1, standard_output = -1, standard_error = -1;
};

/// @returns the process id, which is the group's id too; the program runs already. Without another wish its standard
/// input is /dev/null; no other file descriptor and no signal setting is inherited. The child is killed when the
/// calling THREAD ends.
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

}  // namespace hullscan
