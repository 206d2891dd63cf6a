#include "scheduler/decisions/task_reactor.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/overloaded.hpp"

namespace hullscan {

std::optional<Correction> more_memory(const DftSettings& settings, int doublings, const RetryLimits& limits) {
  if (doublings >= limits.memory_doublings) return std::nullopt;
  return Correction{fmt::format("{}-{}", kMoreMemory, doublings + 1), "twice the memory", settings, false};
}

TaskReactor::TaskReactor(std::vector<OpenTask> tasks, Corrector corrector, RetryLimits limits, Stepper stepper)
    : corrector_(std::move(corrector)), limits_(limits), stepper_(std::move(stepper)) {
  for (OpenTask& task : tasks) add(std::move(task));
}

void TaskReactor::add(OpenTask task) {
  if (is_final(task.state)) return;
  const std::string key = task.key;
  const auto [added, is_new] = tasks_.try_emplace(key, std::move(task));
  const bool under_way = added->second.state == TaskState::kPrepared || added->second.state == TaskState::kRunning;
  if (is_new && !under_way) wait(added->second);
}

std::vector<TaskAction> TaskReactor::handle(const DftEvent& event) {
  std::vector<TaskAction> actions;
  std::visit(Overloaded{
                 [&](const SlotsFree& slots) { begin_attempts(slots, actions); },
                 [&](const AttemptEnded& attempt) { ended(attempt, actions); },
                 [&](const AttemptLost& attempt) { lost(attempt, actions); },
             },
             event);
  return actions;
}

void TaskReactor::begin_attempts(const SlotsFree& free, std::vector<TaskAction>& actions) {
  // The longest first: the shortest makespan a simple rule gives (Graham, SIAM J. Appl. Math. 17, 416 (1969)).
  auto next = waiting_.lower_bound({-free.largest_cost, ""});
  for (int slots = free.count; slots > 0 && next != waiting_.end(); --slots) {
    OpenTask* const task = &tasks_.at(next->second);
    next = waiting_.erase(next);
    const int attempt = ++task->attempts;
    task->state = next_state(task->state, TaskPrepared{attempt});
    actions.push_back(BeginAttempt{task->key, attempt, task->settings, task->handler, task->explanation,
                                   task->start_from, task->memory_doublings});
  }
}

void TaskReactor::forget(const std::string& key) {
  const auto found = tasks_.find(key);
  waiting_.erase({-found->second.relative_cost, key});
  tasks_.erase(found);
}

void TaskReactor::ended(const AttemptEnded& event, std::vector<TaskAction>& actions) {
  const auto found = tasks_.find(event.key);
  if (found == tasks_.end()) return;  // said before; nothing to add
  OpenTask& task = found->second;
  if (const auto* result = std::get_if<DftConverged>(&event.outcome)) return converged(task, event, *result, actions);
  const auto& failure = std::get<DftFailure>(event.outcome);
  environment_failures_ = failure.failure_class == FailureClass::kEnvironment ? environment_failures_ + 1 : 0;

  const auto step = task.settings.values.find(kStepKey);
  const std::string reason = fmt::format("{}{}: {}", step == task.settings.values.end() ? "" : step->second + ": ",
                                         name_of(failure.kind), failure.reason);
  if (failure.failure_class == FailureClass::kEnvironment) {
    // Nothing is wrong with the task: it is tried again, elsewhere or once the machine is mended.
    const std::string key = event.key;
    lost(AttemptLost{key, event.attempt, reason}, actions);
    stop_if_machine_is_broken(reason, actions);
    return;
  }
  std::optional<Correction> correction;
  if (task.attempts - task.losses - task.spent < limits_.attempts) {
    correction = event.needs_memory ? more_memory(task.settings, task.memory_doublings, limits_)
                                    : corrector_(failure, task.settings, task.tried);
  }
  if (correction) {
    actions.push_back(
        StoreFact{event.key, TaskRefused{event.attempt, reason + "; next: " + correction->explanation, true}});
    task.state = TaskState::kRetrying;
    task.settings = correction->settings;
    task.tried.push_back(correction->handler);
    task.handler = correction->handler;
    task.explanation = correction->explanation;
    if (event.needs_memory) ++task.memory_doublings;
    task.start_from = correction->from_last_structure ? failure.last_structure : std::nullopt;
    wait(task);
  } else {
    actions.push_back(StoreFact{event.key, TaskRefused{event.attempt, reason, false}});
    forget(event.key);
  }
}

void TaskReactor::converged(OpenTask& task, const AttemptEnded& event, const DftConverged& result,
                            std::vector<TaskAction>& actions) {
  environment_failures_ = 0;
  const auto next = stepper_ ? stepper_(task.asked, task.settings, result.structure) : std::nullopt;
  if (!next) {
    actions.push_back(AcceptResult{event.key, event.attempt, result});
    forget(event.key);
    return;
  }
  actions.push_back(FinishStep{event.key, event.attempt, result, next->step.name});
  task.state = TaskState::kContinuing;
  task.spent = task.attempts - task.losses;
  task.settings = next->step.settings;
  waiting_.erase({-task.relative_cost, task.key});  // of an end that is said twice
  task.relative_cost = next->relative_cost;
  task.tried.clear();
  task.handler.clear();
  task.explanation = next->step.name;
  task.start_from.reset();  // the structure of the step that is done
  wait(task);
}

void TaskReactor::stop_if_machine_is_broken(const std::string& reason, std::vector<TaskAction>& actions) const {
  if (environment_failures_ < limits_.environment_failures) return;
  actions.push_back(StopCampaign{fmt::format(
      "{} calculations in a row failed because of the machine, the last with: {}", environment_failures_, reason)});
}

void TaskReactor::lost(const AttemptLost& event, std::vector<TaskAction>& actions) {
  const auto found = tasks_.find(event.key);
  if (found == tasks_.end()) return;
  OpenTask& task = found->second;
  ++task.losses;
  if (event.killed) ++task.kills_now;
  if (++task.losses_now > limits_.losses || task.kills_now > limits_.kills) {
    actions.push_back(StoreFact{
        event.key,
        TaskRefused{event.attempt,
                    fmt::format("lost {} times, the last: {}; hullscan tasks DIR --retry {} lets it be tried again",
                                task.losses_now, event.reason, event.key.substr(0, 8)),
                    false}});
    forget(event.key);
    return;
  }
  actions.push_back(StoreFact{event.key, TaskLost{event.attempt, event.reason}});
  task.state = TaskState::kRetrying;
  wait(task);
}

}  // namespace hullscan
