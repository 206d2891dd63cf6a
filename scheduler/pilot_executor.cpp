#include "scheduler/pilot_executor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <regex>

#include "core/errors.hpp"
#include "core/log.hpp"
#include "scheduler/detail/child_process.hpp"
#include "scheduler/program_search.hpp"

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
  static const std::regex group("([0-9]{1,6})(?:\\(x([0-9]{1,6})\\))?");
  int nodes = 0, sum = 0;
  for (auto found = std::sregex_iterator(cores.begin(), cores.end(), group); found != std::sregex_iterator(); ++found) {
    const int count = (*found)[2].matched ? std::stoi((*found)[2].str()) : 1;
    nodes += count;
    sum += count * std::stoi((*found)[1].str());
  }
  if (sum > 0) allocation.nodes = nodes, allocation.cores = sum;
  allocation.hosts = host_names(value("SLURM_JOB_NODELIST"));
  return allocation;
}

std::vector<std::string> host_names(const std::string& list) {
  static const std::regex item("([^,\\[\\]]+)(?:\\[([0-9,-]+)\\])?"), range("([0-9]{1,9})(?:-([0-9]{1,9}))?");
  std::vector<std::string> names;
  for (auto one = std::sregex_iterator(list.begin(), list.end(), item); one != std::sregex_iterator(); ++one) {
    const std::string stem = (*one)[1].str(), numbers = (*one)[2].str();
    if (numbers.empty()) names.push_back(stem);
    for (auto part = std::sregex_iterator(numbers.begin(), numbers.end(), range); part != std::sregex_iterator(); ++part) {
      const std::string first = (*part)[1].str();
      const long last = std::stol((*part)[2].matched ? (*part)[2].str() : first);
      for (long n = std::stol(first); n <= last && names.size() < 100'000; ++n)
        names.push_back(fmt::format("{}{:0{}}", stem, n, first.size()));
    }
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
    step.environment =
        child_environment({}, wanted, singleton, (std::filesystem::absolute(request.directory) / ".mpi-session").string());
    step.command = step_launcher(options_, name, mpi_, avoided_);
    if (allocation_.nodes > 1 && options_.nodes == 1) step.command.insert(step.command.end(), {"/bin/sh", "-c", note_node_and_run()});
    step.command.insert(step.command.end(), request.command.begin(), request.command.end());
  }
  directories_[request.task_key] = request.directory;
  const std::string process = steps_.launch(step);
  return process.empty() ? "" : fmt::format("{}{}/{}", kStepMark, name, process);
}

std::vector<LaunchFinished> PilotExecutor::poll() {
  std::vector<LaunchFinished> ended = steps_.poll();
  for (LaunchFinished& finished : ended) {
    const std::filesystem::path& directory = directories_[finished.task_key];
    if (allocation_.nodes > 1) finished.host = noted_node(directory);
    // A step can outlive the srun that waited for it and was ended.
    if ((finished.timed_out || finished.hung) && options_.launcher.empty())
      client_.cancel_step(allocation_.job, step_name(finished.task_key, finished.attempt));
    if (finished.exit_code != 0 && tells_of_memory(text_of(directory / "stderr.txt"))) finished.out_of_memory = true;
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
