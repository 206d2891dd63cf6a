#include "scheduler/executors/pbs_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <regex>
#include <utility>

#include "scheduler/executors/executor_kind.hpp"

namespace hullscan {
namespace {

/// What qsub must hear from us alone: these decide whether a job can be found again and is run once, or make qsub wait.
constexpr const char* kPbsOurs = "NoejJrVvSCIXGzfhkqAPR";

/// Keys that somebody who comes from [run.slurm] or from job scripts writes, and what is written instead.
constexpr std::array<std::pair<const char*, const char*>, 9> kOtherWords = {{
    {"partition", "is a key of [run.slurm]; PBS calls it queue"},
    {"qos", "is a key of [run.slurm]; PBS has queues and options = [\"-W group_list=…\"]"},
    {"constraint", "is a key of [run.slurm]; PBS asks for resources of a node: resources = [\"model=…\"]"},
    {"reservation", "is a key of [run.slurm]; a reservation of PBS is a queue: queue = \"R123\""},
    {"gres", "is a key of [run.slurm]; PBS asks for resources of a node: resources = [\"ngpus=1\"]"},
    {"exclude", "is a key of [run.slurm]; PBS cannot be asked to leave nodes out"},
    {"walltime", "is not a key: the time limit of a calculation is run.time_limit_s"},
    {"select", "is not a key: the statement is made from nodes, ntasks, cpus_per_task, memory and resources"},
    {"ncpus", "is not a key: cores of a node follow from nodes, ntasks and cpus_per_task"},
}};

void read_pbs_extra_options(SettingsReader& reader, PbsOptions& options) {
  static const std::regex form("-([A-Za-z]) ([A-Za-z0-9_][A-Za-z0-9_.,:/@+=^-]*)");
  static const std::regex refused_values("-l (select|walltime|nodes|place|ncpus|mem|mpiprocs)=.*|-W (.*,)?block=.*");
  for (const std::string& option : reader.texts("options")) {
    std::smatch parts;
    if (option.size() > kLongestOption || !std::regex_match(option, parts, form)) {
      reader.problem("options", fmt::format("expected \"-X value\" with one letter and a value of letters, digits and "
                                            "_ . , : / @ + = ^ -, found \"{}\"",
                                            option));
    } else if (std::string(kPbsOurs).find(parts[1].str()) != std::string::npos ||
               std::regex_match(option, refused_values)) {
      reader.problem("options", fmt::format("{} is set by hullscan itself or by a key of its own", option));
    } else {
      options.options.push_back(option);
    }
  }
}

void read_node_resources(SettingsReader& reader, PbsOptions& options) {
  static const std::regex form("[A-Za-z][A-Za-z0-9_-]*=[A-Za-z0-9_][A-Za-z0-9_.,-]*");
  static const std::regex own("(ncpus|mpiprocs|ompthreads|mem)=.*");
  for (const std::string& resource : reader.texts("resources")) {
    if (resource.size() > kLongestOption || !std::regex_match(resource, form)) {
      reader.problem("resources", fmt::format("expected \"name=value\" such as \"ngpus=1\", found \"{}\"", resource));
    } else if (std::regex_match(resource, own)) {
      reader.problem("resources", fmt::format("{} follows from ntasks, cpus_per_task and memory", resource));
    } else {
      options.resources.push_back(resource);
    }
  }
}

/// "4G" -> "4gb", "500" (megabytes, as in [run.slurm]) -> "500mb".
std::string pbs_memory(const std::string& memory) {
  const char unit = memory.back();
  if (std::isdigit(static_cast<unsigned char>(unit)) != 0) return memory + "mb";
  return memory.substr(0, memory.size() - 1) + static_cast<char>(std::tolower(static_cast<unsigned char>(unit))) + "b";
}

std::string times(const std::string& memory, int count) {
  std::size_t end = 0;
  const double amount = std::stod(memory, &end);
  return fmt::format("{:.0f}{}", amount * count, memory.substr(end));
}

std::string chunk(const PbsOptions& options, int count, int ranks, int memory_doublings) {
  std::string text = fmt::format("{}:ncpus={}:mpiprocs={}", count, ranks * options.cpus_per_task, ranks);
  if (options.cpus_per_task > 1) text += fmt::format(":ompthreads={}", options.cpus_per_task);
  std::string memory = options.memory;
  if (!options.memory_per_cpu.empty()) memory = times(options.memory_per_cpu, ranks * options.cpus_per_task);
  if (!memory.empty()) text += ":mem=" + pbs_memory(doubled_memory(memory, memory_doublings));
  for (const std::string& resource : options.resources) text += ":" + resource;
  return text;
}

}  // namespace

PbsOptions read_pbs_options(const RunSpec& run, Problems& problems) {
  const SettingsTable table = executor_table(run);
  SettingsReader reader(table, "run.pbs", problems);
  PbsOptions options;
  const std::string mode = reader.choice("mode", {"auto", "jobs", "arrays"}, "auto");
  options.arrays = mode == "arrays";
  for (const auto& [key, what] : kOtherWords) {
    if (reader.raw(key) != nullptr) reader.problem(key, what);
  }
  options.queue = checked_text(reader, "queue", "[A-Za-z0-9_][A-Za-z0-9_.@-]*", "letters, digits and _ . @ -");
  options.account =
      checked_text(reader, "account", "[A-Za-z0-9_][A-Za-z0-9_.,:@+-]*", "letters, digits and _ . , : @ + -");
  options.project = checked_text(reader, "project", "[A-Za-z0-9_][A-Za-z0-9_.@-]*", "letters, digits and _ . @ -");
  options.place = checked_text(
      reader, "place", "(free|pack|scatter|vscatter)(:(excl|shared|exclhost))?(:group=[A-Za-z][A-Za-z0-9_-]*)?",
      "free, pack, scatter or vscatter, then :excl, :shared or :exclhost, then :group=RESOURCE");
  read_node_resources(reader, options);
  read_batch_options(reader, options);
  read_pbs_extra_options(reader, options);
  reader.finish();
  return options;
}

std::string pbs_time(double seconds) {
  const auto whole = static_cast<long>(std::max(1.0, std::ceil(seconds)));
  return fmt::format("{:02}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

std::string select_statement(const PbsOptions& options, int memory_doublings) {
  const int least = options.ntasks / options.nodes, with_one_more = options.ntasks % options.nodes;
  std::string text;
  if (with_one_more > 0) text = chunk(options, with_one_more, least + 1, memory_doublings) + "+";
  return "select=" + text + chunk(options, options.nodes - with_one_more, least, memory_doublings);
}

std::vector<std::string> qsub_resources(const PbsOptions& options, double time_limit_s, int memory_doublings) {
  std::vector<std::string> arguments;
  const auto add = [&](const char* letter, const std::string& value) {
    if (!value.empty()) arguments.insert(arguments.end(), {letter, value});
  };
  add("-q", options.queue);
  add("-A", options.account);
  add("-P", options.project);
  add("-l", select_statement(options, memory_doublings));
  const std::string place = options.place.empty() && options.nodes > 1 ? "scatter" : options.place;
  if (!place.empty()) add("-l", "place=" + place);
  add("-l", "walltime=" + pbs_time(time_limit_s));
  for (const std::string& option : options.options)
    arguments.insert(arguments.end(), {option.substr(0, 2), option.substr(3)});
  return arguments;
}

}  // namespace hullscan
