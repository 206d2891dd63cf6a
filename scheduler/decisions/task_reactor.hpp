/// @file
/// What becomes of a DFT task: pure decisions about starting, accepting, correcting, retrying and failing.
/// The loop around it stores the fact first and acts second; every action may be repeated.
#pragma once

#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/dft.hpp"
#include "core/task.hpp"
#include "dft_adapters/dft_code.hpp"

namespace hullscan {

/// A task that is not final, as the store knows it.
struct OpenTask {
  std::string key;
  TaskState state = TaskState::kSelected;
  int attempts = 0;                ///< so far
  int losses = 0;                  ///< attempts that ended because hullscan or the machine did
  int losses_now = 0;              ///< those of this process
  int kills_now = 0;               ///< of them, those by somebody's signal
  int spent = 0;                   ///< attempts, losses not counted, of the steps that are done
  DftSettings asked;               ///< the task's own, from which its steps follow
  DftSettings settings;            ///< of the next attempt
  std::vector<std::string> tried;  ///< corrections of this step so far, oldest first
  int memory_doublings = 0;        ///< the next attempt may use 2^n times the memory
  std::string handler;             ///< the correction the next attempt makes; "" for none
  std::string explanation;
  std::optional<Structure> start_from;  ///< last structure of a failed attempt, where a correction asked for it
  double relative_cost = 1;
};

// Events.
struct SlotsFree {
  int count = 0;
  double largest_cost = std::numeric_limits<double>::infinity();  ///< relative cost that still fits into the time left
};
struct AttemptEnded {
  std::string key;
  int attempt = 1;
  DftOutcome outcome;
  bool needs_memory = false;  ///< it ran out of memory, and there is more to be had
};
/// It failed, and the calculation is not to blame.
struct AttemptLost {
  std::string key;
  int attempt = 1;
  std::string reason;
  bool killed = false;  ///< by a signal that hullscan did not send: perhaps for something that the task does itself
};
using DftEvent = std::variant<SlotsFree, AttemptEnded, AttemptLost>;

// Actions, in the order they must be done.
struct StoreFact {
  std::string key;
  TaskFact fact;
};
struct AcceptResult {
  std::string key;
  int attempt = 1;
  DftConverged result;
};
/// A step has converged and another follows: what came of it is kept, and the next begins in its structure.
struct FinishStep {
  std::string key;
  int attempt = 1;
  DftConverged result;
  std::string next;  ///< name of the step that follows
};
struct BeginAttempt {
  std::string key;
  int attempt = 1;
  DftSettings settings;
  std::string handler, explanation;  ///< what differs from the attempt before, for the record
  std::optional<Structure> start_from;
  int memory_doublings = 0;
};
/// Something is wrong with the machine or the installation, not with a task.
struct StopCampaign {
  std::string reason;
};
using TaskAction = std::variant<StoreFact, AcceptResult, FinishStep, BeginAttempt, StopCampaign>;

/// Begins the names of the corrections that ask the batch system for more memory; those of codes begin otherwise.
inline constexpr const char* kMoreMemory = "more-memory";

struct RetryLimits {
  int attempts = 6;  ///< of one step of a task, losses not counted
  int losses = 5;    ///< of one task, in this process of hullscan
  int kills = 3;     ///< of them, by somebody's signal
  int memory_doublings = 2;
  int environment_failures = 3;  ///< in a row, over all tasks; then the campaign stops
};

/// The same with twice the memory. @param doublings before. Nothing if those were as many as there may be.
std::optional<Correction> more_memory(const DftSettings& settings, int doublings, const RetryLimits& limits = {});

using Corrector = std::function<std::optional<Correction>(const DftFailure&, const DftSettings&,
                                                          const std::vector<std::string>& tried)>;

struct NextStep {
  DftStep step;
  double relative_cost = 1;
};
/// @returns nothing where the attempt was the task's last step.
using Stepper =
    std::function<std::optional<NextStep>(const DftSettings& asked, const DftSettings& done, const Structure& relaxed)>;

class TaskReactor {
 public:
  /// @param stepper empty: every task is one step.
  TaskReactor(std::vector<OpenTask> tasks, Corrector corrector, RetryLimits limits = {}, Stepper stepper = {});

  std::vector<TaskAction> handle(const DftEvent& event);
  /// A task more; nothing happens if it is final or known already.
  void add(OpenTask task);
  [[nodiscard]] bool finished() const { return tasks_.empty(); }
  /// Attempts begun and not ended.
  [[nodiscard]] std::size_t under_way() const { return tasks_.size() - waiting_.size(); }
  [[nodiscard]] std::size_t open() const { return tasks_.size(); }

 private:
  void begin_attempts(const SlotsFree& free, std::vector<TaskAction>& actions);
  void ended(const AttemptEnded& event, std::vector<TaskAction>& actions);
  void converged(OpenTask& task, const AttemptEnded& event, const DftConverged& result,
                 std::vector<TaskAction>& actions);
  void lost(const AttemptLost& event, std::vector<TaskAction>& actions);
  void stop_if_machine_is_broken(const std::string& reason, std::vector<TaskAction>& actions) const;

  void wait(const OpenTask& task) { waiting_.emplace(-task.relative_cost, task.key); }
  void forget(const std::string& key);

  std::map<std::string, OpenTask> tasks_;
  std::set<std::pair<double, std::string>> waiting_;  ///< (-cost, key) of those that are to begin: the longest first
  Corrector corrector_;
  RetryLimits limits_;
  Stepper stepper_;
  int environment_failures_ = 0;
};

}  // namespace hullscan
