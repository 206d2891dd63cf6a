/// @file
/// How far the campaign is: the progress bar and DIR/status.json, which `hullscan status` reads while the run goes
/// on.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "analysis/hull/hull.hpp"
#include "core/json.hpp"
#include "core/log.hpp"
#include "scheduler/pass_loop.hpp"
#include "scheduler/task_loop.hpp"

namespace hullscan {

class StatusBoard {
 public:
  /// Writes nothing until there is something to say.
  explicit StatusBoard(std::filesystem::path directory);

  /// Where an earlier process left the campaign.
  void resume(const PassProgress& pass, double orbits, const std::map<TaskState, int>& tasks);

  void pass(int number, const PassProgress& progress);
  /// @param planned_tasks of the whole campaign, those not selected yet included.
  void tasks(int round, const TaskProgress& progress, int planned_tasks);
  void hull(const HullReport& report);
  /// Results that do not count, by hullscan and by people.
  void set_aside(int suspect, int excluded) { suspect_ = suspect, excluded_ = excluded; }
  void labelled_total(const std::string& digits) { labelled_total_ = digits; }
  /// Numbers of the calculations as they are now: those that were ended after the last news do not run any more.
  void count_tasks(const std::map<TaskState, int>& states);
  /// The last word: "done", "stopped", "failed". A file that says the same already is not touched.
  void finish(const std::string& state);

 private:
  void write(bool now);
  [[nodiscard]] Json json() const;

  std::filesystem::path directory_;
  std::string state_ = "running", labelled_total_ = "0", orbits_ = "0";
  Json units_ = {{"done", 0}, {"total", 0}}, tasks_ = Json::object(), hull_ = nullptr;
  int suspect_ = 0, excluded_ = 0;
  double rate_ = 0;
  std::optional<double> eta_s_;
  std::unique_ptr<Progress> progress_;
  std::string progress_of_;
  std::chrono::steady_clock::time_point begun_, last_write_;
  double share_at_begin_ = -1, orbits_at_begin_ = 0;
};

}  // namespace hullscan
