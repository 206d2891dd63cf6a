/// @file
/// Calculations by programs of this machine that stay, a fixed number at a time: each is asked one structure after the
/// other (docs/formats/scorer.md, `relax`), instead of being started for each.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "scheduler/executors/executor.hpp"

namespace hullscan {

/// A program that ends, answers what is no answer, or, where LaunchRequest::stall_s is set, gives none for so long, is
/// started again with the same structure, three times; then the attempt has failed with its words, and the next one
/// has a new program. One that is over its time limit is ended at once. Each attempt leaves in its directory what a
/// program of its own would leave: the answer as a file, `exit_code`, and stderr.txt where there are words.
class LastingExecutor : public Executor {
 public:
  explicit LastingExecutor(int slots);
  ~LastingExecutor() override;
  LastingExecutor(const LastingExecutor&) = delete;
  LastingExecutor& operator=(const LastingExecutor&) = delete;

  [[nodiscard]] int free_slots() const override;
  std::string launch(const LaunchRequest& request) override;
  std::vector<LaunchFinished> poll() override;
  /// Nobody can ask such a program to end within an answer: what works is ended at once.
  void stop_all(double grace_s) override;
  [[nodiscard]] bool is_alive(const std::string& job) const override;
  void stop(const std::string& job) override;

 private:
  using Clock = std::chrono::steady_clock;
  struct Slot;
  static void ask(Slot& slot);
  /// Starts it again where it does not even read. @returns the attempt's end where that does not help.
  [[nodiscard]] static std::optional<LaunchFinished> ask_until_sent(Slot& slot, std::string why_again);
  /// The attempt's end, if it is there.
  [[nodiscard]] static std::optional<LaunchFinished> look(Slot& slot);
  [[nodiscard]] static std::optional<LaunchFinished> take(Slot& slot);
  [[nodiscard]] static LaunchFinished ended(Slot& slot, int exit_code, EndCause cause);
  [[nodiscard]] static LaunchFinished failed(Slot& slot, const std::string& words, EndCause cause);

  std::vector<std::unique_ptr<Slot>> slots_;
  std::vector<LaunchFinished> unreported_;
};

}  // namespace hullscan
