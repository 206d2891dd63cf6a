/// @file
/// Runs the DFT tasks of a campaign to their ends, round by round: writes inputs, starts attempts, judges outputs,
/// stores first.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dft_adapters/dft_code.hpp"
#include "scheduler/decisions/cost_model.hpp"
#include "scheduler/decisions/node_health.hpp"
#include "scheduler/decisions/task_reactor.hpp"
#include "scheduler/executors/executor.hpp"
#include "scheduler/pass_loop.hpp"
#include "scheduler/task_packer.hpp"
#include "storage/campaign_store.hpp"

namespace hullscan {

struct TaskProgress {
  std::map<TaskState, int> states;  ///< of the whole campaign
  double cost_done = 0;             ///< of the rounds under way, in the adapter's relative units
  double cost_total = 0;
  int ended = 0;  ///< tasks of these rounds that are final
  int tasks = 0;  ///< of these rounds
};

/// When TaskLoop::run may return.
enum class RunUntil {
  kAllEnded,
  kSlotIdle  ///< also when every task has begun, a slot is free, and at most half a round has not ended
};

/// What bounds the calculations of a campaign.
struct TaskLimits {
  double time_limit_s = 86400;           ///< of one attempt
  std::optional<double> stall_s;         ///< see RunSpec
  std::function<double()> seconds_left;  ///< until this run must have ended; empty: no end
  std::optional<double> max_core_hours;  ///< of all attempts of the campaign; then nothing more is started
  int node_failures = 3;                 ///< quick ones in a row on one machine; then it is avoided
  std::string hullscan_version;          ///< for the record
};

class TaskLoop {
 public:
  /// @param directory of the campaign. @param on_result called with every result right after it was stored.
  TaskLoop(const DftCode& code, CampaignStore& store, Executor& executor, std::filesystem::path directory,
           TaskLimits limits, StopRequested stop, std::function<void(const TaskProgress&)> on_progress,
           std::function<void(const std::string& key)> on_result);

  /// The tasks of this round, with what earlier calls left under way. Takes up attempts that an earlier process left: a
  /// complete one is judged, an incomplete one is lost and repeated. kStopped leaves nothing under way here.
  /// @throws TransportError if the installation does not let calculations run.
  LoopEnd run(int round, RunUntil until = RunUntil::kAllEnded);
  /// One look at what is under way: for whoever does something else between two calls of run(). Never waits.
  void look();
  /// Ends what is under way, so that it is repeated by the next process; a batch system keeps it.
  void leave();

 private:
  LoopEnd run_to(int round, RunUntil until);
  /// @returns how many tasks the round has.
  std::size_t take(int round);
  [[nodiscard]] OpenTask open_task(const TaskRecord& record) const;
  void take_up(const TaskRecord& record, const std::string& why_lost);
  void act(const std::vector<TaskAction>& actions);
  void begin(const BeginAttempt& attempt);
  void finish_step(const FinishStep& step);
  void accept(const AcceptResult& accepted);
  [[nodiscard]] std::optional<NextStep> next_step(const DftSettings& asked, const DftSettings& done,
                                                  const Structure& relaxed) const;
  void finish(const LaunchFinished& finished);
  [[nodiscard]] SlotsFree slots_free();
  [[nodiscard]] bool nothing_can_start() const;
  [[nodiscard]] bool slot_is_idle(std::size_t tasks_of_round) const;
  [[nodiscard]] LaunchRequest request_for(const std::string& key, int attempt, const DftSettings& settings) const;
  [[nodiscard]] double time_limit_s() const;
  void describe(const LaunchRequest& request);
  /// Notes whether the machine works. @returns the machine's name if it was its fault and others may do better.
  std::string judge_node(const LaunchFinished& finished, const DftOutcome* outcome);
  /// What earlier processes computed; what this one does is added as it comes.
  void learn_costs();
  void count_hours(const AttemptRecord& attempt);
  /// From all calculations of which the time is known; not at each one more, since it looks at all of them.
  const CostModel& cost_model();
  [[nodiscard]] DftOutcome judge(const LaunchFinished& finished) const;
  [[nodiscard]] DftOutcome judge(const std::string& key, int attempt, EndCause cause, const std::string& host) const;
  /// What the process that refused the last attempt chose for the next; that process is gone.
  void choose_again(const AttemptRecord& refused, OpenTask& task) const;
  [[nodiscard]] std::filesystem::path attempt_directory(const std::string& key, int attempt) const;
  void task_ended(const std::string& key);

  const DftCode& code_;
  CampaignStore& store_;
  Executor& executor_;
  std::filesystem::path directory_;
  TaskLimits limits_;
  StopRequested stop_;
  std::function<void(const TaskProgress&)> on_progress_;
  std::function<void(const std::string& key)> on_result_;
  TaskReactor reactor_;
  TaskPacker packer_;
  std::map<std::string, Structure> structures_;  ///< in which the step under way begins, of tasks that were open
  std::map<std::string, std::string> formulas_;
  std::map<std::string, double> costs_;
  std::map<std::string, double> wall_times_s_;             ///< of the attempt that just ended
  std::map<std::string, int> memory_doublings_;            ///< of the next attempt of a task
  std::vector<std::pair<double, double>> finished_costs_;  ///< relative cost, wall time in s
  CostModel cost_model_;
  std::size_t costs_in_model_ = 0;
  bool costs_learned_ = false;
  NodeHealth nodes_;
  std::vector<std::string> avoided_before_;         ///< machines, by an earlier process
  double core_hours_ = 0;                           ///< of all attempts that have ended
  std::map<std::string, double> core_hours_begun_;  ///< of those under way, at most
  std::string why_nothing_starts_;
  TaskProgress progress_;
};

}  // namespace hullscan
