/// @file
/// Calculations as processes on this machine, a fixed number at a time.
#pragma once

#include <chrono>
#include <optional>

#include "scheduler/executor.hpp"

namespace hullscan {

/// Must be used by the thread that outlives every calculation (the main thread): the kernel kills a calculation when
/// the thread that started it ends, so that a killed hullscan leaves no second writer behind.
class LocalExecutor : public Executor {
 public:
  /// @param slots calculations at a time, >= 1
  /// @param grace_s between the polite and the forced end of a calculation that is over its time limit
  /// @param memory_limit_mb of one calculation with all its processes: resident memory, looked at twice a second
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
  struct Running {
    LaunchRequest request;
    int pid = 0;
    Clock::time_point started;
    std::optional<Clock::time_point> asked_to_end;  ///< over its time limit
    bool forced = false;
    bool out_of_memory = false;
  };
  void enforce_time_limit(Running& running) const;
  void enforce_memory_limit();

  int slots_;
  double grace_s_;
  std::optional<double> memory_limit_mb_;
  Clock::time_point next_look_at_memory_{};
  std::vector<Running> running_;
  std::vector<LaunchFinished> unreported_;
};

}  // namespace hullscan
