#include "scheduler/slurm_client.hpp"

#include <unistd.h>

#include <chrono>
#include <fstream>
#include <sstream>
#include <thread>

#include "core/errors.hpp"
#include "core/log.hpp"
#include "scheduler/detail/child_process.hpp"
#include "scheduler/program_search.hpp"

namespace hullscan {
namespace {

/// A controller that is down blocks a command for 9 s; one that is overloaded, for longer.
constexpr double kPatience_s = 120;

}  // namespace

std::string text_of(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

std::map<std::string, std::string> environment_for_new_job(std::map<std::string, std::string> own) {
  std::map<std::string, std::string> result = child_environment(own, {}, false, "");
  std::erase_if(result, [](const auto& variable) {
    const std::string& name = variable.first;
    if (name == "SLURM_CONF" || name == "SLURM_CLUSTERS") return false;
    return name.starts_with("SLURM_") || name.starts_with("SLURMD_") || name == "SBATCH_WAIT" ||
           name == "SBATCH_ARRAY_INX" || name == "SBATCH_REQUEUE" || name == "SBATCH_OUTPUT";
  });
  return result;
}

std::optional<double> parse_slurm_seconds(const std::string& text) {
  double days = 0, seconds = 0;
  std::string clock = text;
  while (!clock.empty() && (clock.back() == '\n' || clock.back() == ' ')) clock.pop_back();
  if (const auto dash = clock.find('-'); dash != std::string::npos) {
    if (dash == 0 || clock.find_first_not_of("0123456789") != dash) return std::nullopt;
    days = std::stod(clock.substr(0, dash));
    clock = clock.substr(dash + 1);
  }
  std::istringstream parts(clock);
  int count = 0;
  for (std::string part; std::getline(parts, part, ':'); ++count) {
    if (part.empty() || part.size() > 6 || part.find_first_not_of("0123456789") != std::string::npos)
      return std::nullopt;
    seconds = seconds * 60 + std::stod(part);
  }
  if (count < 2 || count > 3) return std::nullopt;
  return days * 86400 + seconds;
}

SlurmClient::SlurmClient(std::filesystem::path directory, std::string prefix)
    : directory_(std::filesystem::absolute(std::move(directory))), prefix_(std::move(prefix)) {}

SlurmClient::Answer SlurmClient::ask(const std::vector<std::string>& command) const {
  detail::ChildSpec spec;
  spec.environment = environment_for_new_job(detail::own_environment());
  const auto path = spec.environment.find("PATH");
  spec.program = find_program(command.front(), path == spec.environment.end() ? "/usr/local/bin:/usr/bin:/bin"
                                                                              : path->second);
  spec.command = command;
  spec.directory = directory_;
  spec.stdout_file = directory_ / ".answer";
  spec.stderr_file = directory_ / ".answer.errors";
  const int pid = detail::start_child(spec);
  const auto begun = std::chrono::steady_clock::now();
  std::optional<int> exit_code;
  bool ended = false;
  while (!(exit_code = detail::reap_child(pid, false))) {
    const double waited = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    if (waited > kPatience_s && !ended) {
      detail::signal_group(pid, detail::EndSignal::kKill);
      ended = true;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return {*exit_code, text_of(spec.stdout_file), text_of(spec.stderr_file)};
}

SbatchAnswer SlurmClient::submit(const std::vector<std::string>& arguments) const {
  std::vector<std::string> command = {"sbatch", "--parsable", "--no-requeue", "--kill-on-invalid-dep=yes"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  const Answer answer = ask(command);
  return parse_sbatch(answer.exit_code, answer.output, answer.errors);
}

std::optional<std::vector<SlurmJob>> SlurmClient::queue() const {
  const Answer answer =
      ask({"squeue", "-h", "-r", "-t", "all", "-u", std::to_string(::geteuid()), "-o", kSqueueFormat});
  if (answer.exit_code == 0) return parse_squeue(answer.output, prefix_);
  log_debug("squeue: " + answer.errors);
  return std::nullopt;
}

std::optional<std::vector<SlurmJob>> SlurmClient::accounting() {
  if (!has_accounting_) return std::nullopt;
  try {
    const Answer answer = ask({"sacct", "-n", "-P", "-X", "-D", "-u", std::to_string(::geteuid()), "-S", "now-30days",
                               "-o", kSacctFormat});
    if (answer.exit_code == 0) return parse_sacct(answer.output, prefix_);
    if (answer.errors.find("disabled") != std::string::npos) has_accounting_ = false;
  } catch (const TransportError&) {
    has_accounting_ = false;  // no such program
  }
  return std::nullopt;
}

void SlurmClient::cancel(const std::string& id) const { (void)ask({"scancel", id}); }

void SlurmClient::cancel_step(const std::string& job, const std::string& step_name) const {
  const Answer answer = ask({"squeue", "-h", "-s", "-j", job, "-o", "%i|%j"});
  std::istringstream lines(answer.output);
  for (std::string line; std::getline(lines, line);) {
    const auto bar = line.find('|');
    if (bar != std::string::npos && line.substr(bar + 1) == step_name) cancel(line.substr(0, bar));
  }
}

std::string SlurmClient::best_mpi() const {
  const Answer answer = ask({"srun", "--mpi=list"});
  return (answer.output + answer.errors).find("pmix") != std::string::npos ? "pmix" : "";
}

std::optional<double> SlurmClient::seconds_left(const std::string& id) const {
  const Answer answer = ask({"squeue", "-h", "-j", id, "-o", "%L"});
  return answer.exit_code == 0 ? parse_slurm_seconds(answer.output) : std::nullopt;
}

}  // namespace hullscan
