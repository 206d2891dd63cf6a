/// @file
/// The whole campaign: survey the space, compute the end members, then rounds of fit, score, select, compute.
/// Everything it knows it reads from the store, so it can be killed and begun again at any place.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "scheduler/pass_loop.hpp"
#include "scheduler/results.hpp"
#include "scheduler/selection.hpp"
#include "scheduler/status_board.hpp"
#include "scheduler/task_loop.hpp"
#include "surrogates/surrogate_set.hpp"

namespace hullscan {

struct MasterTools {
  const CampaignView& view;
  CampaignStore& store;
  MasterLink& link;
  Executor* executor = nullptr;  ///< nullptr: enumerate and score only
  const DftCode* code = nullptr;
  DftSettings settings;
  SurrogateSet surrogates;  ///< empty: selection without a model
  std::filesystem::path directory;
  StopRequested stop;
  StatusBoard& status;
  double quota_s = 4;  ///< of a worker on one unit
};

class CampaignMaster {
 public:
  explicit CampaignMaster(MasterTools tools);
  LoopEnd run();

  /// Candidates kept of every stratum in a pass.
  [[nodiscard]] std::uint32_t keep_best() const;

 private:
  LoopEnd run_pass(int number, const UseModel& model);
  LoopEnd run_round(int number);
  LoopEnd run_tasks(int round);
  /// Tasks of finished rounds that a person wants tried again; they change the hull, not the rounds that were chosen.
  LoopEnd run_retried_tasks();
  [[nodiscard]] UseModel model_after(int round);
  void resume_status();
  void show_hull();
  void select_tasks(int number);
  [[nodiscard]] std::vector<Prospect> prospects_for(int round, std::span<const TaskRecord> known) const;
  void predict(std::vector<Prospect>& prospects, std::span<const TaskRecord> known) const;
  [[nodiscard]] NewTask new_task(const Prospect& prospect, std::span<const TaskRecord> known) const;
  void finish_round(int number);
  [[nodiscard]] UseModel fit(int round, Json& report);
  [[nodiscard]] bool stop_rule_met() const;
  [[nodiscard]] std::vector<TaskRecord> tasks_before(int round) const;
  [[nodiscard]] int round_count() const;
  [[nodiscard]] std::string round_description(int number) const;

  MasterTools tools_;
  const SelectSpec select_;
  PassLoop passes_;
};

}  // namespace hullscan
