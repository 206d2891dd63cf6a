#include "scheduler/task_loop.hpp"

#include <fmt/format.h>

#include <chrono>
#include <thread>

#include "core/log.hpp"
#include "core/overloaded.hpp"

namespace hullscan {
namespace {

namespace fs = std::filesystem;

Instant now() { return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now()); }

std::string relative_directory(const std::string& key, int attempt) {
  return fmt::format("tasks/{}/{}", key, attempt);
}

}  // namespace

TaskLoop::TaskLoop(const DftCode& code, CampaignStore& store, Executor& executor, fs::path directory,
                   double time_limit_s, StopRequested stop, std::function<void(const TaskProgress&)> on_progress)
    : code_(code),
      store_(store),
      executor_(executor),
      directory_(std::move(directory)),
      time_limit_s_(time_limit_s),
      stop_(std::move(stop)),
      on_progress_(std::move(on_progress)) {}

LoopEnd TaskLoop::run(int round) {
  const std::vector<TaskRecord> records = store_.tasks({.round = round, .states = {}});
  std::vector<OpenTask> open;
  progress_ = {};
  progress_.states = store_.task_counts();
  for (const TaskRecord& record : records) {
    const double cost = code_.relative_cost(record.task.structure, record.task.settings);
    costs_[record.task.key] = cost;
    progress_.cost_total += cost;
    ++progress_.tasks;
    if (is_final(record.state)) {
      ++progress_.ended;
      progress_.cost_done += cost;
      continue;
    }
    structures_.insert_or_assign(record.task.key, record.task.structure);
    formulas_[record.task.key] = record.task.formula;
    open.push_back(open_task(record));
  }
  TaskReactor reactor(std::move(open), [this](const DftFailure& failure, const DftSettings& settings,
                                              const std::vector<std::string>& tried) {
    return code_.correct(failure, settings, tried);
  });
  for (const TaskRecord& record : records) take_up(record, reactor, "it ended together with an earlier hullscan");

  on_progress_(progress_);
  while (!reactor.finished()) {
    if (stop_()) {
      executor_.stop_all(2.0);
      for (const TaskRecord& record : store_.tasks({.round = round, .states = {}})) {
        take_up(record, reactor, "hullscan was asked to stop");
      }
      return LoopEnd::kStopped;
    }
    act(reactor.handle(SlotsFree{executor_.free_slots()}), reactor);
    const std::vector<LaunchFinished> ended = executor_.poll();
    for (const LaunchFinished& finished : ended) {
      wall_times_s_[finished.task_key] = finished.wall_time_s;
      act(reactor.handle(AttemptEnded{finished.task_key, finished.attempt, judge(finished)}), reactor);
    }
    on_progress_(progress_);
    if (ended.empty()) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return LoopEnd::kFinished;
}

OpenTask TaskLoop::open_task(const TaskRecord& record) const {
  OpenTask task;
  task.key = record.task.key;
  task.state = record.state;
  task.attempts = static_cast<int>(record.attempts.size());
  task.settings = record.task.settings;
  task.relative_cost = code_.relative_cost(record.task.structure, record.task.settings);
  for (const AttemptRecord& attempt : record.attempts) {
    task.settings = attempt.settings;
    task.handler = attempt.handler;
    task.explanation = attempt.explanation;
    if (!attempt.handler.empty() && (task.tried.empty() || task.tried.back() != attempt.handler))
      task.tried.push_back(attempt.handler);
  }
  bool last_was_refused = false;
  for (const TaskEvent& event : store_.events(record.task.key)) {
    if (std::holds_alternative<TaskLost>(event.fact)) ++task.losses;
    last_was_refused = std::holds_alternative<TaskRefused>(event.fact);
  }
  // The correction of a refused attempt is a function of its output: asked for again, it is the same.
  if (record.state == TaskState::kRetrying && last_was_refused) {
    const DftOutcome outcome = code_.read_outputs(attempt_directory(task.key, task.attempts));
    if (const auto* failure = std::get_if<DftFailure>(&outcome)) {
      if (const auto correction = code_.correct(*failure, task.settings, task.tried)) {
        task.settings = correction->settings;
        task.handler = correction->handler;
        task.explanation = correction->explanation;
        task.tried.push_back(correction->handler);
        if (correction->from_last_structure) task.start_from = failure->last_structure;
      }
    }
  }
  return task;
}

void TaskLoop::take_up(const TaskRecord& record, TaskReactor& reactor, const std::string& why_lost) {
  if (record.state != TaskState::kPrepared && record.state != TaskState::kRunning) return;
  const int attempt = static_cast<int>(record.attempts.size());
  const fs::path directory = attempt_directory(record.task.key, attempt);
  if (fs::exists(directory / code_.info().exit_code_file)) {
    act(reactor.handle(AttemptEnded{record.task.key, attempt, code_.read_outputs(directory)}), reactor);
  } else {
    // A calculation may have outlived the hullscan that started it; it must not write beside its successor.
    if (!record.attempts.back().job.empty()) executor_.stop(record.attempts.back().job);
    act(reactor.handle(AttemptLost{record.task.key, attempt, why_lost}), reactor);
  }
}

void TaskLoop::act(const std::vector<TaskAction>& actions, TaskReactor& reactor) {
  for (const TaskAction& action : actions) {
    std::visit(Overloaded{
                   [&](const StoreFact& store) {
                     store_.record(store.key, store.fact, now());
                     if (const auto* refused = std::get_if<TaskRefused>(&store.fact)) {
                       const std::string text =
                           fmt::format("{} ({}), attempt {}: {}", formulas_[store.key], store.key.substr(0, 8),
                                       refused->attempt, refused->reason);
                       refused->retry ? log_warning(text) : log_error("failed for good: " + text);
                       if (!refused->retry) task_ended(store.key);
                     }
                   },
                   [&](const AcceptResult& accept) {
                     const auto wall = wall_times_s_.find(accept.key);
                     const double wall_time_s =
                         wall != wall_times_s_.end() ? wall->second : accept.result.wall_time_s.value_or(0);
                     store_.accept(accept.key, accept.attempt, accept.result, wall_time_s, now());
                     task_ended(accept.key);
                     log_info(fmt::format(
                         "{} converged: {:.6f} eV/atom in {}", formulas_[accept.key],
                         accept.result.energy_ev / static_cast<double>(accept.result.structure.atom_count()),
                         duration_text(wall_time_s)));
                   },
                   [&](const BeginAttempt& attempt) { begin(attempt, reactor); },
                   [&](const StopCampaign& stop) {
                     executor_.stop_all(2.0);
                     throw TransportError(stop.reason);
                   },
               },
               action);
  }
}

void TaskLoop::begin(const BeginAttempt& attempt, TaskReactor& reactor) {
  const auto fail = [&](FailureKind kind, const std::string& reason) {
    DftFailure failure;
    failure.kind = kind;
    failure.failure_class = class_of(kind);
    failure.reason = reason;
    act(reactor.handle(AttemptEnded{attempt.key, attempt.attempt, failure}), reactor);
  };
  const std::string relative = relative_directory(attempt.key, attempt.attempt);
  store_.begin_attempt(attempt.key,
                       {attempt.attempt, relative, attempt.settings, attempt.handler, attempt.explanation}, now());
  const fs::path directory = directory_ / relative;
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) throw StorageError(fmt::format("{}: cannot be made: {}", directory.string(), error.message()));
  try {
    code_.write_inputs(attempt.start_from ? *attempt.start_from : structures_.at(attempt.key),
                       code_.within_time(attempt.settings, time_limit_s_), directory);
    if (attempt.attempt > 1) {
      code_.carry_over(attempt.settings, attempt_directory(attempt.key, attempt.attempt - 1), directory);
    }
  } catch (const InputError& refused) {
    return fail(FailureKind::kInputRefused, refused.what());
  }
  LaunchRequest request;
  request.task_key = attempt.key;
  request.attempt = attempt.attempt;
  request.directory = directory;
  request.command = code_.command(attempt.settings);
  request.stdout_file = code_.info().stdout_file;
  request.time_limit_s = time_limit_s_;
  request.environment = code_.info().environment;
  const std::string job = executor_.launch(request);
  if (!job.empty()) store_.record(attempt.key, TaskStarted{attempt.attempt, job}, now());
  progress_.states = store_.task_counts();
}

DftOutcome TaskLoop::judge(const LaunchFinished& finished) const {
  if (!finished.could_not_start.empty()) {
    DftFailure failure;
    failure.kind = FailureKind::kNotStarted;
    failure.failure_class = FailureClass::kEnvironment;
    failure.reason = finished.could_not_start;
    return failure;
  }
  DftOutcome outcome = code_.read_outputs(attempt_directory(finished.task_key, finished.attempt));
  if (auto* failure = std::get_if<DftFailure>(&outcome); failure != nullptr && finished.timed_out) {
    failure->kind = FailureKind::kTimeLimit;
    failure->failure_class = class_of(FailureKind::kTimeLimit);
    failure->reason = fmt::format("ended after {} (run.time_limit_s)", duration_text(time_limit_s_));
  }
  return outcome;
}

fs::path TaskLoop::attempt_directory(const std::string& key, int attempt) const {
  return directory_ / relative_directory(key, attempt);
}

void TaskLoop::task_ended(const std::string& key) {
  progress_.cost_done += costs_[key];
  ++progress_.ended;
  progress_.states = store_.task_counts();
}

}  // namespace hullscan
