/// @file
/// What Slurm says, understood: texts of squeue, sacct and sbatch. Nothing is started here. What the states mean for a
/// calculation is in batch_job.hpp; traps are in docs/slurm.md.
#pragma once

#include <string>
#include <vector>

#include "scheduler/executors/batch_job.hpp"

namespace hullscan {

/// The format of the one question a poll asks; jobs come one per line, every task of an array on its own.
/// The name is last: it is the only field that may hold a bar.
inline constexpr const char* kSqueueFormat = "%i|%T|%r|%N|%j";
inline constexpr const char* kSacctFormat = "JobID,State,ExitCode,NodeList,JobName%200";

/// Only the jobs whose name begins with `prefix`. Lines that are something else are passed over.
std::vector<BatchJob> parse_squeue(const std::string& text, const std::string& prefix);
/// The same for `sacct -n -P -X -D`: of several records of one job the last counts (a requeued job has one per start).
std::vector<BatchJob> parse_sacct(const std::string& text, const std::string& prefix);

SubmissionAnswer parse_sbatch(int exit_code, const std::string& output, const std::string& errors);

}  // namespace hullscan
