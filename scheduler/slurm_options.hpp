/// @file
/// The table [run.slurm]: what a user may ask of Slurm for one calculation, checked so that nothing of it can be taken
/// for anything but a value. How it is submitted is in slurm_executor.hpp.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/campaign.hpp"

namespace hullscan {

enum class SlurmMode {
  kAutomatic,  ///< pilot inside an allocation, else one job a calculation
  kPilot,      ///< steps inside the allocation hullscan runs in
  kJobs,       ///< one job a calculation
  kArrays,     ///< one job array for all calculations that are ready together
};

struct SlurmOptions {
  SlurmMode mode = SlurmMode::kAutomatic;
  std::string partition, account, qos, constraint, reservation, gres, exclude;  ///< "": not asked for
  std::string memory;          ///< of a node, "4G"; "": the partition's default
  std::string memory_per_cpu;  ///< the same a core; at most one of the two
  int nodes = 1;               ///< of one calculation
  int ntasks = 1;              ///< MPI ranks of one calculation
  int cpus_per_task = 1;
  std::vector<std::string> launcher;  ///< words before the code's command; empty: mpirun if there are several ranks
  std::vector<std::string> options;   ///< further options of sbatch, "--name=value"
  std::vector<std::string> setup;     ///< lines of shell before the calculation ("module load …"), as written
  int max_queued = 100;               ///< jobs of the campaign in the queue, running ones included
  double poll_s = 30;                    ///< between questions to Slurm
  double grace_s = 120;                  ///< how long a job that nobody knows of is waited for
  int node_failures = 3;                 ///< in a row, on one node; then the node is avoided

  [[nodiscard]] int cores() const { return ntasks * cpus_per_task; }  ///< of one calculation
};

/// Every problem is added with its place.
SlurmOptions read_slurm_options(const RunSpec& run, Problems& problems);

/// "02:00:00" or "1-12:00:00": at least this many seconds, in whole minutes as Slurm counts.
std::string slurm_time(double seconds);

/// The options that describe the resources of one calculation, for sbatch: "--partition=short", …
/// @param memory_doublings how often a calculation of this task ran out of memory; raises what `memory` asks.
std::vector<std::string> resource_arguments(const SlurmOptions& options, double time_limit_s,
                                            const std::vector<std::string>& avoided_nodes, int memory_doublings);

}  // namespace hullscan
