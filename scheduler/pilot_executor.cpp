#include "scheduler/pilot_executor.hpp"

#include <fmt/format.h>

#include <regex>

#include "core/errors.hpp"
#include "scheduler/detail/child_process.hpp"
#include "scheduler/program_search.hpp"

namespace hullscan {
namespace {

// A step's name in Slurm, and in front of the process that waits for it.
constexpr const char* kStepMark = "step:";

std::string step_name(const LaunchRequest& request) {
  return fmt::format("hs-{}-{}", request.task_key.substr(0, 12), request.attempt);
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
  return allocation;
}

std::optional<Allocation> own_allocation() { return allocation_from(detail::own_environment()); }

std::vector<std::string> step_launcher(const SlurmOptions& options, const std::string& name, const std::string& mpi) {
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
  return words;
}

PilotExecutor::PilotExecutor(SlurmOptions options, Allocation allocation, const std::filesystem::path& directory,
                             int slots)
    : options_(std::move(options)),
      allocation_(std::move(allocation)),
      client_(made(directory / "slurm"), "hs-"),
      mpi_(options_.launcher.empty() ? client_.best_mpi() : ""),
      steps_(slots) {}

std::string PilotExecutor::launch(const LaunchRequest& request) {
  LaunchRequest step = request;
  const std::string name = step_name(request);
  if (command_launches_mpi(request.command) && options_.launcher.empty()) {
    // The user's command places its own ranks.
  } else {
    const bool singleton = options_.ntasks == 1 && options_.launcher.empty() && is_program(request.command.front());
    Environment wanted = request.environment;
    if (options_.cpus_per_task > 1) wanted.emplace("OMP_NUM_THREADS", std::to_string(options_.cpus_per_task));
    step.environment =
        child_environment({}, wanted, singleton, (std::filesystem::absolute(request.directory) / ".mpi-session").string());
    step.command = step_launcher(options_, name, mpi_);
    step.command.insert(step.command.end(), request.command.begin(), request.command.end());
  }
  const std::string process = steps_.launch(step);
  return process.empty() ? "" : fmt::format("{}{}/{}", kStepMark, name, process);
}

std::vector<LaunchFinished> PilotExecutor::poll() {
  std::vector<LaunchFinished> ended = steps_.poll();
  for (LaunchFinished& finished : ended) {
    // srun waits here; where the calculation ran is known only if there is one node.
    if (allocation_.nodes > 1) finished.host.clear();
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
