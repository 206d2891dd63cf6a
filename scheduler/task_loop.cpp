#include "scheduler/task_loop.hpp"

#include <fmt/format.h>

#include <algorithm>  // std::clamp
#include <chrono>
#include <cmath>
#include <csignal>
#include <fstream>
#include <iterator>
#include <thread>

#include "core/hash.hpp"
#include "core/json.hpp"
#include "core/json_text.hpp"
#include "core/log.hpp"
#include "core/overloaded.hpp"
#include "dft_adapters/readable_outcome.hpp"
#include "scheduler/decisions/task_steps.hpp"
#include "scheduler/executors/run_script.hpp"
#include "storage/campaign_facts.hpp"
#include "storage/crash_point.hpp"
#include "storage/durable_file.hpp"
#include "storage/instant_now.hpp"
#include "storage/plain_files.hpp"

namespace hullscan {
namespace {

namespace fs = std::filesystem;

std::string relative_directory(const std::string& key, int attempt) { return fmt::format("tasks/{}/{}", key, attempt); }

/// Whether an exit code is that of somebody's signal rather than of a fault of the program's own: which, in words.
std::string killed_from_outside(int exit_code) {
  switch (exit_code - 128) {
    case SIGKILL:
      return "killed from outside by SIGKILL, not by hullscan; the kernel does that where memory is short";
    case SIGTERM:
      return "killed from outside by SIGTERM, not by hullscan";
    case SIGHUP:
      return "killed from outside by SIGHUP, not by hullscan";
    case SIGINT:
      return "killed from outside by SIGINT, not by hullscan";
    case SIGUSR1:
    case SIGUSR2:
      return "killed from outside by a user's signal, not by hullscan";
    case SIGXCPU:
      return "killed by SIGXCPU: a limit on processor time (ulimit -t)";
    case SIGXFSZ:
      return "killed by SIGXFSZ: a limit on the size of files (ulimit -f)";
    default:
      return "";
  }
}

/// As the particulars of an attempt have it (docs/formats/campaign-db.md); "" where it ended itself.
std::string name_of_cause(EndCause cause) {
  switch (cause) {
    case EndCause::kItself:
      break;
    case EndCause::kTimeLimit:
      return "time limit";
    case EndCause::kNoProgress:
      return "no progress";
    case EndCause::kOutOfMemory:
      return "memory";
  }
  return "";
}

EndCause cause_named(const std::string& name) {
  for (const EndCause cause : {EndCause::kTimeLimit, EndCause::kNoProgress, EndCause::kOutOfMemory}) {
    if (name == name_of_cause(cause)) return cause;
  }
  return EndCause::kItself;
}

/// At the end of a run it is stopped, and with it what it calculates, which the next run does again. A calculation that
/// reached a limit of its own at that moment would have failed for good.
constexpr double kRunStopsFirst_s = 15;

/// The machine in the name of a process, "pid:start@host".
std::string machine_of(const std::string& job) {
  const auto at = job.rfind('@');
  return at == std::string::npos ? "" : job.substr(at + 1);
}

/// "" if there is no such file.
std::string text_in(const fs::path& file) {
  if (!is_plain_file(file)) return "";
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// What a lost database has forgotten and is not wanted here (another step, a loss) stays, under another name.
void set_aside(const fs::path& directory) {
  std::error_code error;
  if (!fs::is_directory(directory, error) || fs::is_empty(directory, error)) return;
  for (int n = 1;; ++n) {
    fs::path aside = directory;
    aside += fmt::format(".old-{}", n);
    if (fs::exists(aside, error)) continue;
    fs::rename(directory, aside, error);
    if (error) throw StorageError(fmt::format("{}: cannot be renamed: {}", directory.string(), error.message()));
    log_warning(fmt::format("{}: it belongs to an attempt that the database does not know; it is renamed to {}",
                            directory.string(), aside.filename().string()));
    return;
  }
}

}  // namespace

TaskLoop::TaskLoop(const DftCode& code, CampaignStore& store, Executor& executor, fs::path directory, TaskLimits limits,
                   StopRequested stop, std::function<void(const TaskProgress&)> on_progress,
                   std::function<void(const std::string& key)> on_result)
    : code_(code),
      store_(store),
      executor_(executor),
      directory_(std::move(directory)),
      limits_(std::move(limits)),
      stop_(std::move(stop)),
      on_progress_(std::move(on_progress)),
      on_result_(std::move(on_result)),
      reactor_(
          {},
          [this](const DftFailure& failure, const DftSettings& settings, const std::vector<std::string>& tried) {
            return code_.correct(failure, settings, tried);
          },
          {},
          [this](const DftSettings& asked, const DftSettings& done, const Structure& relaxed) {
            return next_step(asked, done, relaxed);
          }),
      packer_(code_, store_, directory_, executor_.outlives_hullscan()),
      nodes_(limits_.node_failures) {}

std::size_t TaskLoop::take(int round) {
  const std::vector<TaskRecord> records = store_.tasks({.round = round, .states = {}});
  if (reactor_.finished()) {
    progress_ = {};
    costs_.clear();
  }
  progress_.states = store_.task_counts();
  for (const TaskRecord& record : records) {
    const double cost = code_.relative_cost(record.task.structure, record.task.settings);
    if (!costs_.emplace(record.task.key, cost).second) continue;  // taken before
    progress_.cost_total += cost;
    ++progress_.tasks;
    if (is_final(record.state)) {
      ++progress_.ended;
      progress_.cost_done += cost;
      continue;
    }
    packer_.open(record.task.key);
    const std::vector<DoneStep> steps = done_steps(record);
    structures_.insert_or_assign(record.task.key, steps.empty() ? record.task.structure : steps.back().structure);
    formulas_[record.task.key] = record.task.formula;
    OpenTask task = open_task(record);
    memory_doublings_[record.task.key] = task.memory_doublings;
    reactor_.add(std::move(task));
    take_up(record, "it ended together with an earlier hullscan");
  }
  learn_costs();
  avoided_before_.clear();
  if (auto avoided = recall_avoided_nodes(store_)) {
    avoided_before_ = std::move(*avoided);
    executor_.avoid(avoided_before_);
  }
  return records.size();
}

LoopEnd TaskLoop::run(int round, RunUntil until) {
  packer_.begin();
  const LoopEnd end = run_to(round, until);
  packer_.pack();
  return end;
}

LoopEnd TaskLoop::run_to(int round, RunUntil until) {
  const std::size_t of_round = take(round);
  on_progress_(progress_);
  while (!reactor_.finished()) {
    if (stop_()) {
      leave();
      return LoopEnd::kStopped;
    }
    act(reactor_.handle(slots_free()));
    if (nothing_can_start()) {
      log_info(fmt::format("{} calculation{} left; {}", reactor_.open(), reactor_.open() == 1 ? "" : "s",
                           why_nothing_starts_));
      return LoopEnd::kStopped;
    }
    if (until == RunUntil::kSlotIdle && slot_is_idle(of_round)) return LoopEnd::kFinished;
    const std::vector<LaunchFinished> ended = executor_.poll();
    for (const LaunchFinished& finished : ended) finish(finished);
    on_progress_(progress_);
    if (ended.empty()) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return LoopEnd::kFinished;
}

bool TaskLoop::slot_is_idle(std::size_t tasks_of_round) const {
  return reactor_.under_way() == reactor_.open() && executor_.free_slots() > 0 && 2 * reactor_.open() <= tasks_of_round;
}

void TaskLoop::look() {
  if (reactor_.finished()) return;
  for (const LaunchFinished& finished : executor_.poll()) finish(finished);
  act(reactor_.handle(slots_free()));
}

void TaskLoop::leave() {
  packer_.pack();
  if (reactor_.under_way() == 0) return;
  if (executor_.outlives_hullscan()) {
    log_info(fmt::format("{} calculation{} stay with the batch system and are taken up by the next run",
                         reactor_.under_way(), reactor_.under_way() == 1 ? "" : "s"));
    return;
  }
  executor_.stop_all(2.0);
  for (const TaskRecord& record : store_.tasks({.round = {}, .states = {TaskState::kPrepared, TaskState::kRunning}})) {
    take_up(record, "hullscan was asked to stop");
  }
}

OpenTask TaskLoop::open_task(const TaskRecord& record) const {
  OpenTask task;
  task.key = record.task.key;
  task.state = record.state;
  task.attempts = static_cast<int>(record.attempts.size());
  task.asked = record.task.settings;
  task.settings = record.task.settings;
  task.relative_cost = code_.relative_cost(record.task.structure, record.task.settings);
  int losses = 0;  // up to the attempt
  for (const AttemptRecord& attempt : record.attempts) {
    task.settings = attempt.settings;
    task.handler = attempt.handler;
    task.explanation = attempt.explanation;
    if (attempt.handler.starts_with(kMoreMemory) && (task.tried.empty() || task.tried.back() != attempt.handler))
      ++task.memory_doublings;
    if (!attempt.handler.empty() && (task.tried.empty() || task.tried.back() != attempt.handler))
      task.tried.push_back(attempt.handler);
    if (attempt.outcome.starts_with("lost: ")) ++losses;
    const auto step = done_step(attempt);
    if (!step) continue;
    task.tried.clear();
    task.spent = attempt.number - losses;
    if (const auto next = next_step(task.asked, attempt.settings, step->structure)) {
      task.settings = next->step.settings;
      task.relative_cost = next->relative_cost;
      task.handler.clear();
      task.explanation = next->step.name;
    }
  }
  bool last_was_refused = false;
  for (const TaskEvent& event : store_.events(record.task.key)) {
    if (std::holds_alternative<TaskLost>(event.fact)) ++task.losses;
    last_was_refused = std::holds_alternative<TaskRefused>(event.fact);
  }
  if (record.state == TaskState::kRetrying && last_was_refused) choose_again(record.attempts.back(), task);
  return task;
}

void TaskLoop::choose_again(const AttemptRecord& refused, OpenTask& task) const {
  // A correction is a function of the output and of why it ended: asked for again, it is the same.
  const Json particulars = Json::parse(refused.particulars);
  const EndCause cause = cause_named(particulars.value("ended_by", ""));
  const DftOutcome outcome = judge(task.key, refused.number, cause, "");
  const auto* failure = std::get_if<DftFailure>(&outcome);
  if (failure == nullptr) return;
  const bool memory = cause == EndCause::kOutOfMemory && executor_.can_ask_for_more_memory();
  const auto correction =
      memory ? more_memory(task.settings, task.memory_doublings) : code_.correct(*failure, task.settings, task.tried);
  if (!correction) return;
  task.settings = correction->settings;
  task.handler = correction->handler;
  task.explanation = correction->explanation;
  task.tried.push_back(correction->handler);
  if (memory) ++task.memory_doublings;
  if (correction->from_last_structure) task.start_from = failure->last_structure;
}

void TaskLoop::take_up(const TaskRecord& record, const std::string& why_lost) {
  if (record.state != TaskState::kPrepared && record.state != TaskState::kRunning) return;
  const int attempt = static_cast<int>(record.attempts.size());
  const AttemptRecord& last = record.attempts.back();
  const fs::path directory = attempt_directory(record.task.key, attempt);
  std::error_code none;
  const LaunchRequest request = request_for(record.task.key, attempt, last.settings);
  // Where inputs were not written completely nothing can have been started.
  if (last.particulars != "{}" && fs::is_directory(directory, none)) {
    if (const std::string job = executor_.adopt(request, last.job); !job.empty()) {
      if (record.state == TaskState::kPrepared)
        store_.record(record.task.key, TaskStarted{attempt, job}, instant_now());
      core_hours_begun_[record.task.key] = executor_.cores() * request.time_limit_s / 3600;
      return;
    }
  }
  if (is_plain_file(directory / code_.info().exit_code_file)) {
    DftOutcome outcome = with_readable_words(code_.read_outputs(directory));
    int exit_code = 0;
    std::ifstream(directory / code_.info().exit_code_file) >> exit_code;
    const std::string killer = killed_from_outside(exit_code);
    if (std::holds_alternative<DftFailure>(outcome) && !killer.empty()) {
      act(reactor_.handle(AttemptLost{record.task.key, attempt, killer, true}));
    } else {
      act(reactor_.handle(AttemptEnded{record.task.key, attempt, std::move(outcome)}));
    }
    // This is a later round; at the first one all that is stored is counted together.
    if (const auto judged = costs_learned_ ? store_.task(record.task.key) : std::nullopt)
      count_hours(judged->attempts.back());
  } else {
    // A calculation may have outlived the hullscan that started it; it must not write beside its successor.
    if (!last.job.empty()) executor_.stop(last.job);
    if (fs::is_directory(directory, none)) write_durably(directory / kSupersededFile, why_lost + "\n");
    act(reactor_.handle(AttemptLost{record.task.key, attempt, why_lost}));
  }
}

void TaskLoop::act(const std::vector<TaskAction>& actions) {
  for (const TaskAction& action : actions) {
    std::visit(
        Overloaded{
            [&](const StoreFact& store) {
              store_.record(store.key, store.fact, instant_now());
              if (const auto* lost = std::get_if<TaskLost>(&store.fact)) {
                log_warning(fmt::format("{} ({}), attempt {}: lost: {}", formulas_[store.key], store.key.substr(0, 8),
                                        lost->attempt, lost->reason));
              }
              if (const auto* refused = std::get_if<TaskRefused>(&store.fact)) {
                const std::string text = fmt::format("{} ({}), attempt {}: {}", formulas_[store.key],
                                                     store.key.substr(0, 8), refused->attempt, refused->reason);
                refused->retry ? log_warning(text) : log_error("failed for good: " + text);
                if (!refused->retry) task_ended(store.key);
              }
            },
            [&](const AcceptResult& accepted) { accept(accepted); },
            [&](const FinishStep& step) { finish_step(step); },
            [&](const BeginAttempt& attempt) { begin(attempt); },
            [&](const StopCampaign& stop) {
              if (!executor_.outlives_hullscan()) executor_.stop_all(2.0);
              throw TransportError(stop.reason + "; nothing is lost: mend the cause and run the same line again");
            },
        },
        action);
  }
}

std::optional<NextStep> TaskLoop::next_step(const DftSettings& asked, const DftSettings& done,
                                            const Structure& relaxed) const {
  auto step = code_.next_step(asked, done);
  if (!step) return std::nullopt;
  const double cost = code_.relative_cost(relaxed, step->settings);
  return NextStep{std::move(*step), cost};
}

void TaskLoop::finish_step(const FinishStep& step) {
  const auto record = store_.task(step.key);
  const AttemptRecord& attempt = record->attempts.back();
  const auto wall = wall_times_s_.find(step.key);
  const double wall_time_s = wall != wall_times_s_.end() ? wall->second : step.result.wall_time_s.value_or(0);
  const std::string name = step_name(attempt.settings);
  store_.describe_attempt(step.key, step.attempt, with_done_step(attempt.particulars, step.result, name, wall_time_s));
  HULLSCAN_CRASH_POINT("step.described");
  store_.record(step.key, TaskStepDone{step.attempt, step.next}, instant_now());
  HULLSCAN_CRASH_POINT("step.done");
  structures_.insert_or_assign(step.key, step.result.structure);
  wall_times_s_.erase(step.key);
  log_info(fmt::format("{} ({}): {} is done: {:.6f} eV/atom in {}; next: {}", formulas_[step.key],
                       step.key.substr(0, 8), name.empty() ? step.result.calculation : name,
                       step.result.energy_ev / static_cast<double>(step.result.structure.atom_count()),
                       duration_text(wall_time_s), step.next));
}

void TaskLoop::accept(const AcceptResult& accepted) {
  const auto wall = wall_times_s_.find(accepted.key);
  double wall_time_s = wall != wall_times_s_.end() ? wall->second : accepted.result.wall_time_s.value_or(0);
  const std::vector<DoneStep> steps = done_steps(*store_.task(accepted.key));
  for (const DoneStep& step : steps) wall_time_s += step.wall_time_s;
  const DftConverged result = joined(accepted.result, steps);
  store_.accept(accepted.key, accepted.attempt, result, wall_time_s, instant_now());
  if (wall_time_s > 0) {
    finished_costs_.emplace_back(costs_[accepted.key], wall_time_s);
  }
  task_ended(accepted.key);
  const auto atoms = static_cast<double>(result.structure.atom_count());
  std::string text = fmt::format("{} converged: {:.6f} eV/atom in {}", formulas_[accepted.key],
                                 result.energy_ev / atoms, duration_text(wall_time_s));
  if (!steps.empty()) {
    text +=
        fmt::format("; Pulay correction {:+.2f} meV/atom", 1e3 * (result.energy_ev - steps.back().energy_ev) / atoms);
  }
  log_info(text);
  on_result_(accepted.key);
}

void TaskLoop::begin(const BeginAttempt& attempt) {
  const auto fail = [&](FailureKind kind, const std::string& reason) {
    DftFailure failure;
    failure.kind = kind;
    failure.failure_class = class_of(kind);
    failure.reason = reason;
    act(reactor_.handle(AttemptEnded{attempt.key, attempt.attempt, failure}));
  };
  const std::string relative = relative_directory(attempt.key, attempt.attempt);
  packer_.open(attempt.key);  // of a database that was lost
  store_.begin_attempt(attempt.key, {attempt.attempt, relative, attempt.settings, attempt.handler, attempt.explanation},
                       instant_now());
  const fs::path directory = directory_ / relative;
  std::error_code error;
  const Structure& start = attempt.start_from ? *attempt.start_from : structures_.at(attempt.key);
  const std::string mark = step_mark(attempt.settings, structures_.at(attempt.key));
  // What a lost database has forgotten: the same structure with the same settings, finished. It is not computed again.
  if (fs::exists(directory / code_.info().exit_code_file, error) && !fs::exists(directory / kSupersededFile, error) &&
      text_in(directory / kStepMarkFile) == mark) {
    log_info(fmt::format("{} ({}), attempt {}: taken up as {} has it", formulas_[attempt.key], attempt.key.substr(0, 8),
                         attempt.attempt, relative));
    describe(request_for(attempt.key, attempt.attempt, attempt.settings));
    return act(reactor_.handle(
        AttemptEnded{attempt.key, attempt.attempt, with_readable_words(code_.read_outputs(directory))}));
  }
  set_aside(directory);
  fs::create_directories(directory, error);
  if (error) throw StorageError(fmt::format("{}: cannot be made: {}", directory.string(), error.message()));
  if (!mark.empty()) write_durably(directory / kStepMarkFile, mark);
  try {
    code_.write_inputs(start, code_.within_time(attempt.settings, time_limit_s()), directory);
    if (attempt.attempt > 1) {
      code_.carry_over(attempt.settings, attempt_directory(attempt.key, attempt.attempt - 1), directory);
    }
  } catch (const InputError& refused) {
    return fail(FailureKind::kInputRefused, refused.what());
  }
  memory_doublings_[attempt.key] = attempt.memory_doublings;
  const LaunchRequest request = request_for(attempt.key, attempt.attempt, attempt.settings);
  describe(request);
  core_hours_begun_[attempt.key] = executor_.cores() * request.time_limit_s / 3600;
  const std::string job = executor_.launch(request);
  if (!job.empty()) store_.record(attempt.key, TaskStarted{attempt.attempt, job}, instant_now());
  progress_.states = store_.task_counts();
}

LaunchRequest TaskLoop::request_for(const std::string& key, int attempt, const DftSettings& settings) const {
  LaunchRequest request;
  request.task_key = key;
  request.attempt = attempt;
  request.directory = attempt_directory(key, attempt);
  request.command = code_.command(settings);
  request.lasting = code_.lasting(settings);
  request.stdout_file = code_.info().stdout_file;
  request.time_limit_s = std::min(limits_.time_limit_s, time_limit_s() + kRunStopsFirst_s);
  request.stall_s = limits_.stall_s.value_or(code_.info().stall_s);
  request.environment = code_.info().environment;
  request.stop_file = code_.info().stop_file;
  request.stop_text = code_.info().stop_text;
  const auto doublings = memory_doublings_.find(key);
  if (doublings != memory_doublings_.end()) request.memory_doublings = doublings->second;
  return request;
}

double TaskLoop::time_limit_s() const {
  // A calculation of a batch system has its own end; one beside us has ours.
  if (!limits_.seconds_left || executor_.outlives_hullscan()) return limits_.time_limit_s;
  return std::clamp(limits_.seconds_left(), 1.0, limits_.time_limit_s);
}

void TaskLoop::describe(const LaunchRequest& request) {
  Json inputs = Json::object();
  for (const auto& entry : fs::directory_iterator(request.directory)) {
    if (entry.is_regular_file()) inputs[entry.path().filename().string()] = file_hash128_hex(entry.path());
  }
  store_.describe_attempt(request.task_key, request.attempt,
                          json_text(Json({{"command", request.command},
                                          {"inputs", std::move(inputs)},
                                          {"cores", executor_.cores()},
                                          {"hullscan", limits_.hullscan_version}})));
}

void TaskLoop::learn_costs() {
  if (costs_learned_) return;
  costs_learned_ = true;
  finished_costs_.clear();
  core_hours_ = 0;
  store_.each_task({}, [&](const TaskRecord& record) {
    for (const AttemptRecord& attempt : record.attempts) count_hours(attempt);
    if (record.result && record.result->wall_time_s > 0)
      finished_costs_.emplace_back(code_.relative_cost(record.task.structure, record.task.settings),
                                   record.result->wall_time_s);
  });
}

void TaskLoop::count_hours(const AttemptRecord& attempt) {
  if (!attempt.started || !attempt.ended) return;
  const Json particulars = Json::parse(attempt.particulars);
  const int cores = particulars.value("cores", 1);
  const Json wall = particulars.value("wall_s", Json());
  const double seconds =
      wall.is_number() ? wall.get<double>() : std::chrono::duration<double>(*attempt.ended - *attempt.started).count();
  core_hours_ += cores * seconds / 3600;
}

const CostModel& TaskLoop::cost_model() {
  if (finished_costs_.size() > costs_in_model_ + costs_in_model_ / 50) {
    cost_model_ = CostModel::learned_from(finished_costs_);
    costs_in_model_ = finished_costs_.size();
  }
  return cost_model_;
}

SlotsFree TaskLoop::slots_free() {
  SlotsFree free{std::max(0, executor_.free_slots())};
  why_nothing_starts_.clear();
  if (limits_.max_core_hours) {
    double spoken_for = core_hours_;
    for (const auto& [key, hours] : core_hours_begun_) spoken_for += hours;
    const double each = executor_.cores() * limits_.time_limit_s / 3600;
    const double room = std::floor((*limits_.max_core_hours - spoken_for) / each + 1e-9);
    if (room < free.count) {
      free.count = static_cast<int>(std::max(0.0, room));
      why_nothing_starts_ = fmt::format(
          "{:.3g} of {:.3g} core-hours are used and one more may take {:.3g}: raise max_core_hours to go on",
          core_hours_, *limits_.max_core_hours, each);
    }
  }
  if (limits_.seconds_left && !executor_.outlives_hullscan()) {
    const double left = limits_.seconds_left();
    free.largest_cost = cost_model().largest_cost(left);
    if (why_nothing_starts_.empty())
      why_nothing_starts_ = fmt::format("none is expected to end in the {} that are left", duration_text(left));
  }
  return free;
}

bool TaskLoop::nothing_can_start() const {
  return !reactor_.finished() && reactor_.under_way() == 0 && !why_nothing_starts_.empty();
}

std::string TaskLoop::judge_node(const LaunchFinished& finished, const DftOutcome* outcome) {
  if (finished.host.empty()) return "";
  constexpr double kQuick_s = 30;
  const auto* failure = outcome == nullptr ? nullptr : std::get_if<DftFailure>(outcome);
  // What is wrong with an input is not the machine's fault, and shows that the program runs there.
  const bool machine = !std::holds_alternative<CommandEnded>(finished.end) ||
                       (failure != nullptr && failure->failure_class == FailureClass::kEnvironment) ||
                       (failure != nullptr && finished.wall_time_s < kQuick_s &&
                        (failure->kind == FailureKind::kTruncated || failure->kind == FailureKind::kNotStarted));
  if (!machine) {
    nodes_.worked(finished.host);
    return "";
  }
  // Where one machine after the other fails, it is not the machines.
  constexpr std::size_t kFewMachines = 3;
  const std::vector<std::string>& given_up = nodes_.avoided();
  const bool known = std::find(given_up.begin(), given_up.end(), finished.host) != given_up.end();
  const bool others = given_up.size() < std::min(kFewMachines, executor_.machines() - 1);
  const std::string to_blame = known || others ? finished.host : "";
  if (!nodes_.failed(finished.host)) return to_blame;
  std::vector<std::string> avoided = avoided_before_;
  avoided.insert(avoided.end(), nodes_.avoided().begin(), nodes_.avoided().end());
  log_warning(fmt::format("{}: {} calculations in a row failed there; it is avoided from now on", finished.host,
                          limits_.node_failures));
  remember_avoided_nodes(store_, avoided);
  executor_.avoid(avoided);
  return to_blame;
}

void TaskLoop::finish(const LaunchFinished& finished) {
  const std::string& key = finished.task_key;
  const auto* ended = std::get_if<CommandEnded>(&finished.end);
  const std::string left_running = ended == nullptr ? "" : ended->left_running;
  wall_times_s_[key] = finished.wall_time_s;
  core_hours_begun_.erase(key);
  core_hours_ += executor_.cores() * finished.wall_time_s / 3600;
  if (const auto record = store_.task(key); record && !record->attempts.empty()) {
    Json particulars = Json::parse(record->attempts.back().particulars);
    const bool here = finished.host.empty() && executor_.machines() == 1;
    particulars["machine"] = here ? machine_of(record->attempts.back().job) : finished.host;
    particulars["wall_s"] = finished.wall_time_s;
    if (!left_running.empty()) particulars["left_running"] = left_running;
    if (ended != nullptr && ended->cause != EndCause::kItself) particulars["ended_by"] = name_of_cause(ended->cause);
    store_.describe_attempt(key, finished.attempt, json_text(particulars));
  }
  if (!left_running.empty()) {
    log_warning(fmt::format("{} ({}), attempt {}: it ended and left {} running; that was ended too", formulas_[key],
                            key.substr(0, 8), finished.attempt, left_running));
  }
  if (const auto* lost = std::get_if<CommandLost>(&finished.end)) {
    (void)judge_node(finished, nullptr);
    return act(reactor_.handle(AttemptLost{key, finished.attempt, lost->reason}));
  }
  const DftOutcome outcome = judge(finished);
  if (const std::string machine = judge_node(finished, &outcome); !machine.empty()) {
    return act(reactor_.handle(AttemptLost{
        key, finished.attempt, fmt::format("it failed on {}: {}", machine, std::get<DftFailure>(outcome).reason)}));
  }
  if (ended != nullptr && ended->cause == EndCause::kItself && std::holds_alternative<DftFailure>(outcome)) {
    if (const std::string killer = killed_from_outside(ended->exit_code); !killer.empty())
      return act(reactor_.handle(AttemptLost{key, finished.attempt, killer, true}));
  }
  const bool out_of_memory = ended != nullptr && ended->cause == EndCause::kOutOfMemory;
  act(reactor_.handle(
      AttemptEnded{key, finished.attempt, outcome, out_of_memory && executor_.can_ask_for_more_memory()}));
}

DftOutcome TaskLoop::judge(const LaunchFinished& finished) const {
  if (const auto* not_started = std::get_if<CommandNotStarted>(&finished.end)) {
    DftFailure failure;
    failure.kind = FailureKind::kNotStarted;
    failure.failure_class = FailureClass::kEnvironment;
    failure.reason = not_started->reason;
    return failure;
  }
  const auto* ended = std::get_if<CommandEnded>(&finished.end);
  const EndCause cause = ended == nullptr ? EndCause::kItself : ended->cause;
  return judge(finished.task_key, finished.attempt, cause, finished.host);
}

DftOutcome TaskLoop::judge(const std::string& key, int attempt, EndCause cause, const std::string& host) const {
  DftOutcome outcome = with_readable_words(code_.read_outputs(attempt_directory(key, attempt)));
  auto* failure = std::get_if<DftFailure>(&outcome);
  if (failure == nullptr) return outcome;
  switch (cause) {
    case EndCause::kItself:
      break;
    case EndCause::kTimeLimit:
      failure->kind = FailureKind::kTimeLimit;
      failure->failure_class = class_of(FailureKind::kTimeLimit);
      failure->reason = fmt::format("ended after {} (run.time_limit_s)", duration_text(limits_.time_limit_s));
      break;
    case EndCause::kNoProgress:
      failure->kind = FailureKind::kHung;
      failure->failure_class = class_of(FailureKind::kHung);
      failure->reason = fmt::format("none of its files changed for {} (run.stall_s), so it was ended",
                                    duration_text(limits_.stall_s.value_or(code_.info().stall_s)));
      break;
    case EndCause::kOutOfMemory:
      failure->kind = FailureKind::kCrashed;
      failure->failure_class = FailureClass::kRecoverable;
      failure->reason = "out of memory" + (host.empty() ? "" : " on " + host);
      break;
  }
  return outcome;
}

fs::path TaskLoop::attempt_directory(const std::string& key, int attempt) const {
  return directory_ / relative_directory(key, attempt);
}

void TaskLoop::task_ended(const std::string& key) {
  structures_.erase(key);
  packer_.ended(key);
  progress_.cost_done += costs_[key];
  ++progress_.ended;
  progress_.states = store_.task_counts();
}

}  // namespace hullscan
