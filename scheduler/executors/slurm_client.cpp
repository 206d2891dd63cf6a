#include "scheduler/executors/slurm_client.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <sstream>
#include <utility>  // std::move

#include "core/errors.hpp"
#include "core/log.hpp"
#include "scheduler/executors/detail/child_process.hpp"
#include "scheduler/executors/slurm_states.hpp"

namespace hullscan {
namespace {

/// A warning needs room to be useful: Slurm sends it up to a minute early.
constexpr double kWarnedFrom_s = 600;

/// In a file name that sbatch expands.
std::string without_patterns(const std::string& path) {
  std::string result;
  for (const char c : path) result += c == '%' ? std::string("%%") : std::string(1, c);
  return result;
}

}  // namespace

Environment environment_for_new_job(Environment own) {
  Environment result = child_environment(own, {}, false, "");
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
    if (dash == 0 || dash > 6 || clock.find_first_not_of("0123456789") != dash) return std::nullopt;
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

SlurmClient::SlurmClient(std::filesystem::path directory, std::string prefix, SlurmOptions options)
    : directory_(std::filesystem::absolute(std::move(directory))),
      prefix_(std::move(prefix)),
      options_(std::move(options)) {}

const BatchSystem& SlurmClient::system() const {
  static const BatchSystem slurm = {.name = "Slurm",
                                    .submit_command = "sbatch",
                                    .cancel_command = "scancel",
                                    .mark = "slurm:",
                                    .folder = "slurm",
                                    .job_id_variable = "SLURM_JOB_ID",
                                    .array_index_variable = "SLURM_ARRAY_TASK_ID"};
  return slurm;
}

CommandAnswer SlurmClient::ask(const std::vector<std::string>& command) const {
  return ask_command(command, directory_, environment_for_new_job(detail::own_environment()));
}

SubmissionAnswer SlurmClient::submit(const BatchSubmission& submission) {
  const bool is_array = submission.array_tasks > 0;
  std::vector<std::string> command = {
      "sbatch",
      "--parsable",
      "--no-requeue",
      "--kill-on-invalid-dep=yes",
      "--job-name=" + submission.name,
      "--chdir=" + submission.directory.string(),
      "--output=" + without_patterns((directory_ / submission.name).string()) + (is_array ? "_%a.out" : ".out"),
      "--open-mode=append"};
  if (submission.time_limit_s >= kWarnedFrom_s) command.emplace_back("--signal=B:USR1@120");
  for (std::string& argument :
       resource_arguments(options_, submission.time_limit_s, submission.avoided_nodes, submission.memory_doublings))
    command.push_back(std::move(argument));
  if (is_array) command.push_back(fmt::format("--array=0-{}%{}", submission.array_tasks - 1, submission.at_a_time));
  command.push_back(submission.script.string());
  const CommandAnswer answer = ask(command);
  return parse_sbatch(answer.exit_code, answer.output, answer.errors);
}

std::optional<std::vector<BatchJob>> SlurmClient::queue() {
  const CommandAnswer answer =
      ask({"squeue", "-h", "-r", "-t", "all", "-u", std::to_string(::geteuid()), "-o", kSqueueFormat});
  if (answer.exit_code == 0) return parse_squeue(answer.output, prefix_);
  log_debug("squeue: " + answer.errors);
  return std::nullopt;
}

std::optional<std::vector<BatchJob>> SlurmClient::accounting() {
  if (!has_accounting_) return std::nullopt;
  try {
    const CommandAnswer answer = ask(
        {"sacct", "-n", "-P", "-X", "-D", "-u", std::to_string(::geteuid()), "-S", "now-30days", "-o", kSacctFormat});
    if (answer.exit_code == 0) return parse_sacct(answer.output, prefix_);
    if (answer.errors.find("disabled") != std::string::npos) has_accounting_ = false;
  } catch (const TransportError&) {
    has_accounting_ = false;  // no such program
  }
  return std::nullopt;
}

void SlurmClient::cancel(const std::string& id) { (void)ask({"scancel", id}); }

void SlurmClient::cancel_step(const std::string& job, const std::string& step_name) {
  const CommandAnswer answer = ask({"squeue", "-h", "-s", "-j", job, "-o", "%i|%j"});
  std::istringstream lines(answer.output);
  for (std::string line; std::getline(lines, line);) {
    const auto bar = line.find('|');
    if (bar != std::string::npos && line.substr(bar + 1) == step_name) cancel(line.substr(0, bar));
  }
}

std::string SlurmClient::best_mpi() const {
  const CommandAnswer answer = ask({"srun", "--mpi=list"});
  return (answer.output + answer.errors).find("pmix") != std::string::npos ? "pmix" : "";
}

std::optional<double> SlurmClient::seconds_left(const std::string& id) const {
  const CommandAnswer answer = ask({"squeue", "-h", "-j", id, "-o", "%L"});
  return answer.exit_code == 0 ? parse_slurm_seconds(answer.output) : std::nullopt;
}

}  // namespace hullscan
