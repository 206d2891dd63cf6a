/// @file
/// Calculations as processes on this machine, a fixed number at a time.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <set>

#include "scheduler/executors/executor.hpp"
#include "scheduler/executors/output_watch.hpp"

namespace hullscan {

/// Limits and ends hold for every process of a calculation, those with a group or a session of their own included
/// (detail/process_family.hpp); for that this process becomes the one to which orphans of its descendants fall.
/// Must be used by the thread that outlives every calculation (the main thread): the kernel kills a calculation when
/// the thread that started it ends. What a killed hullscan leaves beyond that, end_left_overs() ends.
class LocalExecutor : public Executor {
 public:
  /// @param slots calculations at a time, >= 1
  /// @param grace_s between the polite and the forced end of a calculation that is over its time limit
  /// @param memory_limit_mb of one calculation with all its processes: resident memory, what they share counted once;
  /// looked at twice a second
  explicit LocalExecutor(int slots, double grace_s = 10, std::optional<double> memory_limit_mb = {});
  LocalExecutor(const LocalExecutor&) = delete;
  LocalExecutor& operator=(const LocalExecutor&) = delete;
  ~LocalExecutor() override;  ///< stop_all(0)

  [[nodiscard]] int free_slots() const override;
  std::string launch(const LaunchRequest& request) override;
  std::vector<LaunchFinished> poll() override;
  void stop_all(double grace_s) override;
  [[nodiscard]] bool is_alive(const std::string& job) const override;
  void stop(const std::string& job) override;

 private:
  using Clock = std::chrono::steady_clock;
  struct Running;
  void look();
  void watch();
  void take_in_orphans(const std::set<int>& firsts);
  [[nodiscard]] bool orphans_are_possible() const;
  void enforce_memory_limit(Running& running) const;
  void enforce_time_limits(Running& running) const;
  /// Whether the calculation has come to its end, with everything that it started.
  bool is_over(Running& running);
  static EndCause cause_of(const Running& running);
  LaunchFinished report_of(Running& running);

  int slots_;
  double grace_s_;
  std::optional<double> memory_limit_mb_;
  struct Processes;
  std::unique_ptr<Processes> processes_;
  Clock::time_point next_look_{};
  std::vector<std::unique_ptr<Running>> running_;
  std::vector<LaunchFinished> unreported_;
};

}  // namespace hullscan
