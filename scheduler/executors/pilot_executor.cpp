#include "scheduler/executors/pilot_executor.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <string_view>

#include "core/errors.hpp"
#include "core/log.hpp"
#include "scheduler/executors/detail/child_process.hpp"
#include "scheduler/executors/program_search.hpp"

namespace hullscan {
namespace {

// A step's name in Slurm, and in front of the process that waits for it.
constexpr const char* kStepMark = "step:";

// Left by the first rank of a step in its directory: srun waits elsewhere and does not say where it runs.
constexpr const char* kNodeFile = ".hullscan-node";
const std::string& note_node_and_run() {
  static const std::string script = fmt::format(
      R"(if [ "${{SLURM_PROCID:-0}}" = 0 ]; then echo "$SLURMD_NODENAME" > {}; fi; exec "$0" "$@")", kNodeFile);
  return script;
}

std::string noted_node(const std::filesystem::path& directory) {
  std::string node;
  std::getline(std::ifstream(directory / kNodeFile), node);
  return node;
}

std::string step_name(const std::string& task_key, int attempt) {
  return fmt::format("hs-{}-{}", task_key.substr(0, 12), attempt);
}

std::filesystem::path made(const std::filesystem::path& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) throw StorageError(fmt::format("{}: cannot be made: {}", directory.string(), error.message()));
  return directory;
}

bool is_program(const std::string& name) {
  const Environment own = detail::own_environment();
  const auto path = own.find("PATH");
  try {
    return detail::is_machine_code(
        find_program(name, path == own.end() ? "/usr/local/bin:/usr/bin:/bin" : path->second));
  } catch (const TransportError&) {
    return false;
  }
}

/// "step:NAME/PROCESS"
std::pair<std::string, std::string> parts_of(const std::string& job) {
  if (!job.starts_with(kStepMark)) return {"", job};
  const auto slash = job.find('/');
  if (slash == std::string::npos) return {"", ""};
  const auto begin = std::string(kStepMark).size();
  return {job.substr(begin, slash - begin), job.substr(slash + 1)};
}

constexpr std::size_t kMostHosts = 100'000;
constexpr std::size_t kLongestHost =
    255;  ///< of a domain name, RFC 1035; longer ones, so many times, would fill all memory
constexpr int kMostCores = 1'000'000'000;

/// Takes the digits at the front away; nothing if there are none, or more than `most`.
std::optional<long> number_before(std::string_view& text, std::size_t most) {
  const std::string_view digits = text.substr(0, text.find_first_not_of("0123456789"));
  text.remove_prefix(digits.size());
  if (digits.empty() || digits.size() > most) return std::nullopt;
  return std::stol(std::string(digits));
}

/// "008-011,17" behind "n": n008 to n011, n17.
void add_numbered_hosts(const std::string& stem, std::string_view ranges, std::vector<std::string>& names) {
  while (!ranges.empty()) {
    const std::size_t before = ranges.size();
    const auto first = number_before(ranges, 9);
    const auto width = static_cast<int>(before - ranges.size());
    auto last = first;
    if (ranges.starts_with('-')) {
      ranges.remove_prefix(1);
      last = number_before(ranges, 9);
    }
    for (long n = first.value_or(1); first && last && n <= *last && names.size() < kMostHosts; ++n)
      names.push_back(fmt::format("{}{:0{}}", stem, n, width));
    ranges.remove_prefix(
        std::min(ranges.size(), ranges.find(',') == std::string_view::npos ? ranges.size() : ranges.find(',') + 1));
  }
}

}  // namespace

std::optional<Allocation> allocation_from(const std::map<std::string, std::string>& environment) {
  const auto value = [&](const char* name) {
    const auto found = environment.find(name);
    return found == environment.end() ? std::string() : found->second;
  };
  Allocation allocation;
  allocation.job = value("SLURM_JOB_ID");
  if (allocation.job.empty()) return std::nullopt;
  const std::string cores = value("SLURM_JOB_CPUS_PER_NODE");
  int nodes = 0, sum = 0;
  // "8(x2),4": cores of a node, and of how many nodes. What is written otherwise counts nothing.
  for (std::string_view rest = cores; !rest.empty();) {
    const auto on_each = number_before(rest, 6);
    std::optional<long> times = 1;
    if (rest.starts_with("(x")) {
      rest.remove_prefix(2);
      times = number_before(rest, 6);
    }
    if (on_each && times && *times * *on_each <= kMostCores - sum) {
      nodes += static_cast<int>(*times);
      sum += static_cast<int>(*times * *on_each);
    }
    rest.remove_prefix(
        std::min(rest.size(), rest.find(',') == std::string_view::npos ? rest.size() : rest.find(',') + 1));
  }
  if (sum > 0) allocation.nodes = nodes, allocation.cores = sum;
  allocation.hosts = host_names(value("SLURM_JOB_NODELIST"));
  return allocation;
}

std::vector<std::string> host_names(const std::string& list) {
  std::vector<std::string> names;
  std::string_view rest = list;
  while (!rest.empty()) {
    const std::string stem(rest.substr(0, rest.find_first_of(",[]")));
    rest.remove_prefix(stem.size());
    const bool is_name = !stem.empty() && stem.size() <= kLongestHost;
    if (!stem.empty() && rest.starts_with('[')) {
      rest.remove_prefix(1);
      const std::string_view ranges = rest.substr(0, rest.find(']'));
      rest.remove_prefix(ranges.size());
      if (is_name) add_numbered_hosts(stem, ranges, names);
    } else if (is_name && names.size() < kMostHosts) {
      names.push_back(stem);
    }
    if (!rest.empty()) rest.remove_prefix(1);
  }
  return names;
}

std::optional<Allocation> own_allocation() { return allocation_from(detail::own_environment()); }

std::vector<std::string> step_launcher(const SlurmOptions& options, const std::string& name, const std::string& mpi,
                                       const std::vector<std::string>& avoided) {
  if (!options.launcher.empty()) return options.launcher;
  // --mem=0: a step shares the job's memory instead of taking all of it for itself.
  std::vector<std::string> words = {"srun",
                                    "--exact",
                                    "--input=none",
                                    "--unbuffered",
                                    "--job-name=" + name,
                                    fmt::format("--nodes={}", options.nodes),
                                    fmt::format("--ntasks={}", options.ntasks),
                                    fmt::format("--cpus-per-task={}", options.cpus_per_task),
                                    "--mem=0"};
  if (!mpi.empty()) words.push_back("--mpi=" + mpi);
  if (!avoided.empty()) words.push_back(fmt::format("--exclude={}", fmt::join(avoided, ",")));
  return words;
}

std::vector<std::string> forget_own_step(const Environment& environment) {
  if (!environment.contains("SLURM_STEP_ID") && !environment.contains("SLURM_OVERLAP")) return {};
  std::vector<std::string> words = {"env"};
  for (const char* name :
       {"SLURM_OVERLAP", "SLURM_CPU_BIND", "SLURM_MEM_BIND", "SLURM_DISTRIBUTION", "SLURM_MPI_TYPE",
        "SLURM_NTASKS_PER_NODE", "SLURM_TASKS_PER_NODE", "SLURM_STEP_ID", "SLURM_STEPID", "SLURM_STEP_NODELIST",
        "SLURM_STEP_TASKS_PER_NODE", "SLURM_STEP_NUM_TASKS", "SLURM_LOCALID", "SLURM_PROCID", "SLURM_EXACT"})
    words.insert(words.end(), {"-u", name});
  return words;
}

PilotExecutor::PilotExecutor(SlurmOptions options, Allocation allocation, const std::filesystem::path& directory,
                             int slots)
    : options_(std::move(options)),
      allocation_(std::move(allocation)),
      client_(made(directory / "slurm"), "hs-"),
      mpi_(options_.launcher.empty() ? client_.best_mpi() : ""),
      slots_(slots),
      steps_(slots) {}

int PilotExecutor::free_slots() const {
  const int lost = static_cast<int>(avoided_.size()) * slots_ / std::max(1, allocation_.nodes);
  return std::max(0, steps_.free_slots() - lost);
}

void PilotExecutor::avoid(const std::vector<std::string>& hosts) {
  avoided_.clear();
  for (const std::string& host : allocation_.hosts) {
    if (std::find(hosts.begin(), hosts.end(), host) != hosts.end()) avoided_.push_back(host);
  }
  if (avoided_.empty()) return;
  if (static_cast<int>(avoided_.size()) < allocation_.nodes) return;
  log_warning("every node of the job has failed: none is avoided any more");
  avoided_.clear();
}

std::string PilotExecutor::launch(const LaunchRequest& request) {
  LaunchRequest step = request;
  const std::string name = step_name(request.task_key, request.attempt);
  if (command_launches_mpi(request.command) && options_.launcher.empty()) {
    // The user's command places its own ranks.
  } else {
    const bool singleton = options_.ntasks == 1 && options_.launcher.empty() && is_program(request.command.front());
    Environment wanted = request.environment;
    if (options_.cpus_per_task > 1) wanted.emplace("OMP_NUM_THREADS", std::to_string(options_.cpus_per_task));
    step.environment = child_environment({}, wanted, singleton,
                                         (std::filesystem::absolute(request.directory) / ".mpi-session").string());
    step.command = step_launcher(options_, name, mpi_, avoided_);
    if (allocation_.nodes > 1 && options_.nodes == 1)
      step.command.insert(step.command.end(), {"/bin/sh", "-c", note_node_and_run()});
    step.command.insert(step.command.end(), request.command.begin(), request.command.end());
  }
  const std::vector<std::string> forget = forget_own_step(detail::own_environment());
  step.command.insert(step.command.begin(), forget.begin(), forget.end());
  directories_[request.task_key] = request.directory;
  const std::string process = steps_.launch(step);
  return process.empty() ? "" : fmt::format("{}{}/{}", kStepMark, name, process);
}

std::vector<LaunchFinished> PilotExecutor::poll() {
  std::vector<LaunchFinished> ended = steps_.poll();
  for (LaunchFinished& finished : ended) {
    const std::filesystem::path& directory = directories_[finished.task_key];
    if (allocation_.nodes > 1) finished.host = noted_node(directory);
    auto* const ended_command = std::get_if<CommandEnded>(&finished.end);
    if (ended_command == nullptr) continue;
    // A step can outlive the srun that waited for it and was ended.
    if (ended_command->cause != EndCause::kItself && options_.launcher.empty())
      client_.cancel_step(allocation_.job, step_name(finished.task_key, finished.attempt));
    if (ended_command->exit_code != 0 && tells_of_memory(text_of(directory / "stderr.txt")))
      ended_command->cause = EndCause::kOutOfMemory;
  }
  return ended;
}

bool PilotExecutor::is_alive(const std::string& job) const { return steps_.is_alive(parts_of(job).second); }

void PilotExecutor::stop(const std::string& job) {
  const auto [step, process] = parts_of(job);
  steps_.stop(process);
  // A step can outlive the srun that waits for it.
  if (!step.empty()) client_.cancel_step(allocation_.job, step);
}

}  // namespace hullscan
