/// @file
/// The table [run.pbs]: what a user may ask of PBS Professional or OpenPBS for one calculation, and how qsub is asked
/// for it. Syntax: `man qsub`, `man pbs_resources`.
#pragma once

#include <string>
#include <vector>

#include "core/campaign/campaign.hpp"
#include "scheduler/executors/batch_options.hpp"

namespace hullscan {

struct PbsOptions : BatchOptions {
  std::string queue, account, project;  ///< "": not asked for
  std::string place;                    ///< "scatter:excl"; "" = scatter where there is more than one node
  std::vector<std::string> resources;   ///< of every node beside cores and memory, "ngpus=1"
  std::vector<std::string> options;     ///< further options of qsub, "-p 10"
};

/// Every problem is added with its place.
PbsOptions read_pbs_options(const RunSpec& run, Problems& problems);

/// "26:00:00": at least this many seconds.
std::string pbs_time(double seconds);

/// "select=2:ncpus=8:mpiprocs=8:mem=16gb": a chunk a node; where the ranks do not divide by the nodes, chunks of two
/// sizes.
std::string select_statement(const PbsOptions& options, int memory_doublings);

/// The options that describe one calculation, for qsub: {"-q", "short", "-l", "select=…", "-l", "walltime=…", …}
std::vector<std::string> qsub_resources(const PbsOptions& options, double time_limit_s, int memory_doublings);

}  // namespace hullscan
