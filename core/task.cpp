#include "core/task.hpp"

#include <algorithm>
#include <initializer_list>

#include "core/errors.hpp"
#include "core/overloaded.hpp"

namespace hullscan {
namespace {

TaskState move(TaskState state, std::initializer_list<TaskState> from, TaskState to, std::string_view fact) {
  if (std::find(from.begin(), from.end(), state) != from.end()) return to;
  throw Error("a task that is " + std::string(name_of(state)) + " cannot be " + std::string(fact));
}

}  // namespace

std::string_view name_of(TaskState state) {
  switch (state) {
    case TaskState::kSelected:
      return "selected";
    case TaskState::kPrepared:
      return "prepared";
    case TaskState::kRunning:
      return "running";
    case TaskState::kConverged:
      return "converged";
    case TaskState::kRetrying:
      return "retrying";
    case TaskState::kFailed:
      return "failed";
    case TaskState::kAbandoned:
      return "abandoned";
    case TaskState::kContinuing:
      return "continuing";
  }
  return "unknown";
}

bool is_final(TaskState state) {
  return state == TaskState::kConverged || state == TaskState::kFailed || state == TaskState::kAbandoned;
}

std::string_view name_of(const TaskFact& fact) {
  return std::visit(Overloaded{
                        [](const TaskPrepared&) { return "prepared"; },
                        [](const TaskStarted&) { return "started"; },
                        [](const TaskAccepted&) { return "accepted"; },
                        [](const TaskRefused&) { return "refused"; },
                        [](const TaskLost&) { return "lost"; },
                        [](const TaskAbandoned&) { return "abandoned"; },
                        [](const TaskRetryAsked&) { return "retry asked"; },
                        [](const TaskStepDone&) { return "step done"; },
                    },
                    fact);
}

TaskState next_state(TaskState state, const TaskFact& fact) {
  using enum TaskState;
  return std::visit(Overloaded{
                        [&](const TaskPrepared&) {
                          return move(state, {kSelected, kRetrying, kContinuing}, kPrepared, "prepared");
                        },
                        [&](const TaskStarted&) { return move(state, {kPrepared}, kRunning, "started"); },
                        [&](const TaskAccepted&) {
                          return move(state, {kPrepared, kRunning}, kConverged, "accepted");
                        },
                        [&](const TaskRefused& refused) {
                          return move(state, {kPrepared, kRunning}, refused.retry ? kRetrying : kFailed, "refused");
                        },
                        [&](const TaskLost&) {
                          return move(state, {kPrepared, kRunning}, kRetrying, "lost");
                        },
                        [&](const TaskAbandoned&) {
                          return move(state, {kSelected, kPrepared, kRunning, kRetrying, kFailed, kContinuing},
                                      kAbandoned, "abandoned");
                        },
                        [&](const TaskRetryAsked&) {
                          return move(state, {kFailed, kAbandoned}, kRetrying, "retried");
                        },
                        [&](const TaskStepDone&) {
                          return move(state, {kPrepared, kRunning}, kContinuing, "continued");
                        },
                    },
                    fact);
}

}  // namespace hullscan
