/// @file
/// `hullscan sbatch`: the job script of a campaign, for Slurm. It prints; the user looks at it and submits it.

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "campaign/campaign_directory.hpp"
#include "campaign/resolved_campaign.hpp"
#include "cli/command.hpp"
#include "cli/command_line.hpp"
#include "core/foreign_text.hpp"
#include "core/hash.hpp"
#include "core/processes/child_process.hpp"
#include "scheduler/executors/run_script.hpp"
#include "scheduler/executors/site_file.hpp"
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

/// Of the line; else, where the site has a folder for it and nothing was begun here, one there that no other campaign
/// file has. "" = as `hullscan run` has it.
fs::path directory_of_job(const CommandLine& line, const Site& site, const Campaign& campaign) {
  if (const auto dir = line.value("dir")) return fs::absolute(*dir).lexically_normal();
  const fs::path usual = fs::absolute(default_directory(campaign.name));
  if (site.scratch.empty() || fs::exists(usual)) return "";
  const std::string word = hash128_hex(fs::absolute(line.positional()[0]).lexically_normal().string()).substr(0, 8);
  return site.scratch / fmt::format("{}-{}.hullscan", usual.stem().string(), word);
}

/// A word of a directive: a space would begin another option.
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
  for (const JobOption& option : kJobOptions) line.option(option.name, "WORD", option.meaning);
  line.option("mail", "ADDRESS", "where Slurm writes to when the job ends or fails");
  line.option("setup", "COMMAND", "shell command before hullscan, as \"module load openmpi\"; may be repeated");
  line.positionals("FILE, a campaign file", 1, 1);
  if (!line.parse(arguments)) return ExitCode::kDone;

  const ResolvedCampaign resolved = resolve_campaign_on_site(line.positional()[0]);
  const Site site = read_site(own_environment());
  const bool slurm = resolved.campaign.run.executor == "slurm";
  const RunSpec run = slurm ? resolved.campaign.run : slurm_run_on(site, resolved.campaign.run.slots);
  Problems problems;
  SlurmOptions options = read_slurm_options(run, problems);
  problems.throw_if_any();
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
  for (const JobOption& option : kJobOptions) {
    if (const auto value = line.value(option.name)) options.*option.value = plain_word(option.name, *value);
  }
  for (std::string& argument : resource_arguments(options, 3600.0 * static_cast<double>(hours), {}, 0))
    asked.push_back(std::move(argument));
  if (const auto mail = line.value("mail")) {
    asked.push_back("--mail-user=" + plain_word("mail", *mail));
    asked.emplace_back("--mail-type=END,FAIL");
  }
  const fs::path file = fs::absolute(line.positional()[0]).lexically_normal();
  std::string command =
      fmt::format("{} run {}", shell_quoted(fs::read_symlink("/proc/self/exe").string()), shell_quoted(file.string()));
  const fs::path dir = directory_of_job(line, site, resolved.campaign);
  if (!dir.empty()) command += " --dir " + shell_quoted(dir.string());
  command += fmt::format(" --threads {}", cores);
  std::string setup;
  for (const std::string& shell : options.setup) setup += shell + "\n";
  for (const std::string& shell : line.values("setup")) setup += readable_line(shell) + "\n";

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
      "# What this job has from the line that submitted it, the next one gets too; $0 is Slurm's own copy of this "
      "script.\n"
      "go_on() {{\n"
      "    local job pair value same=(--job-name=\"$SLURM_JOB_NAME\" --partition=\"$SLURM_JOB_PARTITION\")\n"
      "    job=$(scontrol show job \"$SLURM_JOB_ID\")\n"
      "    same+=(--time=\"$(squeue -h -j \"$SLURM_JOB_ID\" -o %l)\")\n"
      "    for pair in Account=account QOS=qos Features=constraint Reservation=reservation StdOut=output "
      "MailUser=mail-user MailType=mail-type; do\n"
      "        value=$(grep -o \"\\b${{pair%=*}}=[^ ]*\" <<< \"$job\" | head -n 1 | cut -d= -f2-)\n"
      "        case $value in '' | '(null)' | root | NONE) ;; *) same+=(\"--${{pair#*=}}=$value\") ;; esac\n"
      "    done\n"
      "    sbatch --dependency=afterany:\"$SLURM_JOB_ID\" \"${{same[@]}}\" \"$0\"\n"
      "}}\n"
      "if [ $code -eq 75 ] && [ -z \"$cancelled\" ] && [ $((SECONDS - begun)) -ge \"${{HULLSCAN_SHORTEST:-60}}\" ]; "
      "then\n"
      "    go_on && exit 0\n"
      "fi\n"
      "exit $code\n",
      readable_line(resolved.campaign.name), readable_line(shell_quoted(line.positional()[0])),
      job_name(resolved.campaign.name), directives(asked), shell_quoted(fs::current_path().string()), setup, command);
  return ExitCode::kDone;
}

}  // namespace hullscan::cli
