#include "cli/job_script.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "campaign/campaign_directory.hpp"
#include "core/errors.hpp"
#include "core/foreign_text.hpp"
#include "core/hash.hpp"
#include "scheduler/executors/run_script.hpp"
#include "workers/mpi_session.hpp"

namespace hullscan::cli {
namespace {

namespace fs = std::filesystem;

/// Threads of a rank beyond which they would share more than a part of a node's memory.
constexpr long kMostThreadsOfRank = 16;

std::string quoted_words(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += shell_quoted(word) + " ";
  return text;
}

/// Where a launcher puts its ranks. Nothing is bound: hullscan's threads part a node between them, and the programs
/// that rank 0 starts must be free.
std::string placement(const std::string& launcher, const JobShape& shape, bool under_slurm) {
  const std::string name = fs::path(launcher).filename().string();
  if (name == "srun") {
    return fmt::format("--overlap --mem=0 --cpu-bind=none --ntasks-per-node={} --cpus-per-task={} ",
                       shape.ranks_per_node, shape.threads);
  }
  if (name != "mpirun" && name != "mpiexec") return "";
  if (!MpiSession::library().starts_with("Open MPI")) return fmt::format("-ppn {} ", shape.ranks_per_node);
  const std::string hosts = under_slurm ? "" : "--hostfile \"$PBS_NODEFILE\" ";
  return fmt::format("{}--bind-to none --oversubscribe --map-by ppr:{}:node ", hosts, shape.ranks_per_node);
}

}  // namespace

void add_job_options(CommandLine& line) {
  line.option("dir", "DIR", "campaign directory, as for hullscan run; default: as the site file says");
  line.option("nodes", "N", "nodes of the job, all of which enumerate and score; default 1");
  line.option("cores", "N", "cores of each node; default: as many as run.slots calculations need");
  line.option("threads", "N",
              "worker threads of each rank; default: one process on one node; on several the largest number up to 16 "
              "that divides the cores");
  line.option("hours", "H", "time limit of the job; default 24");
  line.option("mail", "ADDRESS", "where the batch system writes to when the job ends or fails");
  line.option("setup", "COMMAND", "shell command before hullscan, as \"module load openmpi\"; may be repeated");
}

JobShape job_shape(const CommandLine& line, long usual_cores) {
  JobShape shape;
  shape.nodes = line.integer("nodes", 1, 100'000).value_or(1);
  shape.cores = line.integer("cores", 1, 100'000).value_or(usual_cores);
  shape.hours = line.integer("hours", 1, 100'000).value_or(24);
  shape.threads = shape.cores;
  if (shape.nodes > 1) {
    shape.threads = std::min(shape.cores, kMostThreadsOfRank);
    while (shape.cores % shape.threads != 0) --shape.threads;
  }
  if (const auto threads = line.integer("threads", 1, 4096)) shape.threads = *threads;
  if (shape.threads > shape.cores) {
    throw InputError(
        fmt::format("--threads: {} threads of a rank on nodes of {} cores: at most as many; --cores says "
                    "how many a node has",
                    shape.threads, shape.cores));
  }
  shape.ranks_per_node = shape.cores / shape.threads;
  return shape;
}

std::string plain_word(const std::string& option, const std::string& value) {
  const bool plain = !value.empty() && std::all_of(value.begin(), value.end(), [](char c) {
    return std::isgraph(static_cast<unsigned char>(c)) != 0 && c != '"' && c != '\'' && c != '\\';
  });
  if (!plain)
    throw InputError(
        fmt::format("--{}: expected a word of letters, digits and signs without spaces or quotes, found {}", option,
                    shell_quoted(readable_line(value, 60))));
  return value;
}

std::string job_name(const std::string& campaign) {
  std::string name = "hs-";
  for (const char c : campaign) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.';
    name += plain ? c : '_';
  }
  return name;
}

fs::path directory_of_job(const CommandLine& line, const Site& site, const Campaign& campaign) {
  if (const auto dir = line.value("dir")) return fs::absolute(*dir).lexically_normal();
  const fs::path usual = fs::absolute(default_directory(campaign.name));
  if (site.scratch.empty() || fs::exists(usual)) return "";
  const std::string word = hash128_hex(fs::absolute(line.positional()[0]).lexically_normal().string()).substr(0, 8);
  return site.scratch / fmt::format("{}-{}.hullscan", usual.stem().string(), word);
}

std::string setup_lines(const std::vector<std::string>& of_options, const CommandLine& line) {
  std::string setup;
  for (const std::string& shell : of_options) setup += shell + "\n";
  for (const std::string& shell : line.values("setup")) setup += readable_line(shell) + "\n";
  return setup;
}

std::string run_command(const CommandLine& line, const JobShape& shape, const fs::path& directory,
                        const std::vector<std::string>& launcher, const std::string& nodes_in_shell, bool under_slurm) {
  std::string command;
  if (shape.many_ranks()) {
    // Ranks that wait sleep; they need no core to spin on. mpirun starts its daemons by srun, as a step.
    command =
        under_slurm ? "env SLURM_OVERLAP=1 OMPI_MCA_mpi_yield_when_idle=1 " : "env OMPI_MCA_mpi_yield_when_idle=1 ";
    command += quoted_words(launcher) + placement(launcher.front(), shape, under_slurm) +
               fmt::format("-n $(({} * {})) ", nodes_in_shell, shape.ranks_per_node);
  }
  const fs::path file = fs::absolute(line.positional()[0]).lexically_normal();
  command +=
      fmt::format("{} run {}", shell_quoted(fs::read_symlink("/proc/self/exe").string()), shell_quoted(file.string()));
  if (!directory.empty()) command += " --dir " + shell_quoted(directory.string());
  return command + fmt::format(" --threads {}", shape.threads);
}

std::string job_body(BatchSystem system, const std::string& setup, const std::string& command) {
  return fmt::format(
      "set -u\n"
      "cd {} || exit 1\n"
      "{}"
      "\n"
      "{}"
      "\n"
      "run_to_its_end {} \"${{limit[@]}}\"\n"
      "end_or_go_on \"$0\" \"$@\" # the batch system's own copy of this script\n",
      shell_quoted(fs::current_path().string()), setup, job_functions(system), command);
}

}  // namespace hullscan::cli
