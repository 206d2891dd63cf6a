#include "scheduler/slurm_states.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <string_view>

namespace hullscan {
namespace {

std::vector<std::string> fields_of(const std::string& line, std::size_t count) {
  std::vector<std::string> fields;
  std::size_t begin = 0;
  while (fields.size() + 1 < count) {
    const auto bar = line.find('|', begin);
    if (bar == std::string::npos) return {};
    fields.push_back(line.substr(begin, bar - begin));
    begin = bar + 1;
  }
  fields.push_back(line.substr(begin));
  return fields;
}

/// "CANCELLED by 1000" -> "CANCELLED", "PENDING+" -> "PENDING".
std::string first_word(const std::string& text) { return text.substr(0, text.find_first_of(" +")); }

bool one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool contains_one_of(const std::string& text, std::initializer_list<const char*> parts) {
  return std::any_of(parts.begin(), parts.end(), [&](const char* p) { return text.find(p) != std::string::npos; });
}

std::string one_line(const std::string& text) {
  std::string line;
  for (const char c : text) line += c == '\n' ? ' ' : c;
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return line;
}

bool is_waiting_or_running(const std::string& state) {
  return one_of(state, {"PENDING", "CONFIGURING", "RUNNING", "COMPLETING", "SUSPENDED", "STOPPED", "SIGNALING",
                        "STAGE_OUT", "RESIZING", "RESV_DEL_HOLD"});
}

/// Reasons of a waiting job that no amount of waiting removes.
bool never_starts(const std::string& reason) {
  return one_of(reason, {"PartitionConfig", "PartitionTimeLimit", "PartitionNodeLimit", "BadConstraints",
                         "DependencyNeverSatisfied", "AccountNotAllowed", "QOSNotAllowed", "InvalidAccount",
                         "InvalidQOS", "AssocMaxWallDurationPerJobLimit",
                         "QOSMaxWallDurationPerJobLimit", "QOSMaxCpuPerJobLimit", "QOSMaxNodePerJobLimit",
                         "QOSMaxMemoryPerJob", "AssocMaxCpuPerJobLimit", "AssocMaxNodePerJobLimit"});
}

JobVerdict of_ended(const SlurmJob& job, const JobEvidence& evidence) {
  using Kind = JobVerdict::Kind;
  const std::string where = job.nodes.empty() ? "" : " on " + job.nodes;
  if (one_of(job.state, {"TIMEOUT", "DEADLINE"}))
    return {Kind::kTimedOut, fmt::format("job {} was ended by its time limit{}", job.id, where)};
  if (job.state == "OUT_OF_MEMORY" || evidence.memory_text)
    return {Kind::kOutOfMemory, fmt::format("job {} used more memory than it had asked for{}", job.id, where)};
  if (job.state == "BOOT_FAIL") return {Kind::kEnvironment, fmt::format("job {}: a node did not boot{}", job.id, where)};
  if (job.state == "NODE_FAIL") return {Kind::kLost, fmt::format("job {}: node failure{}", job.id, where)};
  if (one_of(job.state, {"PREEMPTED", "REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD", "SPECIAL_EXIT", "REVOKED"}))
    return {Kind::kLost, fmt::format("job {} was taken off its node by Slurm ({})", job.id, job.state)};
  if (job.state == "CANCELLED" && never_starts(job.reason))
    return {Kind::kEnvironment, fmt::format("Slurm cancelled job {}: {}", job.id, job.reason)};
  if (job.state == "CANCELLED") return {Kind::kLost, fmt::format("job {} was cancelled (scancel){}", job.id, where)};
  if (job.state == "FAILED" && (job.exit_code == "0:53" || (job.reason == "JobLaunchFailure" && job.exit_code.empty())))
    return {Kind::kEnvironment, fmt::format("job {} could not be launched{}", job.id, where)};
  return {Kind::kLost,
          fmt::format("job {} ended as {}{}{} and left no exit code", job.id, job.state,
                      job.exit_code.empty() ? "" : " " + job.exit_code, where)};
}

/// The exit file stands. An end by a signal was perhaps Slurm's doing, and Slurm then knows why.
JobVerdict of_exit_code(const JobEvidence& evidence, double grace_s, double settle_s) {
  using Kind = JobVerdict::Kind;
  const bool by_signal = *evidence.exit_code >= 128;
  if (by_signal && evidence.memory_text) return {Kind::kOutOfMemory, "it used more memory than it had asked for"};
  if (by_signal) {
    for (const auto& record : {evidence.accounting, evidence.queue}) {
      if (!record || is_waiting_or_running(record->state)) continue;
      if (one_of(record->state, {"COMPLETED", "FAILED"})) return {Kind::kEnded, ""};
      return of_ended(*record, evidence);
    }
  }
  if (by_signal && evidence.started && evidence.queue && evidence.queue->state == "PENDING")
    return {Kind::kLost, fmt::format("job {} was taken off its node and put back in the queue", evidence.queue->id)};
  // Nodes that are slow to let go of a job, or never do, keep it in the queue ("COMPLETING").
  const bool shown = evidence.queue && is_waiting_or_running(evidence.queue->state);
  if (by_signal && evidence.exit_age_s < (shown ? grace_s : settle_s)) return {};
  // A code that was told to end may do so with exit code 0 (VASP): whether it is done is in its outputs.
  if (evidence.time_warning) return {Kind::kTimedOut, "ended by its time limit"};
  return {Kind::kEnded, ""};
}

}  // namespace

std::vector<SlurmJob> parse_squeue(const std::string& text, const std::string& prefix) {
  std::vector<SlurmJob> jobs;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const auto fields = fields_of(line, 5);
    if (fields.empty() || !fields[4].starts_with(prefix)) continue;
    jobs.push_back({fields[0], fields[4], first_word(fields[1]), fields[2], fields[3], ""});
  }
  return jobs;
}

std::vector<SlurmJob> parse_sacct(const std::string& text, const std::string& prefix) {
  std::vector<SlurmJob> jobs;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const auto fields = fields_of(line, 5);
    if (fields.empty() || !fields[4].starts_with(prefix)) continue;
    SlurmJob job{fields[0], fields[4], first_word(fields[1]), "", fields[3], fields[2]};
    if (job.nodes == "None assigned" || job.nodes == "(null)") job.nodes.clear();
    const auto known = std::find_if(jobs.begin(), jobs.end(), [&](const SlurmJob& j) { return j.id == job.id; });
    if (known != jobs.end()) {
      *known = job;
    } else {
      jobs.push_back(job);
    }
  }
  return jobs;
}

bool tells_of_memory(const std::string& log) {
  return contains_one_of(
      log, {"oom-kill", "oom_kill", "exceeded memory limit", "Exceeded job memory limit", "Out Of Memory"});
}

SbatchAnswer parse_sbatch(int exit_code, const std::string& output, const std::string& errors) {
  using Kind = SbatchAnswer::Kind;
  // "17" or "17;cluster"
  const std::string id = output.substr(0, output.find_first_of(";\n"));
  const bool is_id = !id.empty() && id.find_first_not_of("0123456789") == std::string::npos;
  if (exit_code == 0 && is_id) return {Kind::kAccepted, id, ""};
  const std::string text = one_line(errors);
  if (contains_one_of(errors, {"Socket timed out", "Zero Bytes were transmitted", "Unexpected message received",
                               "Communication connection failure", "Header lengths are longer", "Connection reset"}))
    return {Kind::kUnknown, "", text};
  if (contains_one_of(errors,
                      {"Unable to contact slurm controller", "Slurm backup controller in standby",
                       "Slurm temporarily unable to accept job", "Resource temporarily unavailable",
                       "Job violates accounting/QOS policy", "MaxSubmitJob", "Transport endpoint is not connected",
                       "Connection refused", "try again", "Rate limit exceeded", "still configuring"}))
    return {Kind::kLater, "", text};
  // 128 + signal: it was ended from outside, perhaps after it had asked.
  if (exit_code == 0 || exit_code > 255 || (exit_code > 128 && exit_code < 160)) return {Kind::kUnknown, "", text};
  return {Kind::kRefused, "", text.empty() ? fmt::format("sbatch ended with exit code {}", exit_code) : text};
}

JobVerdict judge_job(const JobEvidence& evidence, double grace_s, double settle_s) {
  using Kind = JobVerdict::Kind;
  if (evidence.exit_code) return of_exit_code(evidence, grace_s, settle_s);
  // A record of accounting outlives the queue's, and is made after it; while the queue still shows life, it decides.
  const auto& queue = evidence.queue;
  if (queue && is_waiting_or_running(queue->state)) {
    if (queue->state == "PENDING" && never_starts(queue->reason)) {
      return {Kind::kImpossible,
              fmt::format("Slurm keeps job {} but will never start it: {}", queue->id, queue->reason)};
    }
    if (queue->state == "PENDING" && evidence.started) {
      return {Kind::kLost, fmt::format("job {} was taken off its node and put back in the queue", queue->id)};
    }
    if (queue->state == "PENDING" && queue->reason.find("launch failed") != std::string::npos) {
      return {Kind::kEnvironment, fmt::format("job {}: {}", queue->id, queue->reason)};
    }
    return {};
  }
  if (evidence.silent_s < settle_s) return {};
  const auto& accounting = evidence.accounting;
  if (accounting && !is_waiting_or_running(accounting->state)) return of_ended(*accounting, evidence);
  if (queue) return of_ended(*queue, evidence);
  if (evidence.silent_s < grace_s) return {};
  if (evidence.memory_text) return {Kind::kOutOfMemory, "it used more memory than it had asked for"};
  return {Kind::kLost, fmt::format("Slurm has not known the job for {:.0f} s and it left no exit code", evidence.silent_s)};
}

}  // namespace hullscan
