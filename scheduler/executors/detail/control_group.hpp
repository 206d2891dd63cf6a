/// @file
/// A control group (cgroup v2) for the processes of one calculation, where the system lets us make one: as root, or in
/// a tree that was handed to the user ("systemd-run --user --scope"). No limits are set in it. Internal to scheduler.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

namespace hullscan::detail {

class ControlGroup {
 public:
  /// Below the group that this process is in. @returns nothing where that is not allowed.
  static std::unique_ptr<ControlGroup> make();
  ControlGroup(const ControlGroup&) = delete;
  ControlGroup& operator=(const ControlGroup&) = delete;
  ~ControlGroup();  ///< removes it if it is empty

  /// Where a process writes "0" to join; closed on exec.
  [[nodiscard]] int entrance() const { return entrance_; }
  [[nodiscard]] std::vector<int> processes() const;
  void kill() const;  ///< kernels before 5.14 do nothing

 private:
  ControlGroup(std::filesystem::path directory, int entrance);
  std::filesystem::path directory_;
  int entrance_;
};

/// Ends what is in the groups that dead processes made here, and removes them. @returns who was in them.
std::vector<int> sweep_control_groups();

}  // namespace hullscan::detail
