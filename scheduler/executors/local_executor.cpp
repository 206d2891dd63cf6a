#include "scheduler/executors/local_executor.hpp"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <fstream>
#include <thread>   // std::this_thread::sleep_for
#include <utility>  // std::exchange, std::move

#include "core/errors.hpp"
#include "core/log.hpp"
#include "scheduler/executors/detail/child_process.hpp"
#include "scheduler/executors/detail/process_family.hpp"
#include "scheduler/executors/program_search.hpp"
#include "storage/durable_file.hpp"
#include "surrogates/external/scorer_process.hpp"

namespace hullscan {
namespace {

/// All of it at once: a code that looks while it is written would find an empty one.
void write_stop_file(const LaunchRequest& request) {
  const std::filesystem::path file = request.directory / request.stop_file, part = file.string() + ".part";
  std::ofstream(part) << request.stop_text;
  std::error_code ignored;  // where it cannot be made the code is ended by a signal
  std::filesystem::rename(part, file, ignored);
}

constexpr const char* kSessionDirectory = ".mpi-session";
constexpr double kLookInterval_s = 1, kMemoryInterval_s = 0.5;
constexpr double kAfterwards_s = 1;  ///< what a calculation has started may end by itself so much later
constexpr double kStubborn_s = 30;   ///< after which a process that KILL does not end is left to itself

double seconds_from(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::string mark_of(const std::filesystem::path& directory) {
  std::error_code error;
  const auto canonical = std::filesystem::canonical(directory, error);
  return (error ? std::filesystem::absolute(directory) : canonical).string();
}

detail::ChildSpec child_for(const LaunchRequest& request) {
  const Environment own = detail::own_environment();
  const auto variable = [&](const std::string& name) {
    const auto wanted = request.environment.find(name);
    if (wanted != request.environment.end()) return wanted->second;
    const auto inherited = own.find(name);
    return inherited == own.end() ? std::string("/usr/local/bin:/usr/bin:/bin") : inherited->second;
  };
  if (request.command.empty()) throw TransportError("the command is empty");
  detail::ChildSpec spec;
  spec.directory = std::filesystem::absolute(request.directory);
  std::error_code error;
  if (!std::filesystem::is_directory(spec.directory, error))
    throw TransportError(spec.directory.string() + ": no such directory");
  spec.program = find_program(request.command.front(), variable("PATH"));
  spec.command = request.command;
  // A script may call mpirun, which these settings would break; a program that is not an MPI program ignores them.
  const bool singleton = detail::is_machine_code(spec.program) && !command_launches_mpi(request.command);
  spec.environment =
      child_environment(own, request.environment, singleton, (spec.directory / kSessionDirectory).string());
  spec.environment[detail::kCalculationMark] = mark_of(spec.directory);
  spec.stdout_file = spec.directory / request.stdout_file;
  spec.stderr_file = spec.directory / "stderr.txt";
  return spec;
}

}  // namespace

struct LocalExecutor::Running {
  LaunchRequest request;
  int pid = 0;
  Clock::time_point started;
  detail::ProcessFamily family;
  OutputWatch outputs;
  std::optional<Clock::time_point> asked_to_end{};  ///< over its time limit, or hung
  bool forced = false, out_of_memory = false, hung = false;
  std::optional<Clock::time_point> ended{};  ///< the first process; what it left may still run
  std::string left_running{};
};

struct LocalExecutor::Processes {
  detail::ProcessTable table;
  std::set<int> not_ours;  ///< children that this process had before: somebody else waits for them
  bool any_launched = false;
};

LocalExecutor::LocalExecutor(int slots, double grace_s, std::optional<double> memory_limit_mb)
    : slots_(slots), grace_s_(grace_s), memory_limit_mb_(memory_limit_mb), processes_(std::make_unique<Processes>()) {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  for (const detail::Process& process : processes_->table.look()) {
    if (process.parent == ::getpid()) processes_->not_ours.insert(process.id.pid);
  }
}

LocalExecutor::~LocalExecutor() {
  try {
    stop_all(0);
  } catch (const std::exception& error) {
    log_error(std::string("calculations could not be ended: ") + error.what());
  }
}

int LocalExecutor::free_slots() const { return slots_ - static_cast<int>(running_.size()); }

std::string LocalExecutor::launch(const LaunchRequest& request) {
  if (free_slots() <= 0) throw Error("task " + request.task_key + ": started without a free slot");
  try {
    detail::ChildSpec spec = child_for(request);
    auto group = detail::ControlGroup::make();
    if (group) spec.control_group = group->entrance();
    const int pid = detail::start_child(spec);
    processes_->any_launched = true;
    detail::Process first = detail::process_of(pid).value_or(detail::Process{});
    first.id.pid = pid;
    running_.push_back(std::make_unique<Running>(
        Running{.request = request,
                .pid = pid,
                .started = Clock::now(),
                .family = detail::ProcessFamily(first, spec.environment.at(detail::kCalculationMark), std::move(group)),
                .outputs = OutputWatch(request.directory, request.stall_s)}));
    return detail::job_name(pid);
  } catch (const TransportError& error) {
    unreported_.push_back(
        {.task_key = request.task_key, .attempt = request.attempt, .end = CommandNotStarted{error.what()}});
    return "";
  }
}

void LocalExecutor::look() {
  const auto& all = processes_->table.look();
  std::set<int> firsts;
  for (const auto& running : running_) {
    running->family.follow(all);
    firsts.insert(running->pid);
  }
  take_in_orphans(firsts);
}

/// Orphans of our descendants are our children now. Each belongs to a calculation, though its environment may be empty
/// and its group its own.
void LocalExecutor::take_in_orphans(const std::set<int>& firsts) {
  if (!processes_->any_launched) return;
  std::vector<detail::Process> strangers;
  for (const detail::Process& process : processes_->table.all()) {
    const int pid = process.id.pid;
    if (process.parent != ::getpid() || firsts.contains(pid) || processes_->not_ours.contains(pid) ||
        is_scorer_process(pid))
      continue;
    if (!process.lives()) {
      ::waitpid(pid, nullptr, WNOHANG);
      continue;
    }
    const bool known = std::any_of(running_.begin(), running_.end(),
                                   [&](const auto& running) { return running->family.contains(process.id); });
    if (!known) strangers.push_back(process);
  }
  for (const detail::Process& stranger : strangers) {
    const std::string where = detail::current_directory_of(stranger.id.pid).string();
    const auto home = std::find_if(running_.begin(), running_.end(), [&](const auto& running) {
      return !where.empty() && (where + "/").starts_with(mark_of(running->request.directory) + "/");
    });
    if (home != running_.end()) {
      (*home)->family.adopt(stranger);
    } else if (running_.size() == 1) {
      running_.front()->family.adopt(stranger);
    } else if (running_.empty()) {
      detail::ProcessFamily family(stranger, "");
      family.signal(detail::EndSignal::kKill);
      log_warning("a process that a calculation had started still ran and was ended: " + detail::names_of({stranger}));
    }
  }
}

bool LocalExecutor::orphans_are_possible() const {
  const auto children = detail::children_of_this_process();
  if (!children) return true;
  return std::any_of(children->begin(), children->end(), [&](int pid) {
    return !processes_->not_ours.contains(pid) && !is_scorer_process(pid) &&
           std::none_of(running_.begin(), running_.end(), [&](const auto& running) { return running->pid == pid; });
  });
}

void LocalExecutor::enforce_time_limits(Running& running) const {
  if (!running.asked_to_end) {
    const bool over_time = seconds_from(running.started) > running.request.time_limit_s;
    running.hung = !over_time && running.outputs.stalled();
    if (running.hung) {
      const auto& living = running.family.living();
      const bool stopped = std::any_of(living.begin(), living.end(), [](const auto& one) { return one.state == 'T'; });
      if (stopped) running.outputs.begin_again();  // somebody has stopped it, and may let it go on
      running.hung = !stopped;
    }
    if (!over_time && !running.hung) return;
    running.asked_to_end = Clock::now();
    if (running.hung || running.request.stop_file.empty()) {
      running.family.signal(detail::EndSignal::kTerminate);
    } else {
      write_stop_file(running.request);  // half the grace to end by itself
    }
    return;
  }
  const double since = seconds_from(*running.asked_to_end);
  if (since > grace_s_) {
    running.forced = true;
  } else if (!running.request.stop_file.empty() && since > grace_s_ / 2) {
    running.family.signal(detail::EndSignal::kTerminate);
  }
}

void LocalExecutor::enforce_memory_limit(Running& running) const {
  if (!memory_limit_mb_ || running.out_of_memory) return;
  running.out_of_memory = running.family.memory_mb(*memory_limit_mb_) > *memory_limit_mb_;
}

bool LocalExecutor::is_over(Running& running) {
  const bool ended_now = !running.ended && detail::child_has_ended(running.pid);
  if (ended_now) running.ended = Clock::now();
  if (!running.ended) {
    enforce_time_limits(running);
    if (!running.forced && !running.out_of_memory) return false;
    look();
    running.family.signal(detail::EndSignal::kKill);
    return false;
  }
  if (ended_now && running.family.living().size() <= 1 && !orphans_are_possible()) return true;
  look();
  if (running.family.living().empty()) return true;
  const double since = seconds_from(*running.ended);
  const bool ours = running.asked_to_end || running.out_of_memory;
  if (!ours && since < kAfterwards_s) return false;
  if (!ours && running.left_running.empty()) running.left_running = detail::names_of(running.family.living());
  running.family.signal(detail::EndSignal::kKill);
  if (since < kStubborn_s) return false;
  log_error("task " + running.request.task_key + ": cannot be ended: " + detail::names_of(running.family.living()));
  return true;
}

EndCause LocalExecutor::cause_of(const Running& running) {
  if (running.out_of_memory) return EndCause::kOutOfMemory;
  if (running.hung) return EndCause::kNoProgress;
  return running.asked_to_end ? EndCause::kTimeLimit : EndCause::kItself;
}

LaunchFinished LocalExecutor::report_of(Running& running) {
  const int exit_code = detail::reap_child(running.pid, true).value_or(0);
  std::error_code ignored;
  std::filesystem::remove_all(running.request.directory / kSessionDirectory, ignored);
  write_durably(running.request.directory / "exit_code", std::to_string(exit_code) + "\n");
  return {.task_key = running.request.task_key,
          .attempt = running.request.attempt,
          .end = CommandEnded{exit_code, cause_of(running), running.left_running},
          .wall_time_s = std::chrono::duration<double>(*running.ended - running.started).count()};
}

void LocalExecutor::watch() {
  if (running_.empty() || Clock::now() < next_look_) return;
  const auto begun = Clock::now();
  look();
  for (const auto& running : running_) enforce_memory_limit(*running);
  // On a machine with very many processes a look is long: two percent of the time at most.
  const double interval = std::max(memory_limit_mb_ ? kMemoryInterval_s : kLookInterval_s, 50 * seconds_from(begun));
  next_look_ = Clock::now() + std::chrono::milliseconds(static_cast<long>(1000 * interval));
}

std::vector<LaunchFinished> LocalExecutor::poll() {
  watch();
  for (std::size_t i = 0; i < running_.size();) {
    if (!is_over(*running_[i])) {
      ++i;
      continue;
    }
    const std::unique_ptr<Running> ended = std::move(running_[i]);
    running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(i));
    unreported_.push_back(report_of(*ended));
  }
  return std::exchange(unreported_, {});
}

void LocalExecutor::stop_all(double grace_s) {
  // What has ended by itself was not stopped, and stays to be reported.
  unreported_ = poll();
  look();
  if (running_.empty()) return;
  if (grace_s > 0) {
    for (const auto& running : running_) running->family.signal(detail::EndSignal::kTerminate);
  }
  const auto gone = [&](const std::unique_ptr<Running>& running) {
    if (!detail::child_has_ended(running->pid)) return false;
    const bool stubborn = seconds_from(*running->asked_to_end) > grace_s + kStubborn_s;
    if (!running->family.living().empty() && !stubborn) return false;
    (void)detail::reap_child(running->pid, true);
    std::error_code ignored;
    std::filesystem::remove_all(running->request.directory / kSessionDirectory, ignored);
    return true;
  };
  const auto start = Clock::now();
  for (const auto& running : running_) running->asked_to_end = start;
  while (!running_.empty()) {
    look();
    std::erase_if(running_, gone);
    for (const auto& running : running_) {
      // What its first process has left behind has nobody to be polite for.
      if (seconds_from(start) > grace_s || detail::child_has_ended(running->pid))
        running->family.signal(detail::EndSignal::kKill);
    }
    if (!running_.empty()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

bool LocalExecutor::is_alive(const std::string& job) const { return detail::living_pid(job).has_value(); }

void LocalExecutor::stop(const std::string& job) {
  const auto pid = detail::living_pid(job);
  if (!pid) return;
  detail::signal_group(*pid, detail::EndSignal::kKill);
  detail::ProcessTable table;
  for (const detail::Process& process : std::vector<detail::Process>(table.look())) {
    if (process.id.pid != *pid && process.group != *pid) continue;
    detail::ProcessFamily family(process, process.mark);
    (void)detail::end_family(family, table, 5);
    return;
  }
}

}  // namespace hullscan
