#include "scheduler/executors/slurm_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <regex>

namespace hullscan {
namespace {

/// What sbatch must hear from us alone: these decide whether a job can be found again and is run once.
const std::vector<std::string> kOurs = {
    "--job-name", "--no-requeue", "--requeue", "--output",   "--error",  "--input", "--array",  "--wrap",
    "--chdir",    "--comment",    "--wait",    "--parsable", "--signal", "--time",  "--export", "--test-only"};

void read_options(SettingsReader& reader, SlurmOptions& options) {
  static const std::regex form("--[a-z][a-z-]*(=[A-Za-z0-9_.,:/@+-]+)?");
  for (const std::string& option : reader.texts("options")) {
    if (option.size() > kLongestOption || !std::regex_match(option, form)) {
      reader.problem("options", fmt::format("expected \"--name\" or \"--name=value\" with a value of letters, digits "
                                            "and _ . , : / @ + -, found \"{}\"",
                                            option));
      continue;
    }
    if (std::find(kOurs.begin(), kOurs.end(), option.substr(0, option.find('='))) != kOurs.end()) {
      reader.problem("options", fmt::format("{} is set by hullscan itself", option));
      continue;
    }
    options.options.push_back(option);
  }
}

}  // namespace

SlurmOptions read_slurm_options(const RunSpec& run, Problems& problems) {
  SettingsTable table = run.settings;
  if (table.where.line == 0) table.where = run.executor_where;
  SettingsReader reader(table, "run.slurm", problems);
  SlurmOptions options;
  const std::string mode = reader.choice("mode", {"auto", "pilot", "jobs", "arrays"}, "auto");
  options.mode = mode == "pilot"    ? SlurmMode::kPilot
                 : mode == "jobs"   ? SlurmMode::kJobs
                 : mode == "arrays" ? SlurmMode::kArrays
                                    : SlurmMode::kAutomatic;
  const std::string name = "[A-Za-z0-9_][A-Za-z0-9_.,@+-]*", name_text = "letters, digits and _ . , @ + -";
  options.partition = checked_text(reader, "partition", name, name_text);
  options.account = checked_text(reader, "account", name, name_text);
  options.qos = checked_text(reader, "qos", name, name_text);
  options.reservation = checked_text(reader, "reservation", name, name_text);
  options.constraint = checked_text(reader, "constraint", R"([A-Za-z0-9_(\[][A-Za-z0-9_.,:&|*()\[\]-]*)",
                                    "features joined by & | , * ( ) [ ]");
  options.gres = checked_text(reader, "gres", "[A-Za-z0-9_][A-Za-z0-9_.,:/]*", "letters, digits and _ . , : /");
  options.exclude =
      checked_text(reader, "exclude", R"([A-Za-z0-9_][A-Za-z0-9_.,\[\]-]*)", "names of nodes such as n[1-3],n7");
  read_batch_options(reader, options);
  options.arrays = options.mode == SlurmMode::kArrays;
  read_options(reader, options);
  reader.finish();
  return options;
}

std::string slurm_time(double seconds) {
  const auto minutes = static_cast<long>(std::max(1.0, std::ceil(seconds / 60)));
  const long days = minutes / 1440;
  const std::string clock = fmt::format("{:02}:{:02}:00", minutes / 60 % 24, minutes % 60);
  return days > 0 ? fmt::format("{}-{}", days, clock) : clock;
}

std::vector<std::string> resource_arguments(const SlurmOptions& options, double time_limit_s,
                                            const std::vector<std::string>& avoided_nodes, int memory_doublings) {
  std::vector<std::string> arguments;
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) arguments.push_back(fmt::format("--{}={}", name, value));
  };
  add("partition", options.partition);
  add("account", options.account);
  add("qos", options.qos);
  add("constraint", options.constraint);
  add("reservation", options.reservation);
  add("gres", options.gres);
  if (!options.memory.empty()) add("mem", doubled_memory(options.memory, memory_doublings));
  if (!options.memory_per_cpu.empty()) add("mem-per-cpu", doubled_memory(options.memory_per_cpu, memory_doublings));
  add("nodes", std::to_string(options.nodes));
  add("ntasks", std::to_string(options.ntasks));
  add("cpus-per-task", std::to_string(options.cpus_per_task));
  add("time", slurm_time(time_limit_s));
  std::string exclude = options.exclude;
  for (const std::string& node : avoided_nodes) exclude += (exclude.empty() ? "" : ",") + node;
  add("exclude", exclude);
  arguments.insert(arguments.end(), options.options.begin(), options.options.end());
  return arguments;
}

}  // namespace hullscan
