/// @file
/// What hullscan asks of a batch system: submit, look, cancel. A client runs the system's own commands, says what they
/// said in the words of batch_job.hpp, and decides nothing; BatchExecutor decides.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "scheduler/executors/batch_job.hpp"

namespace hullscan {

/// What is constant about a batch system.
struct BatchSystem {
  std::string name;                  ///< "Slurm": in messages
  std::string submit_command;        ///< "sbatch": in messages
  std::string cancel_command;        ///< "scancel": in messages
  std::string mark;                  ///< "slurm:", begins the names of jobs that are stored: never changes
  std::string folder;                ///< of the campaign's directory, for manifests and logs: never changes
  std::string job_id_variable;       ///< set in every job: its id
  std::string array_index_variable;  ///< set in every task of an array: its number, from 0
  /// What a job's log or a calculation's standard error says where memory was the reason, beside the words of the
  /// kernel: tells_of_memory().
  std::vector<std::string> memory_words{};
  bool can_avoid_nodes = true;
  bool warns_of_time_limit = true;  ///< sends USR1 to a job's script two minutes before its end
};

/// One job, or one array of jobs, to be submitted.
struct BatchSubmission {
  std::string name;                 ///< nobody else's; letters, digits and -
  std::filesystem::path script;     ///< absolute
  std::filesystem::path directory;  ///< absolute; where the job is to begin
  double time_limit_s = 86400;
  int memory_doublings = 0;  ///< asks for 2^n times the memory of the options
  std::vector<std::string> avoided_nodes{};
  int array_tasks = 0;  ///< 0: a job of its own; n: an array with the indices 0 … n-1
  int at_a_time = 1;    ///< of an array's tasks
};

class BatchClient {
 public:
  virtual ~BatchClient() = default;
  [[nodiscard]] virtual const BatchSystem& system() const = 0;
  /// Asks once. What the job's script prints goes to NAME.out in the client's directory, NAME_TASK.out for a task of an
  /// array. The job must not be run a second time by the system, as far as the system can be told so. Where the system
  /// numbers tasks from 1 or adds a report to what a job prints, the client submits a script of its own that sets
  /// `array_index_variable`, writes the log and runs the submission's.
  [[nodiscard]] virtual SubmissionAnswer submit(const BatchSubmission& submission) = 0;
  /// The campaign's jobs, each task of an array on its own; ended ones too as long as the system remembers them.
  /// Nothing if the system did not answer: an empty list means that there are none.
  [[nodiscard]] virtual std::optional<std::vector<BatchJob>> queue() = 0;
  /// The same from records that outlive the queue. Nothing if there are none, or no answer.
  [[nodiscard]] virtual std::optional<std::vector<BatchJob>> accounting() { return std::nullopt; }
  /// By BatchJob::id. Nothing happens if there is no such job.
  virtual void cancel(const std::string& id) = 0;
};

}  // namespace hullscan
