/// @file
/// Runs the DFT tasks of a round to their ends: writes inputs, starts attempts, judges outputs, stores first.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dft_adapters/dft_code.hpp"
#include "scheduler/cost_model.hpp"
#include "scheduler/executor.hpp"
#include "scheduler/node_health.hpp"
#include "scheduler/pass_loop.hpp"
#include "scheduler/task_reactor.hpp"
#include "storage/campaign_store.hpp"

namespace hullscan {

struct TaskProgress {
  std::map<TaskState, int> states;  ///< of the whole campaign
  double cost_done = 0;             ///< of this round, in the adapter's relative units
  double cost_total = 0;
  int ended = 0;  ///< tasks of this round that are final
  int tasks = 0;  ///< of this round
};

/// What bounds the calculations of a campaign.
struct TaskLimits {
  double time_limit_s = 86400;            ///< of one attempt
  std::function<double()> seconds_left;   ///< until this run must have ended; empty: no end
  std::optional<double> max_core_hours;   ///< of all attempts of the campaign; then nothing more is started
  int node_failures = 3;                  ///< quick ones in a row on one machine; then it is avoided
  std::string hullscan_version;           ///< for the record
};

class TaskLoop {
 public:
  /// @param directory of the campaign.
  TaskLoop(const DftCode& code, CampaignStore& store, Executor& executor, std::filesystem::path directory,
           TaskLimits limits, StopRequested stop, std::function<void(const TaskProgress&)> on_progress);

  /// Takes up attempts that an earlier life left: a complete one is judged, an incomplete one is lost and repeated.
  /// @throws TransportError if the installation does not let calculations run.
  LoopEnd run(int round);

 private:
  [[nodiscard]] OpenTask open_task(const TaskRecord& record) const;
  void take_up(const TaskRecord& record, TaskReactor& reactor, const std::string& why_lost);
  void act(const std::vector<TaskAction>& actions, TaskReactor& reactor);
  void begin(const BeginAttempt& attempt, TaskReactor& reactor);
  void finish(const LaunchFinished& finished, TaskReactor& reactor);
  [[nodiscard]] SlotsFree slots_free();
  [[nodiscard]] bool nothing_can_start(const TaskReactor& reactor) const;
  [[nodiscard]] LaunchRequest request_for(const std::string& key, int attempt, const DftSettings& settings) const;
  [[nodiscard]] double time_limit_s() const;
  void describe(const LaunchRequest& request);
  void judge_node(const LaunchFinished& finished, const DftOutcome* outcome);
  void learn_costs();
  [[nodiscard]] DftOutcome judge(const LaunchFinished& finished) const;
  [[nodiscard]] std::filesystem::path attempt_directory(const std::string& key, int attempt) const;
  void task_ended(const std::string& key);

  const DftCode& code_;
  CampaignStore& store_;
  Executor& executor_;
  std::filesystem::path directory_;
  TaskLimits limits_;
  StopRequested stop_;
  std::function<void(const TaskProgress&)> on_progress_;
  std::map<std::string, Structure> structures_;  ///< of the round's tasks
  std::map<std::string, std::string> formulas_;
  std::map<std::string, double> costs_;
  std::map<std::string, double> wall_times_s_;  ///< of the attempt that just ended
  std::map<std::string, int> memory_doublings_;  ///< of the next attempt of a task
  std::vector<std::pair<double, double>> finished_costs_;  ///< relative cost, wall time in s
  CostModel cost_model_;
  NodeHealth nodes_;
  std::vector<std::string> avoided_before_;  ///< machines, by an earlier life
  double core_hours_ = 0;  ///< of all attempts that have ended
  std::map<std::string, double> core_hours_begun_;  ///< of those under way, at most
  std::string why_nothing_starts_;
  TaskProgress progress_;
};

}  // namespace hullscan
