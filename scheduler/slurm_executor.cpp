#include "scheduler/slurm_executor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>
#include <sys/stat.h>
#include <utility>  // std::exchange

#include "core/errors.hpp"
#include "core/log.hpp"
#include "scheduler/detail/child_process.hpp"
#include "scheduler/program_search.hpp"
#include "scheduler/run_script.hpp"
#include "storage/crash_point.hpp"
#include "storage/durable_file.hpp"

namespace hullscan {
namespace {

namespace fs = std::filesystem;
using std::chrono::duration;

constexpr const char* kJobMark = "slurm:";            ///< begins the names that executors give to the store
constexpr const char* kSubmittingFile = "submitting"; ///< stands in the attempt's directory before sbatch is called
constexpr auto kLookInterval = std::chrono::milliseconds(500);
constexpr double kLongestPause_s = 300;

std::optional<int> exit_code_in(const fs::path& directory) {
  std::ifstream file(directory / kExitCodeFile);
  int code = 0;
  if (file >> code && code >= 0 && code <= 255) return code;
  return std::nullopt;
}

double modified_at(const fs::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) return 0;
  return static_cast<double>(status.st_mtim.tv_sec) + 1e-9 * static_cast<double>(status.st_mtim.tv_nsec);
}

/// "NAME", or "NAME_3" for a task of an array, whose id is "17_3".
std::string key_of(const SlurmJob& job) {
  const auto task = job.id.find('_');
  return task == std::string::npos ? job.name : job.name + job.id.substr(task);
}

/// In a file name that sbatch expands.
std::string without_patterns(const std::string& path) {
  std::string result;
  for (const char c : path) result += c == '%' ? std::string("%%") : std::string(1, c);
  return result;
}

/// Alone in its world, as far as can be seen from here: the settings of child_environment for that case are safe.
bool is_singleton(const std::vector<std::string>& command) {
  if (command_launches_mpi(command)) return false;
  try {
    const Environment own = detail::own_environment();
    const auto path = own.find("PATH");
    return detail::is_machine_code(
        find_program(command.front(), path == own.end() ? "/usr/local/bin:/usr/bin:/bin" : path->second));
  } catch (const TransportError&) {
    return false;  // perhaps there after the set-up lines
  }
}

}  // namespace

SlurmExecutor::SlurmExecutor(SlurmOptions options, const fs::path& directory, const std::string& campaign,
                             int at_a_time)
    : options_(std::move(options)),
      directory_(fs::absolute(directory) / "slurm"),
      prefix_("hs-" + campaign + "-"),
      at_a_time_(at_a_time),
      client_(directory_, prefix_),
      settle_s_(std::clamp(options_.grace_s / 6, 0.5, 20.0)),
      question_pause_s_(options_.poll_s) {
  std::error_code error;
  fs::create_directories(directory_, error);
  if (error) throw StorageError(fmt::format("{}: cannot be made: {}", directory_.string(), error.message()));
}

int SlurmExecutor::free_slots() const { return at_a_time_ - static_cast<int>(jobs_.size()); }

std::string SlurmExecutor::own_name(const LaunchRequest& request) const {
  return fmt::format("{}{}-{}", prefix_, request.task_key.substr(0, 12), request.attempt);
}

std::string SlurmExecutor::array_task_of(const LaunchRequest& request) const {
  const std::string wanted = fs::absolute(request.directory).string();
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory_, error)) {
    if (entry.path().extension() != ".tasks") continue;
    std::ifstream manifest(entry.path());
    int index = 0;
    for (std::string line; std::getline(manifest, line); ++index) {
      if (line == wanted) return fmt::format("{}_{}", entry.path().stem().string(), index);
    }
  }
  return "";
}

void SlurmExecutor::prepare(const LaunchRequest& request) const {
  std::vector<std::string> command = options_.launcher;
  if (command.empty() && options_.ntasks > 1 && !command_launches_mpi(request.command))
    command = {"mpirun", "-n", std::to_string(options_.ntasks)};
  command.insert(command.end(), request.command.begin(), request.command.end());
  Environment wanted = request.environment;
  if (options_.cpus_per_task > 1) wanted.emplace("OMP_NUM_THREADS", std::to_string(options_.cpus_per_task));
  const Environment environment =
      child_environment({}, wanted, is_singleton(command), (fs::absolute(request.directory) / ".mpi-session").string());
  write_durably(request.directory / kRunScript, run_script(request, options_.setup, command, environment));
}

std::string SlurmExecutor::next_array() const {
  for (int number = 1;; ++number) {
    const std::string name = fmt::format("{}array{}", prefix_, number);
    if (!fs::exists(directory_ / (name + ".tasks"))) return name;
  }
}

std::string SlurmExecutor::launch(const LaunchRequest& request) {
  if (free_slots() <= 0) throw Error("task " + request.task_key + ": started without a free slot");
  prepare(request);
  Job job{.request = request, .key = own_name(request), .since = Clock::now()};
  if (options_.mode == SlurmMode::kArrays && request.memory_doublings == 0) {
    if (array_.empty()) array_ = next_array();
    job.index = static_cast<int>(std::count_if(jobs_.begin(), jobs_.end(), [&](const Job& other) {
      return other.array == array_;
    }));
    job.array = array_;
    job.key = fmt::format("{}_{}", array_, job.index);
  }
  jobs_.push_back(job);
  return kJobMark + job.key;
}

std::string SlurmExecutor::adopt(const LaunchRequest& request, const std::string& job_name) {
  if (!job_name.empty() && !job_name.starts_with(kJobMark)) return "";
  const std::string array_task = array_task_of(request);
  Job job{.request = request,
          .key = array_task.empty() ? own_name(request) : array_task,
          .submitted = true,
          .since = Clock::now()};
  const bool asked = !array_task.empty() || fs::exists(request.directory / kSubmittingFile);
  // Intent was stored but sbatch never called: the same attempt is submitted now.
  if (!asked && !exit_code_in(request.directory)) {
    prepare(request);
    job.submitted = false;
  }
  jobs_.push_back(job);
  return kJobMark + job.key;
}

void SlurmExecutor::refused(const std::vector<Job*>& jobs, const SbatchAnswer& answer) {
  if (!avoided_.empty()) {
    // Perhaps too few nodes are left, or one has gone from the cluster: the list was a guess of ours, and goes first.
    log_warning(fmt::format("{}: no node is avoided any more", answer.text));
    avoided_.clear();
    return;
  }
  std::vector<std::string> keys;
  for (const Job* job : jobs) {
    unreported_.push_back({.task_key = job->request.task_key,
                           .attempt = job->request.attempt,
                           .exit_code = 127,
                           .could_not_start = "sbatch: " + answer.text});
    keys.push_back(job->key);
  }
  std::erase_if(jobs_, [&](const Job& job) { return std::find(keys.begin(), keys.end(), job.key) != keys.end(); });
}

void SlurmExecutor::later(const SbatchAnswer& answer) {
  log_warning(fmt::format("Slurm does not take jobs at the moment ({}); again in {:.0f} s", answer.text,
                          submission_pause_s_));
  next_submission_ = Clock::now() + std::chrono::milliseconds(static_cast<int>(1000 * submission_pause_s_));
  submission_pause_s_ = std::min(2 * submission_pause_s_, kLongestPause_s);
}

void SlurmExecutor::submit_waiting() {
  if (Clock::now() < next_submission_) return;
  if (!array_.empty()) {
    submit_array();
    if (Clock::now() < next_submission_) return;
  }
  std::vector<std::string> waiting;
  for (const Job& job : jobs_) {
    if (!job.submitted && job.array.empty()) waiting.push_back(job.key);
  }
  for (const std::string& key : waiting) {  // a refused one leaves the list
    const auto job = std::find_if(jobs_.begin(), jobs_.end(), [&](const Job& other) { return other.key == key; });
    if (job != jobs_.end()) submit_one(*job);
    if (Clock::now() < next_submission_) return;
  }
}

std::vector<std::string> SlurmExecutor::options_of_job(const LaunchRequest& request, const std::string& name,
                                                       const fs::path& directory, const std::string& log) const {
  std::vector<std::string> arguments = {"--job-name=" + name, "--chdir=" + directory.string(),
                                        "--output=" + without_patterns((directory_ / name).string()) + log,
                                        "--open-mode=append"};
  // A warning needs room to be useful: Slurm sends it up to a minute early.
  if (request.time_limit_s >= 600) arguments.emplace_back("--signal=B:USR1@120");
  for (std::string& argument :
       resource_arguments(options_, request.time_limit_s, avoided_, request.memory_doublings))
    arguments.push_back(std::move(argument));
  return arguments;
}

void SlurmExecutor::submit_one(Job& job) {
  if (!fs::exists(job.request.directory / kSubmittingFile))
    write_durably(job.request.directory / kSubmittingFile, job.key + "\n");
  auto arguments = options_of_job(job.request, job.key, fs::absolute(job.request.directory), ".out");
  arguments.push_back((fs::absolute(job.request.directory) / kRunScript).string());
  HULLSCAN_CRASH_POINT("slurm.before-submit");
  const SbatchAnswer answer = client_.submit(arguments);
  HULLSCAN_CRASH_POINT("slurm.submitted");
  if (answer.kind == SbatchAnswer::Kind::kRefused) return refused({&job}, answer);
  if (answer.kind == SbatchAnswer::Kind::kLater) return later(answer);
  submitted(job, answer);
}

void SlurmExecutor::submit_array() {
  const std::string name = std::exchange(array_, "");
  std::vector<Job*> jobs;
  for (Job& job : jobs_) {
    if (job.array == name) jobs.push_back(&job);
  }
  std::sort(jobs.begin(), jobs.end(), [](const Job* a, const Job* b) { return a->index < b->index; });
  const fs::path manifest = directory_ / (name + ".tasks"), script = directory_ / (name + ".sh");
  std::string lines;
  LaunchRequest common = jobs.front()->request;
  for (const Job* job : jobs) {
    lines += fs::absolute(job->request.directory).string() + "\n";
    common.time_limit_s = std::max(common.time_limit_s, job->request.time_limit_s);
  }
  write_durably(script, array_script(manifest));
  write_durably(manifest, lines);  // from here on the tasks may be in the queue
  auto arguments = options_of_job(common, name, directory_, "_%a.out");
  arguments.push_back(fmt::format("--array=0-{}%{}", jobs.size() - 1, at_a_time_));
  arguments.push_back(script.string());
  HULLSCAN_CRASH_POINT("slurm.before-submit");
  const SbatchAnswer answer = client_.submit(arguments);
  HULLSCAN_CRASH_POINT("slurm.submitted");
  if (answer.kind == SbatchAnswer::Kind::kRefused || answer.kind == SbatchAnswer::Kind::kLater) {
    std::error_code ignored;
    fs::remove(manifest, ignored);
    array_ = name;
    if (answer.kind == SbatchAnswer::Kind::kLater) return later(answer);
    const bool again = !avoided_.empty();
    refused(jobs, answer);
    if (!again) array_.clear();
    return;
  }
  for (Job* job : jobs) submitted(*job, answer);
}

void SlurmExecutor::submitted(Job& job, const SbatchAnswer& answer) {
  submission_pause_s_ = 1;
  job.submitted = true;
  job.since = Clock::now();
  if (answer.kind != SbatchAnswer::Kind::kUnknown) return;
  log_warning(fmt::format("sbatch gave no clear answer ({}); job {} is looked up", answer.text, job.key));
  job.look_first = job.array.empty();  // a task of an array that never arrived is lost after the grace time
}

void SlurmExecutor::ask_queue() {
  const auto now = Clock::now();
  const bool any = std::any_of(jobs_.begin(), jobs_.end(), [](const Job& job) { return job.submitted; });
  if (!any || now < next_question_) return;
  for (Job& job : jobs_) job.started = fs::exists(job.request.directory / kStartedFile);
  const auto shown = client_.queue();
  answered_ = shown.has_value();
  if (answered_) answered_at_ = now;
  question_pause_s_ = answered_ ? options_.poll_s : std::min(2 * question_pause_s_, std::max(kLongestPause_s, options_.poll_s));
  if (!answered_)
    log_warning(fmt::format("Slurm does not answer; nothing is concluded from that, again in {:.0f} s", question_pause_s_));
  next_question_ = Clock::now() + std::chrono::milliseconds(static_cast<int>(1000 * question_pause_s_));
  std::map<std::string, SlurmJob> by_key;
  if (shown) {
    for (const SlurmJob& job : *shown) by_key[key_of(job)] = job;
  }
  bool missing = false;
  for (Job& job : jobs_) {
    if (!job.submitted) continue;
    if (!answered_) {
      if (!job.queue) job.silent_since.reset();  // silence counts only between answers
      continue;
    }
    const auto found = by_key.find(job.key);
    job.queue = found == by_key.end() ? std::nullopt : std::optional(found->second);
    const bool alive = job.queue && judge_job({.queue = job.queue, .silent_s = 1e9}, 0, 0).kind == JobVerdict::Kind::kWait;
    if (alive) {
      job.silent_since.reset();
      job.look_first = false;
    } else {
      if (!job.silent_since) job.silent_since = now;
      missing = true;
    }
    // A submission of unclear fate that an answering Slurm does not know after a while has not arrived.
    const bool unclear = job.look_first && !job.queue && !fs::exists(job.request.directory / kStartedFile);
    if (unclear && duration<double>(now - job.since).count() > settle_s_) {
      job.submitted = job.look_first = false;
      job.silent_since.reset();
    }
  }
  if (!missing) return;
  if (const auto records = client_.accounting()) {
    std::map<std::string, SlurmJob> known;
    for (const SlurmJob& record : *records) known[key_of(record)] = record;
    for (Job& job : jobs_) {
      if (const auto found = known.find(job.key); found != known.end()) job.accounting = found->second;
    }
  }
}

JobEvidence SlurmExecutor::evidence_of(Job& job) const {
  const auto now = Clock::now();
  const fs::path& directory = job.request.directory;
  JobEvidence evidence;
  evidence.exit_code = exit_code_in(directory);
  if (evidence.exit_code && !job.exit_seen) job.exit_seen = now;
  if (job.exit_seen) evidence.exit_age_s = std::max(0.0, duration<double>(answered_at_ - *job.exit_seen).count());
  evidence.started = job.started;
  evidence.time_warning = fs::exists(directory / kTimeWarningFile);
  evidence.queue = job.queue;
  evidence.accounting = job.accounting;
  if (job.silent_since) evidence.silent_s = duration<double>(now - *job.silent_since).count();
  if (evidence.silent_s > 0 || evidence.exit_code.value_or(0) >= 128)
    evidence.memory_text = tells_of_memory(text_of(directory / "stderr.txt")) ||
                           tells_of_memory(text_of(directory_ / (job.key + ".out")));
  return evidence;
}

bool SlurmExecutor::hangs(Job& job) const {
  // Silence of a job that is suspended, or of which Slurm says nothing, tells nothing.
  const bool runs = job.started && job.queue && job.queue->state == "RUNNING";
  if (!runs || !answered_) {
    job.outputs.reset();
    return false;
  }
  if (!job.outputs) job.outputs.emplace(job.request.directory, job.request.stall_s);
  return job.outputs->stalled();
}

std::optional<LaunchFinished> SlurmExecutor::end_of(Job& job) {
  using Kind = JobVerdict::Kind;
  if (!job.submitted) return std::nullopt;
  const JobEvidence evidence = evidence_of(job);
  JobVerdict verdict = judge_job(evidence, options_.grace_s, settle_s_);
  bool hung = false;
  if (verdict.kind == Kind::kWait) {
    job.impossible_since.reset();
    hung = !evidence.exit_code && hangs(job);
    if (!hung) return std::nullopt;
    verdict = {Kind::kEnded, "none of its files changed any more"};
  }
  const auto now = Clock::now();
  if (verdict.kind == Kind::kImpossible) {  // reasons flicker while partitions are changed
    if (!job.impossible_since) job.impossible_since = now;
    if (duration<double>(now - *job.impossible_since).count() < settle_s_) return std::nullopt;
  }
  const fs::path& directory = job.request.directory;
  if (!evidence.exit_code) {
    // It may still run somewhere, or begin later: it is told not to, in its own directory.
    write_durably(directory / kSupersededFile, verdict.reason + "\n");
  }
  if (job.queue && (!evidence.exit_code || verdict.kind == Kind::kLost)) client_.cancel(job.queue->id);
  LaunchFinished finished{.task_key = job.request.task_key,
                          .attempt = job.request.attempt,
                          .exit_code = evidence.exit_code.value_or(0),
                          .timed_out = verdict.kind == Kind::kTimedOut,
                          .lost = verdict.kind == Kind::kLost ? verdict.reason : "",
                          .out_of_memory = verdict.kind == Kind::kOutOfMemory,
                          .hung = hung};
  if (verdict.kind == Kind::kEnvironment || verdict.kind == Kind::kImpossible)
    finished.could_not_start = verdict.reason;
  std::ifstream started(directory / kStartedFile);
  std::string id;
  double begun = 0;
  if (started >> finished.host >> id >> begun && evidence.exit_code)
    finished.wall_time_s = std::max(0.0, modified_at(directory / kExitCodeFile) - begun);
  if (finished.host.empty() && job.queue) finished.host = job.queue->nodes;
  return finished;
}

std::vector<LaunchFinished> SlurmExecutor::poll() {
  submit_waiting();
  ask_queue();
  if (Clock::now() >= next_look_) {
    next_look_ = Clock::now() + kLookInterval;
    std::erase_if(jobs_, [&](Job& job) {
      auto finished = end_of(job);
      if (finished) unreported_.push_back(std::move(*finished));
      return finished.has_value();
    });
  }
  return std::exchange(unreported_, {});
}

void SlurmExecutor::stop_all(double) {
  unreported_ = poll();
  if (const auto shown = client_.queue()) {
    for (const SlurmJob& job : *shown) {
      if (judge_job({.queue = job}, 1, 1).kind == JobVerdict::Kind::kWait) client_.cancel(job.id);
    }
  }
  for (const Job& job : jobs_) write_durably(job.request.directory / kSupersededFile, "hullscan stopped it\n");
  jobs_.clear();
}

bool SlurmExecutor::is_alive(const std::string& job) const {
  const auto shown = client_.queue();
  if (!shown) return true;  // not known, so perhaps
  return std::any_of(shown->begin(), shown->end(), [&](const SlurmJob& record) {
    return kJobMark + key_of(record) == job &&
           judge_job({.queue = record, .silent_s = 1e9}, 0, 0).kind == JobVerdict::Kind::kWait;
  });
}

void SlurmExecutor::stop(const std::string& job) {
  if (const auto shown = client_.queue()) {
    for (const SlurmJob& record : *shown) {
      if (kJobMark + key_of(record) == job) client_.cancel(record.id);
    }
  }
}

}  // namespace hullscan
