/// @file
/// Slurm's commands, run as a user would: sbatch, squeue, sacct, scancel. Says what they said and decides nothing.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "scheduler/slurm_states.hpp"

namespace hullscan {

class SlurmClient {
 public:
  /// @param directory for the commands' outputs; exists. @param prefix of the names of all jobs of the campaign.
  SlurmClient(std::filesystem::path directory, std::string prefix);

  /// @param arguments of sbatch, the script's name last.
  [[nodiscard]] SbatchAnswer submit(const std::vector<std::string>& arguments) const;
  /// The campaign's jobs, ended ones too as long as Slurm remembers them. Nothing if Slurm did not answer.
  [[nodiscard]] std::optional<std::vector<SlurmJob>> queue() const;
  /// The same from accounting. Nothing if there is none, or no answer.
  [[nodiscard]] std::optional<std::vector<SlurmJob>> accounting();
  /// By job id. Nothing happens if there is no such job.
  void cancel(const std::string& id) const;
  /// The steps of this name in a job.
  void cancel_step(const std::string& job, const std::string& step_name) const;
  /// The kind of MPI that steps are best started with: "pmix" where srun has it (an OpenMPI program refuses to run in a
  /// step without), else "".
  [[nodiscard]] std::string best_mpi() const;
  /// Of one job, s. Nothing if Slurm does not say.
  [[nodiscard]] std::optional<double> seconds_left(const std::string& id) const;

 private:
  struct Answer {
    int exit_code = 0;
    std::string output, errors;
  };
  [[nodiscard]] Answer ask(const std::vector<std::string>& command) const;

  std::filesystem::path directory_;
  std::string prefix_;
  bool has_accounting_ = true;  ///< until it says otherwise
};

/// All of a file, "" if it cannot be read.
std::string text_of(const std::filesystem::path& file);

/// The variables for a new job: without those by which Slurm and MPI describe the job we run in ourselves.
std::map<std::string, std::string> environment_for_new_job(std::map<std::string, std::string> own);

/// "1-02:03:04", "03:04", "12:00:00"; nothing for "UNLIMITED" and the like.
std::optional<double> parse_slurm_seconds(const std::string& text);

}  // namespace hullscan
