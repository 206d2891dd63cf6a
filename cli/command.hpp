/// @file
/// The subcommands. A new one is a file with its function, a line here and a line in the table of main.cpp.
#pragma once

#include <string>
#include <vector>

#include "core/errors.hpp"

namespace hullscan::cli {

using Arguments = std::vector<std::string>;

ExitCode run_accept(const Arguments& arguments);
ExitCode run_best(const Arguments& arguments);
ExitCode run_check(const Arguments& arguments);
ExitCode run_count(const Arguments& arguments);
ExitCode run_descriptors(const Arguments& arguments);
ExitCode run_doctor(const Arguments& arguments);
ExitCode run_enumerate(const Arguments& arguments);
ExitCode run_exclude(const Arguments& arguments);
ExitCode run_export(const Arguments& arguments);
ExitCode run_hull(const Arguments& arguments);
ExitCode run_init(const Arguments& arguments);
ExitCode run_import(const Arguments& arguments);
ExitCode run_include(const Arguments& arguments);
ExitCode run_kim_single_point(const Arguments& arguments);
ExitCode run_log(const Arguments& arguments);
ExitCode run_mc(const Arguments& arguments);
ExitCode run_merge(const Arguments& arguments);
ExitCode run_paths(const Arguments& arguments);
ExitCode run_plot(const Arguments& arguments);
ExitCode run_read(const Arguments& arguments);
ExitCode run_rebuild_ledger(const Arguments& arguments);
ExitCode run_regress(const Arguments& arguments);
ExitCode run_replay(const Arguments& arguments);
ExitCode run_report(const Arguments& arguments);
ExitCode run_run(const Arguments& arguments);
ExitCode run_qsub(const Arguments& arguments);
ExitCode run_sbatch(const Arguments& arguments);
ExitCode run_slab(const Arguments& arguments);
ExitCode run_sqs(const Arguments& arguments);
ExitCode run_status(const Arguments& arguments);
ExitCode run_tasks(const Arguments& arguments);
ExitCode run_top(const Arguments& arguments);
ExitCode run_validate(const Arguments& arguments);
ExitCode run_verify(const Arguments& arguments);
ExitCode run_why(const Arguments& arguments);

}  // namespace hullscan::cli
