/// @file
/// Calculations as steps of the Slurm job that hullscan itself runs in: srun places each on free cores of the job's
/// nodes. What is not calculating at the end of the job is not lost but not begun: see TaskLimits::seconds_left.
#pragma once

#include "scheduler/executors/local_executor.hpp"
#include "scheduler/executors/slurm_client.hpp"
#include "scheduler/executors/slurm_options.hpp"

namespace hullscan {

/// The Slurm job we are in.
struct Allocation {
  std::string job;
  int nodes = 1;
  int cores = 1;                   ///< of all nodes
  std::vector<std::string> hosts;  ///< names of the nodes
};
/// From SLURM_JOB_ID, SLURM_JOB_CPUS_PER_NODE ("8(x2),4") and SLURM_JOB_NODELIST. Nothing outside a job.
std::optional<Allocation> allocation_from(const std::map<std::string, std::string>& environment);
/// "n[1-2,07],login" -> n1 n2 n07 login. What is not understood is left out.
std::vector<std::string> host_names(const std::string& list);
/// The one this process is in.
std::optional<Allocation> own_allocation();

class PilotExecutor : public Executor {
 public:
  /// @param directory of the campaign. @param slots at a time, >= 1
  PilotExecutor(SlurmOptions options, Allocation allocation, const std::filesystem::path& directory, int slots);

  /// Free slots of the nodes that are not avoided.
  [[nodiscard]] int free_slots() const override;
  std::string launch(const LaunchRequest& request) override;
  std::vector<LaunchFinished> poll() override;
  void stop_all(double grace_s) override { steps_.stop_all(grace_s); }
  [[nodiscard]] bool is_alive(const std::string& job) const override;
  void stop(const std::string& job) override;
  /// Steps begin on other nodes from now on; where that would be all nodes of the job, none is avoided.
  void avoid(const std::vector<std::string>& hosts) override;
  [[nodiscard]] std::size_t machines() const override { return static_cast<std::size_t>(allocation_.nodes); }
  [[nodiscard]] int cores() const override { return options_.cores(); }

 private:
  SlurmOptions options_;
  Allocation allocation_;
  SlurmClient client_;
  std::string mpi_;
  int slots_;
  std::vector<std::string> avoided_;
  std::map<std::string, std::filesystem::path> directories_;  ///< of the last attempt of a task
  LocalExecutor steps_;
};

/// The words before a calculation's own command that make it a step: srun with the calculation's share, or the user's
/// launcher.
/// @param mpi what srun's --mpi is to be; "": its default. @param avoided nodes where no step is to begin.
std::vector<std::string> step_launcher(const SlurmOptions& options, const std::string& step_name,
                                       const std::string& mpi, const std::vector<std::string>& avoided = {});

/// The words before a command that let srun take nothing over from the step that we are in ourselves (its binding, that
/// it shares everything); none where we are in no step.
std::vector<std::string> forget_own_step(const Environment& environment);

}  // namespace hullscan
