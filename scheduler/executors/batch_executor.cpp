#include "scheduler/executors/batch_executor.hpp"

#include <fmt/format.h>

#include <sys/stat.h>
#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>
#include <utility>  // std::exchange

#include "core/errors.hpp"
#include "core/log.hpp"
#include "scheduler/executors/batch_command.hpp"
#include "scheduler/executors/detail/child_process.hpp"
#include "scheduler/executors/program_search.hpp"
#include "scheduler/executors/run_script.hpp"
#include "storage/crash_point.hpp"
#include "storage/durable_file.hpp"

namespace hullscan {
namespace {

namespace fs = std::filesystem;
using std::chrono::duration;

constexpr const char* kSubmittingFile = "submitting";  ///< stands in the attempt's directory before it is submitted
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

BatchPlace batch_place(const fs::path& campaign_directory, const std::string& folder, const std::string& word) {
  BatchPlace place{fs::absolute(campaign_directory) / folder, "hs-" + word + "-"};
  std::error_code error;
  fs::create_directories(place.directory, error);
  if (error) throw StorageError(fmt::format("{}: cannot be made: {}", place.directory.string(), error.message()));
  return place;
}

BatchExecutor::BatchExecutor(std::unique_ptr<BatchClient> client, BatchOptions options, fs::path directory,
                             std::string prefix, int at_a_time)
    : client_(std::move(client)),
      options_(std::move(options)),
      directory_(std::move(directory)),
      prefix_(std::move(prefix)),
      at_a_time_(at_a_time),
      settle_s_(std::clamp(options_.grace_s / 6, 0.5, 20.0)),
      question_pause_s_(options_.poll_s) {}

int BatchExecutor::free_slots() const { return at_a_time_ - static_cast<int>(jobs_.size()); }

std::string BatchExecutor::own_name(const LaunchRequest& request) const {
  return fmt::format("{}{}-{}", prefix_, request.task_key.substr(0, 12), request.attempt);
}

std::string BatchExecutor::array_task_of(const LaunchRequest& request) const {
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

void BatchExecutor::prepare(const LaunchRequest& request) const {
  std::vector<std::string> command = options_.launcher;
  if (command.empty() && options_.ntasks > 1 && !command_launches_mpi(request.command)) {
    command = options_.mpi_launcher;
    command.insert(command.end(), {"-n", std::to_string(options_.ntasks)});
  }
  command.insert(command.end(), request.command.begin(), request.command.end());
  Environment wanted = request.environment;
  if (options_.cpus_per_task > 1) wanted.emplace("OMP_NUM_THREADS", std::to_string(options_.cpus_per_task));
  const Environment environment =
      child_environment({}, wanted, is_singleton(command), (fs::absolute(request.directory) / ".mpi-session").string());
  write_durably(request.directory / kRunScript,
                run_script(request, options_.setup, command, environment, !client_->system().warns_of_time_limit,
                           client_->system().job_id_variable));
}

std::string BatchExecutor::next_array() const {
  for (int number = 1;; ++number) {
    const std::string name = fmt::format("{}array{}", prefix_, number);
    if (!fs::exists(directory_ / (name + ".tasks"))) return name;
  }
}

std::string BatchExecutor::launch(const LaunchRequest& request) {
  if (free_slots() <= 0) throw Error("task " + request.task_key + ": started without a free slot");
  prepare(request);
  Job job{.request = request, .key = own_name(request), .since = Clock::now()};
  if (options_.arrays && request.memory_doublings == 0) {
    if (array_.empty()) array_ = next_array();
    job.index = static_cast<int>(
        std::count_if(jobs_.begin(), jobs_.end(), [&](const Job& other) { return other.array == array_; }));
    job.array = array_;
    job.key = fmt::format("{}_{}", array_, job.index);
  }
  jobs_.push_back(job);
  return client_->system().mark + job.key;
}

std::string BatchExecutor::adopt(const LaunchRequest& request, const std::string& job_name) {
  if (!job_name.empty() && !job_name.starts_with(client_->system().mark)) return "";
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
  return client_->system().mark + job.key;
}

void BatchExecutor::refused(const std::vector<Job*>& jobs, const SubmissionAnswer& answer) {
  if (!avoided_.empty()) {
    // Perhaps too few nodes are left, or one has gone from the cluster: the list was a guess of ours, and goes first.
    log_warning(fmt::format("{}: no node is avoided any more", answer.text));
    avoided_.clear();
    return;
  }
  const std::string& command = client_->system().submit_command;
  const std::string words = answer.text.starts_with(command + ":") ? answer.text : command + ": " + answer.text;
  std::vector<std::string> keys;
  for (const Job* job : jobs) {
    unreported_.push_back(
        {.task_key = job->request.task_key, .attempt = job->request.attempt, .end = CommandNotStarted{words}});
    keys.push_back(job->key);
  }
  std::erase_if(jobs_, [&](const Job& job) { return std::find(keys.begin(), keys.end(), job.key) != keys.end(); });
}

void BatchExecutor::later(const SubmissionAnswer& answer) {
  log_warning(fmt::format("{} does not take jobs at the moment ({}); hullscan tries again in {:.0f} s",
                          client_->system().name, answer.text, submission_pause_s_));
  next_submission_ = Clock::now() + std::chrono::milliseconds(static_cast<int>(1000 * submission_pause_s_));
  submission_pause_s_ = std::min(2 * submission_pause_s_, kLongestPause_s);
}

void BatchExecutor::submit_waiting() {
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

SubmissionAnswer BatchExecutor::submit(const LaunchRequest& request, BatchSubmission submission) {
  submission.time_limit_s = request.time_limit_s;
  submission.memory_doublings = request.memory_doublings;
  submission.avoided_nodes = avoided_;
  submission.at_a_time = at_a_time_;
  HULLSCAN_CRASH_POINT("slurm.before-submit");
  SubmissionAnswer answer = client_->submit(submission);
  HULLSCAN_CRASH_POINT("slurm.submitted");
  return answer;
}

void BatchExecutor::submit_one(Job& job) {
  if (!fs::exists(job.request.directory / kSubmittingFile))
    write_durably(job.request.directory / kSubmittingFile, job.key + "\n");
  const fs::path directory = fs::absolute(job.request.directory);
  const SubmissionAnswer answer =
      submit(job.request, {.name = job.key, .script = directory / kRunScript, .directory = directory});
  if (answer.kind == SubmissionAnswer::Kind::kRefused) return refused({&job}, answer);
  if (answer.kind == SubmissionAnswer::Kind::kLater) return later(answer);
  submitted(job, answer);
}

void BatchExecutor::submit_array() {
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
  write_durably(script, array_script(manifest, client_->system().array_index_variable));
  write_durably(manifest, lines);  // from here on the tasks may be in the queue
  const SubmissionAnswer answer = submit(
      common, {.name = name, .script = script, .directory = directory_, .array_tasks = static_cast<int>(jobs.size())});
  if (answer.kind == SubmissionAnswer::Kind::kRefused || answer.kind == SubmissionAnswer::Kind::kLater) {
    std::error_code ignored;
    fs::remove(manifest, ignored);
    array_ = name;
    if (answer.kind == SubmissionAnswer::Kind::kLater) return later(answer);
    const bool again = !avoided_.empty();
    refused(jobs, answer);
    if (!again) array_.clear();
    return;
  }
  for (Job* job : jobs) submitted(*job, answer);
}

void BatchExecutor::submitted(Job& job, const SubmissionAnswer& answer) {
  submission_pause_s_ = 1;
  job.submitted = true;
  job.since = Clock::now();
  if (answer.kind != SubmissionAnswer::Kind::kUnknown) return;
  log_warning(fmt::format("{} gave no clear answer ({}); hullscan looks whether job {} exists",
                          client_->system().submit_command, answer.text, job.key));
  job.look_first = job.array.empty();  // a task of an array that never arrived is lost after the grace time
}

void BatchExecutor::ask_queue() {
  const auto now = Clock::now();
  const bool any = std::any_of(jobs_.begin(), jobs_.end(), [](const Job& job) { return job.submitted; });
  if (!any || now < next_question_) return;
  for (Job& job : jobs_) job.started = fs::exists(job.request.directory / kStartedFile);
  const auto shown = client_->queue();
  answered_ = shown.has_value();
  if (answered_) answered_at_ = now;
  question_pause_s_ =
      answered_ ? options_.poll_s : std::min(2 * question_pause_s_, std::max(kLongestPause_s, options_.poll_s));
  if (!answered_)
    log_warning(fmt::format("{} does not answer; the jobs are taken to be running, and hullscan asks again in {:.0f} s",
                            client_->system().name, question_pause_s_));
  next_question_ = Clock::now() + std::chrono::milliseconds(static_cast<int>(1000 * question_pause_s_));
  std::map<std::string, BatchJob> by_key;
  if (shown) {
    for (const BatchJob& job : *shown) by_key[key_of(job)] = job;
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
    const bool alive =
        job.queue && judge_job({.queue = job.queue, .silent_s = 1e9}, 0, 0).kind == JobVerdict::Kind::kWait;
    if (alive) {
      job.silent_since.reset();
      job.look_first = false;
    } else {
      if (!job.silent_since) job.silent_since = now;
      missing = true;
    }
    // A submission of unclear fate that an answering system does not know after a while has not arrived.
    const bool unclear = job.look_first && !job.queue && !fs::exists(job.request.directory / kStartedFile);
    if (unclear && duration<double>(now - job.since).count() > settle_s_) {
      job.submitted = job.look_first = false;
      job.silent_since.reset();
    }
  }
  if (!missing) return;
  if (const auto records = client_->accounting()) {
    std::map<std::string, BatchJob> known;
    for (const BatchJob& record : *records) known[key_of(record)] = record;
    for (Job& job : jobs_) {
      if (const auto found = known.find(job.key); found != known.end()) job.accounting = found->second;
    }
  }
}

JobEvidence BatchExecutor::evidence_of(Job& job) const {
  const auto now = Clock::now();
  const fs::path& directory = job.request.directory;
  JobEvidence evidence;
  evidence.system = client_->system().name;
  evidence.cancel_command = client_->system().cancel_command;
  evidence.exit_code = exit_code_in(directory);
  if (evidence.exit_code && !job.exit_seen) job.exit_seen = now;
  if (job.exit_seen) evidence.exit_age_s = std::max(0.0, duration<double>(answered_at_ - *job.exit_seen).count());
  evidence.started = job.started;
  evidence.time_warning = fs::exists(directory / kTimeWarningFile);
  evidence.queue = job.queue;
  evidence.accounting = job.accounting;
  if (job.silent_since) evidence.silent_s = duration<double>(now - *job.silent_since).count();
  if (evidence.silent_s > 0 || evidence.exit_code.value_or(0) >= 128) {
    const auto& words = client_->system().memory_words;
    evidence.memory_text = tells_of_memory(text_of(directory / "stderr.txt"), words) ||
                           tells_of_memory(text_of(directory_ / (job.key + ".out")), words);
  }
  return evidence;
}

bool BatchExecutor::hangs(Job& job) const {
  // Silence of a job that is suspended, or of which the system says nothing, tells nothing.
  const bool runs = job.started && job.queue && job.queue->state == "RUNNING";
  if (!runs || !answered_) {
    job.outputs.reset();
    return false;
  }
  if (!job.outputs) job.outputs.emplace(job.request.directory, job.request.stall_s);
  return job.outputs->stalled();
}

std::optional<LaunchFinished> BatchExecutor::end_of(Job& job) {
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
  if (job.queue && (!evidence.exit_code || verdict.kind == Kind::kLost)) client_->cancel(job.queue->id);
  LaunchFinished finished{.task_key = job.request.task_key, .attempt = job.request.attempt};
  finished.end = hung ? CommandEnd{CommandEnded{.cause = EndCause::kNoProgress}}
                      : end_of_command(verdict, evidence.exit_code, job.queue ? job.queue->comment : "");
  std::ifstream started(directory / kStartedFile);
  std::string id;
  double begun = 0;
  if (started >> finished.host >> id >> begun && evidence.exit_code)
    finished.wall_time_s = std::max(0.0, modified_at(directory / kExitCodeFile) - begun);
  if (finished.host.empty() && job.queue) finished.host = job.queue->nodes;
  return finished;
}

std::vector<LaunchFinished> BatchExecutor::poll() {
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

void BatchExecutor::stop_all(double) {
  unreported_ = poll();
  for (const Job& job : jobs_) write_durably(job.request.directory / kSupersededFile, "hullscan stopped it\n");
  if (const auto shown = client_->queue()) {
    for (const BatchJob& job : *shown) {
      if (judge_job({.queue = job}, 1, 1).kind == JobVerdict::Kind::kWait) client_->cancel(job.id);
    }
  }
  jobs_.clear();
}

bool BatchExecutor::is_alive(const std::string& job) const {
  const auto shown = client_->queue();
  if (!shown) return true;  // not known, so perhaps
  return std::any_of(shown->begin(), shown->end(), [&](const BatchJob& record) {
    return client_->system().mark + key_of(record) == job &&
           judge_job({.queue = record, .silent_s = 1e9}, 0, 0).kind == JobVerdict::Kind::kWait;
  });
}

void BatchExecutor::stop(const std::string& job) {
  if (const auto shown = client_->queue()) {
    for (const BatchJob& record : *shown) {
      if (client_->system().mark + key_of(record) == job) client_->cancel(record.id);
    }
  }
}

}  // namespace hullscan
