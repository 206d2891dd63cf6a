/// @file
/// Runs the DFT tasks of a round to their ends: writes inputs, starts attempts, judges outputs, stores first.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>

#include "dft_adapters/dft_code.hpp"
#include "scheduler/executor.hpp"
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

class TaskLoop {
 public:
  /// @param directory of the campaign. @param time_limit_s of one attempt.
  TaskLoop(const DftCode& code, CampaignStore& store, Executor& executor, std::filesystem::path directory,
           double time_limit_s, StopRequested stop, std::function<void(const TaskProgress&)> on_progress);

  /// Takes up attempts that an earlier life left: a complete one is judged, an incomplete one is lost and repeated.
  /// @throws TransportError if the installation does not let calculations run.
  LoopEnd run(int round);

 private:
  [[nodiscard]] OpenTask open_task(const TaskRecord& record) const;
  void take_up(const TaskRecord& record, TaskReactor& reactor, const std::string& why_lost);
  void act(const std::vector<TaskAction>& actions, TaskReactor& reactor);
  void begin(const BeginAttempt& attempt, TaskReactor& reactor);
  [[nodiscard]] DftOutcome judge(const LaunchFinished& finished) const;
  [[nodiscard]] std::filesystem::path attempt_directory(const std::string& key, int attempt) const;
  void task_ended(const std::string& key);

  const DftCode& code_;
  CampaignStore& store_;
  Executor& executor_;
  std::filesystem::path directory_;
  double time_limit_s_;
  StopRequested stop_;
  std::function<void(const TaskProgress&)> on_progress_;
  std::map<std::string, Structure> structures_;  ///< of the round's tasks
  std::map<std::string, std::string> formulas_;
  std::map<std::string, double> costs_;
  std::map<std::string, double> wall_times_s_;  ///< of the attempt that just ended
  TaskProgress progress_;
};

}  // namespace hullscan
