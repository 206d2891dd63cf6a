/// @file
/// The processes of one calculation: whatever descends from the first, also with a group or a session of its own and
/// after the one between has gone (OpenMPI gives every rank a group; a daemon forks twice). Internal to scheduler.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "scheduler/executors/detail/child_process.hpp"
#include "scheduler/executors/detail/control_group.hpp"
#include "scheduler/executors/detail/process_table.hpp"

namespace hullscan::detail {

class ProcessFamily {
 public:
  /// @param first leads a group of its own. @param mark what its descendants have in their environment; "" = none.
  /// @param group where the kernel keeps them together, if it does.
  explicit ProcessFamily(const Process& first, std::string mark, std::unique_ptr<ControlGroup> group = nullptr);

  /// Takes in who belongs to it: those with the mark, in the control group, children of members, members of groups and
  /// sessions that members lead; and who ever was. Forgets who has gone.
  void follow(const std::vector<Process>& all);
  /// One more, of whom nothing else tells that it belongs here.
  void adopt(const Process& process);

  /// By the last look, without those that wait to be reaped.
  [[nodiscard]] const std::vector<Process>& living() const { return living_; }
  [[nodiscard]] bool contains(const ProcessId& id) const { return members_.contains(id); }
  /// To all that live by the last look. Nobody else is hit, even if a process id has been given away meanwhile.
  void signal(EndSignal signal) const;
  /// Resident memory, MB. What several of them share is counted once if the sum without that exceeds `limit_mb`.
  [[nodiscard]] double memory_mb(double limit_mb) const;

 private:
  std::string mark_;
  std::unique_ptr<ControlGroup> group_;
  std::set<ProcessId> members_;
  std::set<int> led_;  ///< ids of groups and sessions that members lead or led
  std::vector<Process> living_;
};

/// "sleep (process 17), pw.x (process 18)", the first few.
std::string names_of(const std::vector<Process>& processes);

/// KILL, again and again as new ones appear, until none lives or `patience_s` is over. @returns whether none lives.
bool end_family(ProcessFamily& family, ProcessTable& table, double patience_s);

}  // namespace hullscan::detail
