/// @file
/// Calculations as jobs of Slurm, one job each or in arrays. A job is known by its name, which is made from the campaign,
/// the task and the attempt before anything is submitted; ids are only looked up. Jobs go on when hullscan ends.
#pragma once

#include <chrono>
#include <map>
#include <optional>

#include "scheduler/executor.hpp"
#include "scheduler/output_watch.hpp"
#include "scheduler/slurm_client.hpp"
#include "scheduler/slurm_options.hpp"

namespace hullscan {

class SlurmExecutor : public Executor {
 public:
  /// @param directory of the campaign; manifests and logs go to its folder "slurm".
  /// @param campaign a word that no other campaign directory has: the names of all jobs begin with it.
  /// @param at_a_time calculations in the queue or running, >= 1
  SlurmExecutor(SlurmOptions options, const std::filesystem::path& directory, const std::string& campaign,
                int at_a_time);

  [[nodiscard]] int free_slots() const override;
  std::string launch(const LaunchRequest& request) override;
  std::vector<LaunchFinished> poll() override;
  /// Cancels every job of the campaign.
  void stop_all(double grace_s) override;
  [[nodiscard]] bool is_alive(const std::string& job) const override;
  void stop(const std::string& job) override;
  std::string adopt(const LaunchRequest& request, const std::string& job) override;
  [[nodiscard]] bool outlives_hullscan() const override { return true; }
  void avoid(const std::vector<std::string>& hosts) override { avoided_ = hosts; }
  [[nodiscard]] std::size_t machines() const override { return 1000; }  // a cluster
  [[nodiscard]] int cores() const override { return options_.cores(); }
  [[nodiscard]] bool can_ask_for_more_memory() const override {
    return !options_.memory.empty() || !options_.memory_per_cpu.empty();
  }

 private:
  using Clock = std::chrono::steady_clock;
  struct Job {
    LaunchRequest request;
    std::string key;           ///< "NAME" or "NAME_3": how Slurm's answers are matched
    std::string array{};       ///< name of the array it is a task of; "" for a job of its own
    int index = 0;             ///< in the array
    bool submitted = false;    ///< or may have been: then it must be looked up
    bool started = false;      ///< before the queue was asked last
    bool look_first = false;   ///< sbatch gave no clear answer; not to be repeated before the queue has been seen
    Clock::time_point since{};  ///< it was submitted or adopted
    std::optional<Clock::time_point> silent_since{}, exit_seen{}, impossible_since{};
    std::optional<SlurmJob> queue{}, accounting{};
    std::optional<OutputWatch> outputs{};  ///< while it runs
  };
  void submit_waiting();
  void submit_one(Job& job);
  void submit_array();
  void submitted(Job& job, const SbatchAnswer& answer);
  [[nodiscard]] std::string next_array() const;
  [[nodiscard]] std::vector<std::string> options_of_job(const LaunchRequest& request, const std::string& name,
                                                        const std::filesystem::path& directory,
                                                        const std::string& log) const;
  void ask_queue();
  void prepare(const LaunchRequest& request) const;
  [[nodiscard]] std::optional<LaunchFinished> end_of(Job& job);
  /// It runs, by Slurm's last answer, and none of its files changes.
  [[nodiscard]] bool hangs(Job& job) const;
  [[nodiscard]] JobEvidence evidence_of(Job& job) const;
  [[nodiscard]] std::string own_name(const LaunchRequest& request) const;
  [[nodiscard]] std::string array_task_of(const LaunchRequest& request) const;
  void refused(const std::vector<Job*>& jobs, const SbatchAnswer& answer);
  void later(const SbatchAnswer& answer);

  SlurmOptions options_;
  std::filesystem::path directory_;  ///< "slurm" in the campaign's
  std::string prefix_;
  int at_a_time_;
  SlurmClient client_;
  std::vector<Job> jobs_;
  std::string array_;  ///< that collects tasks until it is submitted
  std::vector<LaunchFinished> unreported_;
  std::vector<std::string> avoided_;
  double settle_s_;
  Clock::time_point next_question_{}, next_submission_{}, next_look_{};
  double question_pause_s_, submission_pause_s_ = 1;
  bool answered_ = false;  ///< the last question
  Clock::time_point answered_at_{};
};

}  // namespace hullscan
