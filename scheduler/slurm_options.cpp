#include "scheduler/slurm_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <regex>

namespace hullscan {
namespace {

/// What sbatch must hear from us alone: these decide whether a job can be found again and is run once.
const std::vector<std::string> kOurs = {"--job-name", "--no-requeue", "--requeue", "--output",  "--error", "--input",
                                        "--array",    "--wrap",       "--chdir",   "--comment", "--wait",  "--parsable",
                                        "--signal",   "--time",       "--export",  "--test-only"};

std::string checked(SettingsReader& reader, const std::string& key, const std::string& allowed,
                    const std::string& expected) {
  const std::string text = reader.text(key, "");
  if (text.empty() || std::regex_match(text, std::regex(allowed))) return text;
  reader.problem(key, fmt::format("expected {}, found \"{}\"", expected, text));
  return "";
}

void read_options(SettingsReader& reader, SlurmOptions& options) {
  static const std::regex form("--[a-z][a-z-]*(=[A-Za-z0-9_.,:/@+-]+)?");
  for (const std::string& option : reader.texts("options")) {
    if (!std::regex_match(option, form)) {
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

void read_setup(SettingsReader& reader, SlurmOptions& options) {
  for (const std::string& line : reader.texts("setup")) {
    if (line.find_first_of(std::string("\n\r\0", 3)) == std::string::npos) {
      options.setup.push_back(line);
    } else {
      reader.problem("setup", "expected one line of shell an entry, found a line break in it");
    }
  }
}

std::string doubled(const std::string& memory, int times) {
  std::size_t end = 0;
  const double amount = std::stod(memory, &end);
  return fmt::format("{:.0f}{}", std::ldexp(amount, times), memory.substr(end));
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
  options.partition = checked(reader, "partition", name, name_text);
  options.account = checked(reader, "account", name, name_text);
  options.qos = checked(reader, "qos", name, name_text);
  options.reservation = checked(reader, "reservation", name, name_text);
  options.constraint =
      checked(reader, "constraint", R"([A-Za-z0-9_(\[][A-Za-z0-9_.,:&|*()\[\]-]*)", "features joined by & | , * ( ) [ ]");
  options.gres = checked(reader, "gres", "[A-Za-z0-9_][A-Za-z0-9_.,:/]*", "letters, digits and _ . , : /");
  options.exclude =
      checked(reader, "exclude", R"([A-Za-z0-9_][A-Za-z0-9_.,\[\]-]*)", "names of nodes such as n[1-3],n7");
  options.memory = checked(reader, "memory", "[1-9][0-9]{0,8}[KMGT]?", "an amount such as \"4G\"");
  options.memory_per_cpu = checked(reader, "memory_per_cpu", "[1-9][0-9]{0,8}[KMGT]?", "an amount such as \"2G\"");
  if (!options.memory.empty() && !options.memory_per_cpu.empty())
    reader.problem("memory_per_cpu", "either this or memory");
  options.nodes = static_cast<int>(reader.integer("nodes", options.nodes, 1, 100'000));
  options.ntasks = static_cast<int>(reader.integer("ntasks", options.nodes, options.nodes, 10'000'000));
  options.cpus_per_task = static_cast<int>(reader.integer("cpus_per_task", options.cpus_per_task, 1, 100'000));
  options.launcher = reader.texts("launcher");
  for (const std::string& word : options.launcher) {
    if (word.empty() || word.find_first_of(std::string("\n\r\0", 3)) != std::string::npos)
      reader.problem("launcher", "expected the words of a command, found an empty one or a line break");
  }
  read_options(reader, options);
  read_setup(reader, options);
  options.max_queued = static_cast<int>(reader.integer("max_queued", options.max_queued, 1, 1'000'000));
  options.poll_s = reader.number("poll_s", options.poll_s, 0.1, 3600);
  options.grace_s = reader.number("grace_s", options.grace_s, 1, 1e5);
  options.node_failures = static_cast<int>(reader.integer("node_failures", options.node_failures, 1, 1000));
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
  if (!options.memory.empty()) add("mem", doubled(options.memory, memory_doublings));
  if (!options.memory_per_cpu.empty()) add("mem-per-cpu", doubled(options.memory_per_cpu, memory_doublings));
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
