/// @file
/// Slurm's commands, run as a user would: sbatch, squeue, sacct, scancel. Says what they said and decides nothing.
#pragma once

#include "scheduler/executors/batch_client.hpp"
#include "scheduler/executors/batch_command.hpp"
#include "scheduler/executors/slurm_options.hpp"

namespace hullscan {

class SlurmClient : public BatchClient {
 public:
  /// @param directory for the commands' outputs; exists. @param prefix of the names of all jobs of the campaign.
  /// @param options of what it submits.
  SlurmClient(std::filesystem::path directory, std::string prefix, SlurmOptions options = {});

  [[nodiscard]] const BatchSystem& system() const override;
  [[nodiscard]] SubmissionAnswer submit(const BatchSubmission& submission) override;
  [[nodiscard]] std::optional<std::vector<BatchJob>> queue() override;
  [[nodiscard]] std::optional<std::vector<BatchJob>> accounting() override;
  void cancel(const std::string& id) override;

  /// The steps of this name in a job.
  void cancel_step(const std::string& job, const std::string& step_name);
  /// The kind of MPI that steps are best started with: "pmix" where srun has it (an OpenMPI program refuses to run in a
  /// step without), else "".
  [[nodiscard]] std::string best_mpi() const;
  /// Time that one job has left, s. Nothing if Slurm does not say.
  [[nodiscard]] std::optional<double> seconds_left(const std::string& id) const;

 private:
  [[nodiscard]] CommandAnswer ask(const std::vector<std::string>& command) const;

  std::filesystem::path directory_;
  std::string prefix_;
  SlurmOptions options_;
  bool has_accounting_ = true;  ///< until it says otherwise
};

/// The variables for a new job: without those by which Slurm and MPI describe the job we run in ourselves.
Environment environment_for_new_job(Environment own);

/// "1-02:03:04", "03:04", "12:00:00"; nothing for "UNLIMITED" and the like.
std::optional<double> parse_slurm_seconds(const std::string& text);

}  // namespace hullscan
