/// @file
/// The table [run.slurm]: what a user may ask of Slurm for one calculation, checked so that nothing of it can be taken
/// for anything but a value. How it is submitted is in slurm_client.hpp.
#pragma once

#include <string>
#include <vector>

#include "core/campaign/campaign.hpp"
#include "scheduler/executors/batch_options.hpp"

namespace hullscan {

enum class SlurmMode {
  kAutomatic,  ///< pilot inside an allocation, else one job a calculation
  kPilot,      ///< steps inside the allocation hullscan runs in
  kJobs,       ///< one job a calculation
  kArrays,     ///< one job array for all calculations that are ready together
};

struct SlurmOptions : BatchOptions {
  SlurmMode mode = SlurmMode::kAutomatic;
  std::string partition, account, qos, constraint, reservation, gres, exclude;  ///< "": not asked for
  std::vector<std::string> options;  ///< further options of sbatch, "--name=value"
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
