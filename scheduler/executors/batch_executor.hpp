/// @file
/// Calculations as jobs of a batch system, one job each or in arrays. A job is known by its name, which is made from
/// the campaign, the task and the attempt before anything is submitted; ids are only looked up. Jobs go on when
/// hullscan ends. How the system is spoken to is its client's (batch_client.hpp).
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "scheduler/executors/batch_client.hpp"
#include "scheduler/executors/batch_options.hpp"
#include "scheduler/executors/executor.hpp"
#include "scheduler/executors/output_watch.hpp"

namespace hullscan {

class BatchExecutor : public Executor {
 public:
  /// @param directory the client's; manifests go there too. @param prefix of the names of all jobs of the campaign,
  /// which the client knows them by. @param at_a_time calculations in the queue or running, >= 1
  BatchExecutor(std::unique_ptr<BatchClient> client, BatchOptions options, std::filesystem::path directory,
                std::string prefix, int at_a_time);

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
  [[nodiscard]] std::size_t machines() const override {
    return client_->system().can_avoid_nodes ? 1000 : 1;
  }  // a cluster
  [[nodiscard]] int cores() const override { return options_.cores(); }
  [[nodiscard]] bool can_ask_for_more_memory() const override {
    return !options_.memory.empty() || !options_.memory_per_cpu.empty();
  }

 private:
  using Clock = std::chrono::steady_clock;
  struct Job {
    LaunchRequest request;
    std::string key;         ///< "NAME" or "NAME_3": how the system's answers are matched
    std::string array{};     ///< name of the array it is a task of; "" for a job of its own
    int index = 0;           ///< in the array
    bool submitted = false;  ///< or may have been: then it must be looked up
    bool started = false;    ///< before the queue was asked last
    bool look_first =
        false;  ///< no clear answer when it was submitted; not to be repeated before the queue has been seen
    Clock::time_point since{};  ///< it was submitted or adopted
    std::optional<Clock::time_point> silent_since{}, exit_seen{}, impossible_since{};
    std::optional<BatchJob> queue{}, accounting{};
    std::optional<OutputWatch> outputs{};  ///< while it runs
  };
  void submit_waiting();
  void submit_one(Job& job);
  void submit_array();
  void submitted(Job& job, const SubmissionAnswer& answer);
  [[nodiscard]] std::string next_array() const;
  [[nodiscard]] SubmissionAnswer submit(const LaunchRequest& request, BatchSubmission submission);
  void ask_queue();
  void prepare(const LaunchRequest& request) const;
  [[nodiscard]] std::optional<LaunchFinished> end_of(Job& job);
  /// It runs, by the queue's last answer, and none of its files changes.
  [[nodiscard]] bool hangs(Job& job) const;
  [[nodiscard]] JobEvidence evidence_of(Job& job) const;
  [[nodiscard]] std::string own_name(const LaunchRequest& request) const;
  [[nodiscard]] std::string array_task_of(const LaunchRequest& request) const;
  void refused(const std::vector<Job*>& jobs, const SubmissionAnswer& answer);
  void later(const SubmissionAnswer& answer);

  std::unique_ptr<BatchClient> client_;
  BatchOptions options_;
  std::filesystem::path directory_;
  std::string prefix_;
  int at_a_time_;
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

/// Where the client of a campaign keeps its files, made if it is not there, and how the names of the campaign's jobs
/// begin. @param word that no other campaign directory has.
struct BatchPlace {
  std::filesystem::path directory;
  std::string prefix;
};
/// @throws StorageError if the directory cannot be made.
BatchPlace batch_place(const std::filesystem::path& campaign_directory, const std::string& folder,
                       const std::string& word);

}  // namespace hullscan
