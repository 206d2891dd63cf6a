/// @file
/// Calculations as steps of the Slurm job that hullscan itself runs in: srun places each on free cores of the job's nodes.
/// What is not calculating at the end of the job is not lost but not begun: see TaskLimits::seconds_left.
#pragma once

#include "scheduler/local_executor.hpp"
#include "scheduler/slurm_client.hpp"
#include "scheduler/slurm_options.hpp"

namespace hullscan {

/// The Slurm job we are in.
struct Allocation {
  std::string job;
  int nodes = 1;
  int cores = 1;  ///< of all nodes
};
/// From SLURM_JOB_ID, SLURM_JOB_NUM_NODES and SLURM_JOB_CPUS_PER_NODE ("8(x2),4"). Nothing outside a job.
std::optional<Allocation> allocation_from(const std::map<std::string, std::string>& environment);
/// The one this process is in.
std::optional<Allocation> own_allocation();

class PilotExecutor : public Executor {
 public:
  /// @param directory of the campaign. @param slots at a time, >= 1
  PilotExecutor(SlurmOptions options, Allocation allocation, const std::filesystem::path& directory, int slots);

  [[nodiscard]] int free_slots() const override { return steps_.free_slots(); }
  std::string launch(const LaunchRequest& request) override;
  std::vector<LaunchFinished> poll() override;
  void stop_all(double grace_s) override { steps_.stop_all(grace_s); }
  [[nodiscard]] bool is_alive(const std::string& job) const override;
  void stop(const std::string& job) override;
  [[nodiscard]] int cores() const override { return options_.cores(); }

 private:
  SlurmOptions options_;
  Allocation allocation_;
  SlurmClient client_;
  std::string mpi_;
  LocalExecutor steps_;
};

/// The words before a calculation's own command that make it a step: srun with the calculation's share, or the user's
/// launcher.
/// @param mpi what srun's --mpi is to be; "": its default.
std::vector<std::string> step_launcher(const SlurmOptions& options, const std::string& step_name,
                                       const std::string& mpi);

}  // namespace hullscan
