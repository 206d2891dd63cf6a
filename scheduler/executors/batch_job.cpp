#include "scheduler/executors/batch_job.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace hullscan {
namespace {

bool one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_waiting_or_running(const std::string& state) {
  return one_of(state, {"PENDING", "CONFIGURING", "RUNNING", "COMPLETING", "SUSPENDED", "STOPPED", "SIGNALING",
                        "STAGE_OUT", "RESIZING", "RESV_DEL_HOLD"});
}

/// Reasons of a waiting job that no amount of waiting removes.
bool never_starts(const std::string& reason) {
  return one_of(reason,
                {"PartitionConfig", "PartitionTimeLimit", "PartitionNodeLimit", "BadConstraints",
                 "DependencyNeverSatisfied", "AccountNotAllowed", "QOSNotAllowed", "InvalidAccount", "InvalidQOS",
                 "AssocMaxWallDurationPerJobLimit", "QOSMaxWallDurationPerJobLimit", "QOSMaxCpuPerJobLimit",
                 "QOSMaxNodePerJobLimit", "QOSMaxMemoryPerJob", "AssocMaxCpuPerJobLimit", "AssocMaxNodePerJobLimit"});
}

JobVerdict of_ended(const BatchJob& job, const JobEvidence& evidence) {
  using Kind = JobVerdict::Kind;
  const std::string where = job.nodes.empty() ? "" : " on " + job.nodes;
  if (one_of(job.state, {"TIMEOUT", "DEADLINE"}))
    return {Kind::kTimedOut, fmt::format("job {} was ended by its time limit{}", job.id, where)};
  if (job.state == "OUT_OF_MEMORY" || evidence.memory_text)
    return {Kind::kOutOfMemory, fmt::format("job {} used more memory than it had asked for{}", job.id, where)};
  if (job.state == "BOOT_FAIL")
    return {Kind::kEnvironment, fmt::format("job {}: a node did not boot{}", job.id, where)};
  if (job.state == "NODE_FAIL") return {Kind::kLost, fmt::format("job {}: node failure{}", job.id, where)};
  if (one_of(job.state, {"PREEMPTED", "REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD", "SPECIAL_EXIT", "REVOKED"}))
    return {Kind::kLost, fmt::format("job {} was taken off its node by {} ({})", job.id, evidence.system, job.state)};
  if (job.state == "CANCELLED" && never_starts(job.reason))
    return {Kind::kEnvironment, fmt::format("{} cancelled job {}: {}", evidence.system, job.id, job.reason)};
  if (job.state == "CANCELLED")
    return {Kind::kLost, fmt::format("job {} was cancelled ({}){}", job.id, evidence.cancel_command, where)};
  if (job.state == "FAILED" && (job.exit_code == "0:53" || (job.reason == "JobLaunchFailure" && job.exit_code.empty())))
    return {Kind::kEnvironment, fmt::format("job {} could not be launched{}", job.id, where)};
  return {Kind::kLost, fmt::format("job {} ended as {}{}{} and left no exit code", job.id, job.state,
                                   job.exit_code.empty() ? "" : " " + job.exit_code, where)};
}

/// The exit file stands. An end by a signal was perhaps the batch system's doing, which then knows why.
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

bool contains_one_of(const std::string& text, std::initializer_list<const char*> parts) {
  return std::any_of(parts.begin(), parts.end(), [&](const char* p) { return text.find(p) != std::string::npos; });
}

std::string in_one_line(const std::string& text) {
  std::string line;
  for (const char c : text) line += c == '\n' ? ' ' : c;
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return line;
}

std::string key_of(const BatchJob& job) {
  return job.array_task ? fmt::format("{}_{}", job.name, *job.array_task) : job.name;
}

bool tells_of_memory(const std::string& log, const std::vector<std::string>& of_system) {
  const auto says = [&](const std::string& words) { return log.find(words) != std::string::npos; };
  return contains_one_of(log, {"oom-kill", "oom_kill", "exceeded memory limit", "Exceeded job memory limit",
                               "Out Of Memory", "Cgroup mem limit exceeded", "Cgroup memory limit exceeded"}) ||
         std::any_of(of_system.begin(), of_system.end(), says);
}

JobVerdict judge_job(const JobEvidence& evidence, double grace_s, double settle_s) {
  using Kind = JobVerdict::Kind;
  if (evidence.exit_code) return of_exit_code(evidence, grace_s, settle_s);
  // A record of accounting outlives the queue's, and is made after it; while the queue still shows the job alive, it
  // decides.
  const auto& queue = evidence.queue;
  if (queue && is_waiting_or_running(queue->state)) {
    if (queue->state == "PENDING" && never_starts(queue->reason)) {
      return {Kind::kImpossible,
              fmt::format("{} keeps job {} but will never start it: {}", evidence.system, queue->id, queue->reason)};
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
  return {Kind::kLost, fmt::format("{} has not known the job for {:.0f} s and it left no exit code", evidence.system,
                                   evidence.silent_s)};
}

CommandEnd end_of_command(const JobVerdict& verdict, std::optional<int> exit_code, const std::string& comment) {
  using Kind = JobVerdict::Kind;
  const auto ended = [&](EndCause cause) { return CommandEnded{exit_code.value_or(0), cause}; };
  switch (verdict.kind) {
    case Kind::kLost:
      return CommandLost{verdict.reason};
    case Kind::kEnvironment:
    case Kind::kImpossible:
      return CommandNotStarted{verdict.reason + (comment.empty() ? "" : " (" + comment + ")")};
    case Kind::kTimedOut:
      return ended(EndCause::kTimeLimit);
    case Kind::kOutOfMemory:
      return ended(EndCause::kOutOfMemory);
    case Kind::kWait:
    case Kind::kEnded:
      break;
  }
  return ended(EndCause::kItself);
}

}  // namespace hullscan
