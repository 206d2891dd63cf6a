/// @file
/// The course of a task (one DFT calculation), as states and the facts that move it. Stored names and numbers never
/// change.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace hullscan {

/// Numbers are stored and never reused.
enum class TaskState : int {
  kSelected = 1,    ///< a policy wants it
  kPrepared = 2,    ///< an attempt's directory with inputs exists, nothing was started
  kRunning = 3,     ///< a process or job is under way, or was when we were killed
  kConverged = 4,   ///< accepted; final
  kRetrying = 5,    ///< refused, another attempt will follow
  kFailed = 6,      ///< for good; final
  kAbandoned = 7,   ///< by a person; final
  kContinuing = 8,  ///< one step of several is done, the next will follow
};

std::string_view name_of(TaskState state);  ///< "selected", "prepared", …
[[nodiscard]] bool is_final(TaskState state);

// Facts, in the order of a task's course.
struct TaskPrepared {
  int attempt = 1;
};
struct TaskStarted {
  int attempt = 1;
  std::string job;
};  ///< process id or job id
struct TaskAccepted {
  int attempt = 1;
};
struct TaskRefused {
  int attempt = 1;
  std::string reason;
  bool retry = false;
};
struct TaskLost {
  int attempt = 1;
  std::string reason;
};  ///< hullscan or the machine died; tried again, not counted as a failure
struct TaskAbandoned {
  std::string reason;
};
struct TaskRetryAsked {
  std::string reason;
};  ///< by a person, of a failed task
struct TaskStepDone {
  int attempt = 1;
  std::string next;
};  ///< a step of several has converged; `next` follows, as a new attempt in what came of it
/// Begins the stored outcome of an attempt whose step is done.
inline constexpr const char* kStepDoneOutcome = "done; next: ";
using TaskFact = std::variant<TaskPrepared, TaskStarted, TaskAccepted, TaskRefused, TaskLost, TaskAbandoned,
                              TaskRetryAsked, TaskStepDone>;

std::string_view name_of(const TaskFact& fact);  ///< "prepared", "started", …
/// @throws Error if the fact cannot follow in this state: the log is damaged or the scheduler has a fault.
TaskState next_state(TaskState state, const TaskFact& fact);

}  // namespace hullscan
