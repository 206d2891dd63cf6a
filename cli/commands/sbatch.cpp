/// @file
/// `hullscan sbatch`: the job script of a campaign, for Slurm. It prints; the user looks at it and submits it.

#include <fmt/format.h>

#include <algorithm>

#include "cli/command.hpp"
#include "cli/job_script.hpp"
#include "core/foreign_text.hpp"
#include "core/log.hpp"
#include "core/processes/child_process.hpp"
#include "scheduler/executors/run_script.hpp"
#include "scheduler/executors/slurm_options.hpp"

namespace hullscan::cli {
namespace {

std::string directives(const std::vector<std::string>& options) {
  std::string text;
  for (const std::string& option : options) text += "#SBATCH " + readable_line(option) + "\n";
  return text;
}

/// What the line says of the job, over what the campaign file says of it.
struct JobOption {
  const char* name;
  const char* meaning;
  std::string SlurmOptions::*value;
};
const JobOption kJobOptions[] = {
    {"partition", "partition of the job, and of those that go on from it", &SlurmOptions::partition},
    {"account", "account that pays for it", &SlurmOptions::account},
    {"qos", "quality of service", &SlurmOptions::qos},
    {"constraint", "features that its nodes must have", &SlurmOptions::constraint},
    {"reservation", "reservation that it runs in", &SlurmOptions::reservation},
    {"gres", "other resources, as gpu:2", &SlurmOptions::gres},
};

/// What a site says of jobs, for a campaign whose own calculations are none of Slurm's.
RunSpec slurm_run_on(const Site& site, int slots) {
  RunSpec run;
  run.executor = "slurm";
  run.slots = slots;
  return with_site(run, site);
}

}  // namespace

ExitCode run_sbatch(const Arguments& arguments) {
  CommandLine line(
      "sbatch FILE [--dir DIR] [--nodes N] [--cores N] [--hours H]",
      "Prints a Slurm job script that runs the campaign: hullscan sbatch campaign.toml | sbatch. "
      "All nodes enumerate and score. With run.executor = \"slurm\" calculations are steps on all nodes of "
      "this job; with mode = \"jobs\" or \"arrays\" the job only looks after jobs of their own.");
  add_job_options(line);
  for (const JobOption& option : kJobOptions) line.option(option.name, "WORD", option.meaning);
  line.flag("functions", "print the shell functions of such a script alone, as deploy/slurm/campaign.sbatch uses them");
  line.positionals("FILE, a campaign file", 0, 1);
  if (!line.parse(arguments)) return ExitCode::kDone;
  if (line.has("functions")) {
    fmt::print("{}", job_functions(BatchSystem::kSlurm));
    return ExitCode::kDone;
  }
  if (line.positional().empty()) throw InputError("sbatch: FILE is missing: the campaign file");

  const ResolvedCampaign resolved = resolve_campaign_on_site(line.positional()[0]);
  const Site site = read_site(own_environment());
  const bool slurm = resolved.campaign.run.executor == "slurm";
  const RunSpec run = slurm ? resolved.campaign.run : slurm_run_on(site, resolved.campaign.run.slots);
  Problems problems;
  SlurmOptions options = read_slurm_options(run, problems);
  problems.throw_if_any();
  const bool pilot = slurm && (options.mode == SlurmMode::kAutomatic || options.mode == SlurmMode::kPilot);
  const int each = pilot ? options.cores() : 1;
  const JobShape shape = job_shape(line, !slurm || pilot ? std::max(1, run.slots * each) : 2);
  if (shape.nodes > 1 && resolved.code != nullptr && !slurm)
    log_warning("calculations run on the first node of the job only; run.executor = \"slurm\" fills all of them");

  // One task a node, whose cores are parted by what starts ranks and steps. The memory of the job is that of all its
  // calculations, which the partition's default knows better than we do.
  std::vector<std::string> asked;
  options.nodes = static_cast<int>(shape.nodes);
  options.ntasks = static_cast<int>(shape.nodes);
  options.cpus_per_task = static_cast<int>(shape.cores);
  options.memory.clear();
  for (const JobOption& option : kJobOptions) {
    if (const auto value = line.value(option.name)) options.*option.value = plain_word(option.name, *value);
  }
  for (std::string& argument : resource_arguments(options, 3600.0 * static_cast<double>(shape.hours), {}, 0))
    asked.push_back(std::move(argument));
  if (const auto mail = line.value("mail")) {
    asked.push_back("--mail-user=" + plain_word("mail", *mail));
    asked.emplace_back("--mail-type=END,FAIL");
  }
  const std::string command = run_command(line, shape, directory_of_job(line, site, resolved.campaign),
                                          options.mpi_launcher, "SLURM_JOB_NUM_NODES", true);
  fmt::print(
      "#!/bin/bash\n"
      "# The campaign {}: hullscan sbatch {}\n"
      "#SBATCH --job-name={}\n"
      "{}"
      "#SBATCH --signal=B:USR1@180\n"
      "#SBATCH --open-mode=append\n"
      "#SBATCH --no-requeue\n"
      "{}",
      readable_line(resolved.campaign.name), readable_line(shell_quoted(line.positional()[0])),
      job_name(resolved.campaign.name), directives(asked),
      job_body(BatchSystem::kSlurm, setup_lines(options.setup, line), command));
  return ExitCode::kDone;
}

}  // namespace hullscan::cli
