/// @file
/// `hullscan sbatch`: the job script of a campaign, for Slurm. It prints; the user looks at it and submits it.

#include <fmt/format.h>

#include <filesystem>

#include "campaign/executors.hpp"
#include "campaign/resolved_campaign.hpp"
#include "cli/command.hpp"
#include "cli/command_line.hpp"
#include "core/foreign_text.hpp"
#include "scheduler/executors/run_script.hpp"
#include "scheduler/executors/slurm_options.hpp"

namespace hullscan::cli {
namespace {

namespace fs = std::filesystem;

std::string directives(const std::vector<std::string>& options) {
  std::string text;
  for (const std::string& option : options) text += "#SBATCH " + readable_line(option) + "\n";
  return text;
}

/// A job's name from a campaign's.
std::string job_name(const std::string& campaign) {
  std::string name = "hs-";
  for (const char c : campaign) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.';
    name += plain ? c : '_';
  }
  return name;
}

}  // namespace

ExitCode run_sbatch(const Arguments& arguments) {
  CommandLine line("sbatch FILE [--dir DIR] [--nodes N] [--cores N] [--hours H]",
                   "Prints a Slurm job script that runs the campaign: hullscan sbatch campaign.toml | sbatch. "
                   "With run.executor = \"slurm\" its calculations are steps of this job; with mode = \"jobs\" or "
                   "\"arrays\" the job only looks after jobs of their own.");
  line.option("dir", "DIR", "campaign directory, as for hullscan run");
  line.option("nodes", "N", "nodes of the job; default 1");
  line.option("cores", "N", "cores of each node; default: as many as run.slots calculations need");
  line.option("hours", "H", "time limit of the job; default 24");
  line.positionals("FILE, a campaign file", 1, 1);
  if (!line.parse(arguments)) return ExitCode::kDone;

  const ResolvedCampaign resolved = resolve_campaign(line.positional()[0]);
  const RunSpec& run = resolved.campaign.run;
  Problems problems;
  const bool slurm = run.executor == "slurm";
  SlurmOptions options = slurm ? read_slurm_options(run, problems) : SlurmOptions{};
  const bool pilot = slurm && (options.mode == SlurmMode::kAutomatic || options.mode == SlurmMode::kPilot);
  const int each = pilot ? options.cores() : 1;
  const long nodes = line.integer("nodes", 1, 100'000).value_or(1);
  const long cores = line.integer("cores", 1, 100'000).value_or(!slurm || pilot ? std::max(1, run.slots * each) : 2);
  const long hours = line.integer("hours", 1, 100'000).value_or(24);

  // The memory of the job is that of all its calculations, which the partition's default knows better than we do.
  std::vector<std::string> asked;
  options.nodes = static_cast<int>(nodes);
  options.ntasks = static_cast<int>(nodes);
  options.cpus_per_task = static_cast<int>(cores);
  options.memory.clear();
  for (std::string& argument : resource_arguments(options, 3600.0 * static_cast<double>(hours), {}, 0))
    asked.push_back(std::move(argument));
  const fs::path file = fs::absolute(line.positional()[0]).lexically_normal();
  std::string command =
      fmt::format("{} run {}", shell_quoted(fs::read_symlink("/proc/self/exe").string()), shell_quoted(file.string()));
  if (const auto dir = line.value("dir"))
    command += " --dir " + shell_quoted(fs::absolute(*dir).lexically_normal().string());
  command += fmt::format(" --threads {}", cores);
  std::string setup;
  for (const std::string& shell : options.setup) setup += shell + "\n";

  fmt::print(
      "#!/bin/bash\n"
      "# The campaign {}: hullscan sbatch {}\n"
      "#SBATCH --job-name={}\n"
      "{}"
      "#SBATCH --signal=B:USR1@180\n"
      "#SBATCH --open-mode=append\n"
      "#SBATCH --no-requeue\n"
      "set -u\n"
      "cd {} || exit 1\n"
      "{}"
      "\n"
      "# Stopped by time it goes on in a job of its own; a run that dies may be submitted again as it is.\n"
      "{} &\n"
      "run=$!\n"
      "warned='' cancelled='' # TERM without a warning before it is scancel: then there is nothing to submit\n"
      "trap 'signalled=1; warned=1; kill -USR1 $run 2>/dev/null' USR1\n"
      "trap 'signalled=1; [ -n \"$warned\" ] || cancelled=1; kill -TERM $run 2>/dev/null' TERM\n"
      "begun=$SECONDS\n"
      "signalled=1\n"
      "while [ $signalled -eq 1 ]; do # a signal ends the waiting, not the run\n"
      "    signalled=0\n"
      "    wait $run\n"
      "    code=$?\n"
      "done\n"
      "if [ $code -eq 75 ] && [ -z \"$cancelled\" ] && [ $((SECONDS - begun)) -ge 60 ]; then\n"
      "    sbatch --dependency=afterany:\"$SLURM_JOB_ID\" \"$0\" && exit 0\n"
      "fi\n"
      "exit $code\n",
      readable_line(resolved.campaign.name), readable_line(shell_quoted(line.positional()[0])),
      job_name(resolved.campaign.name), directives(asked), shell_quoted(fs::current_path().string()), setup, command);
  return ExitCode::kDone;
}

}  // namespace hullscan::cli
