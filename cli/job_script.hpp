/// @file
/// The parts of a job script that Slurm and PBS have in common: which ranks run the campaign and what starts them, and
/// the shell functions by which a job goes on in the next one. `hullscan sbatch` and `qsub` put them together.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "campaign/resolved_campaign.hpp"
#include "cli/command_line.hpp"
#include "scheduler/executors/site_file.hpp"

namespace hullscan::cli {

/// How the cores of a job's nodes are used.
struct JobShape {
  long nodes = 1;
  long cores = 1;           ///< of each node
  long ranks_per_node = 1;  ///< cores that do not divide stay free
  long threads = 1;         ///< of each rank
  long hours = 24;
  [[nodiscard]] bool many_ranks() const { return nodes * ranks_per_node > 1; }
};

/// The options that both have: dir, nodes, cores, threads, hours, mail, setup.
void add_job_options(CommandLine& line);
/// @param usual_cores of a node if the line does not say. One node is one process; several have ranks of the largest
/// number of threads, at most 16, that divides the cores; unless the line says how many threads a rank has.
JobShape job_shape(const CommandLine& line, long usual_cores);

/// A value that is one word of a directive: a space would begin another option. @throws InputError if it is not.
std::string plain_word(const std::string& option, const std::string& value);

/// "hs-NAME" with characters that batch systems take.
std::string job_name(const std::string& campaign);

/// Of the line; else, where the site has a folder for it and nothing was begun here, one there that no other campaign
/// file has. "" = as `hullscan run` has it.
std::filesystem::path directory_of_job(const CommandLine& line, const Site& site, const Campaign& campaign);

/// Lines of shell before hullscan: the site's and the campaign's, then those of the line.
std::string setup_lines(const std::vector<std::string>& of_options, const CommandLine& line);

/// `hullscan run` with what starts its ranks: the words of one shell command.
/// @param launcher without a number of ranks. @param nodes_in_shell how a job's script names the number of its nodes.
/// @param under_slurm steps of calculations must find free what these ranks hold.
std::string run_command(const CommandLine& line, const JobShape& shape, const std::filesystem::path& directory,
                        const std::vector<std::string>& launcher, const std::string& nodes_in_shell, bool under_slurm);

enum class BatchSystem { kSlurm, kPbs };
/// The functions, for `eval` in a job's script: run_to_its_end COMMAND…, end_or_go_on SCRIPT…, limit.
const std::string& job_functions(BatchSystem system);

/// What follows a script's directives.
std::string job_body(BatchSystem system, const std::string& setup, const std::string& command);

}  // namespace hullscan::cli
