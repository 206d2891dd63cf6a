/// @file
/// `hullscan qsub`: the job script of a campaign, for PBS Professional and OpenPBS. It prints; the user looks at it and
/// submits it.

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "cli/command.hpp"
#include "cli/job_script.hpp"
#include "core/foreign_text.hpp"
#include "core/log.hpp"
#include "core/processes/child_process.hpp"
#include "scheduler/executors/pbs_options.hpp"
#include "scheduler/executors/run_script.hpp"

namespace hullscan::cli {
namespace {

/// "#PBS -q short" of every letter and its value.
std::string pbs_directives(const std::vector<std::string>& arguments) {
  std::string text;
  for (std::size_t i = 0; i + 1 < arguments.size(); i += 2)
    text += "#PBS " + arguments[i] + " " + readable_line(arguments[i + 1]) + "\n";
  return text;
}

struct PbsWord {
  const char* name;
  const char* meaning;
  std::string PbsOptions::*value;
};
const PbsWord kPbsWords[] = {
    {"queue", "queue of the job, and of those that go on from it", &PbsOptions::queue},
    {"account", "account that pays for it", &PbsOptions::account},
    {"project", "project that it belongs to", &PbsOptions::project},
    {"place", "how its nodes are shared, as scatter:excl", &PbsOptions::place},
};

/// PBS takes names that begin with a letter and, in older versions, at most 15 characters of them.
std::string pbs_job_name(const std::string& campaign) { return job_name(campaign).substr(0, 15); }

}  // namespace

ExitCode run_qsub(const Arguments& arguments) {
  CommandLine line("qsub FILE [--dir DIR] [--nodes N] [--cores N] [--hours H]",
                   "Prints a job script for PBS Professional that runs the campaign: hullscan qsub campaign.toml | "
                   "qsub. All nodes enumerate and score. With run.executor = \"pbs\" the job only looks after "
                   "calculations that are jobs of their own; else they run on its first node.");
  add_job_options(line);
  for (const PbsWord& option : kPbsWords) line.option(option.name, "WORD", option.meaning);
  line.option("resource", "NAME=VALUE", "other resources of each node, as ngpus=2; may be repeated");
  line.positionals("FILE, a campaign file", 1, 1);
  if (!line.parse(arguments)) return ExitCode::kDone;

  const ResolvedCampaign resolved = resolve_campaign_on_site(line.positional()[0]);
  const Site site = read_site(own_environment());
  const bool pbs = resolved.campaign.run.executor == "pbs";
  RunSpec run;
  run.executor = "pbs";
  if (pbs) run = resolved.campaign.run;
  Problems problems;
  PbsOptions options = read_pbs_options(pbs ? run : with_site(run, site), problems);
  problems.throw_if_any();
  const JobShape shape = job_shape(line, pbs ? 2 : std::max(1, resolved.campaign.run.slots));
  if (shape.nodes > 1 && resolved.code != nullptr && !pbs)
    log_warning(
        "calculations run on the first node of the job only; with run.executor = \"pbs\" they are jobs of their own");

  options.nodes = static_cast<int>(shape.nodes);
  options.ntasks = static_cast<int>(shape.nodes * shape.ranks_per_node);
  options.cpus_per_task = static_cast<int>(shape.threads);
  options.memory.clear();
  options.memory_per_cpu.clear();
  if (pbs) options.resources.clear();  // those of one calculation, such as its GPU
  for (const PbsWord& option : kPbsWords) {
    if (const auto value = line.value(option.name)) options.*option.value = plain_word(option.name, *value);
  }
  for (const std::string& resource : line.values("resource"))
    options.resources.push_back(plain_word("resource", resource));
  std::vector<std::string> asked = qsub_resources(options, 3600.0 * static_cast<double>(shape.hours), 0);
  if (const auto mail = line.value("mail")) asked.insert(asked.end(), {"-M", plain_word("mail", *mail), "-m", "ae"});
  const std::string command = run_command(line, shape, directory_of_job(line, site, resolved.campaign),
                                          options.mpi_launcher, std::to_string(shape.nodes), false);
  fmt::print(
      "#!/bin/bash\n"
      "# The campaign {}: hullscan qsub {}\n"
      "#PBS -N {}\n"
      "#PBS -j oe\n"
      "#PBS -r n\n"
      "{}"
      "{}",
      readable_line(resolved.campaign.name), readable_line(shell_quoted(line.positional()[0])),
      pbs_job_name(resolved.campaign.name), pbs_directives(asked),
      job_body(BatchSystem::kPbs, setup_lines(options.setup, line), command));
  return ExitCode::kDone;
}

}  // namespace hullscan::cli
