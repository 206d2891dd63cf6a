#include "scheduler/local_executor.hpp"

#include <algorithm>
#include <exception>
#include <fstream>
#include <thread>   // std::this_thread::sleep_for
#include <utility>  // std::exchange

#include "core/errors.hpp"
#include "core/log.hpp"
#include "scheduler/detail/child_process.hpp"
#include "scheduler/program_search.hpp"
#include "storage/durable_file.hpp"

namespace hullscan {
namespace {

constexpr const char* kSessionDirectory = ".mpi-session";

double seconds_from(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
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
  // A script may call mpirun, which these settings would break; a program that is no MPI program ignores them.
  const bool singleton = detail::is_machine_code(spec.program) && !command_launches_mpi(request.command);
  spec.environment =
      child_environment(own, request.environment, singleton, (spec.directory / kSessionDirectory).string());
  spec.stdout_file = spec.directory / request.stdout_file;
  spec.stderr_file = spec.directory / "stderr.txt";
  return spec;
}

}  // namespace

LocalExecutor::LocalExecutor(int slots, double grace_s, std::optional<double> memory_limit_mb)
    : slots_(slots), grace_s_(grace_s), memory_limit_mb_(memory_limit_mb) {}

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
    const int pid = detail::start_child(child_for(request));
    running_.push_back({request, pid, Clock::now(), std::nullopt, false, false});
    return detail::job_name(pid);
  } catch (const TransportError& error) {
    unreported_.push_back({.task_key = request.task_key,
                           .attempt = request.attempt,
                           .exit_code = 127,
                           .could_not_start = error.what()});
    return "";
  }
}

void LocalExecutor::enforce_time_limit(Running& running) const {
  if (!running.asked_to_end && seconds_from(running.started) > running.request.time_limit_s) {
    running.asked_to_end = Clock::now();
    if (running.request.stop_file.empty()) {
      detail::signal_group(running.pid, detail::EndSignal::kTerminate);
    } else {
      std::ofstream(running.request.directory / running.request.stop_file)
          << running.request.stop_text;  // half the grace to end by itself
    }
  } else if (running.asked_to_end && !running.forced && !running.request.stop_file.empty() &&
             seconds_from(*running.asked_to_end) > grace_s_ / 2 && seconds_from(*running.asked_to_end) <= grace_s_) {
    detail::signal_group(running.pid, detail::EndSignal::kTerminate);
  } else if (running.asked_to_end && !running.forced && seconds_from(*running.asked_to_end) > grace_s_) {
    running.forced = true;
    detail::signal_group(running.pid, detail::EndSignal::kKill);
  }
}

void LocalExecutor::enforce_memory_limit() {
  if (!memory_limit_mb_ || Clock::now() < next_look_at_memory_) return;
  next_look_at_memory_ = Clock::now() + std::chrono::milliseconds(500);
  for (Running& running : running_) {
    if (running.out_of_memory || detail::group_memory_mb(running.pid) <= *memory_limit_mb_) continue;
    running.out_of_memory = true;
    detail::signal_group(running.pid, detail::EndSignal::kKill);
  }
}

std::vector<LaunchFinished> LocalExecutor::poll() {
  enforce_memory_limit();
  for (std::size_t i = 0; i < running_.size();) {
    const auto exit_code = detail::reap_child(running_[i].pid, false);
    if (!exit_code) {
      enforce_time_limit(running_[i++]);
      continue;
    }
    const Running ended = std::move(running_[i]);
    running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(i));
    std::error_code ignored;
    std::filesystem::remove_all(ended.request.directory / kSessionDirectory, ignored);
    write_durably(ended.request.directory / "exit_code", std::to_string(*exit_code) + "\n");
    unreported_.push_back({.task_key = ended.request.task_key,
                           .attempt = ended.request.attempt,
                           .exit_code = *exit_code,
                           .timed_out = ended.asked_to_end.has_value(),
                           .wall_time_s = seconds_from(ended.started),
                           .could_not_start = "",
                           .out_of_memory = ended.out_of_memory});
  }
  return std::exchange(unreported_, {});
}

void LocalExecutor::stop_all(double grace_s) {
  // What has ended by itself was not stopped, and stays to be reported.
  unreported_ = poll();
  for (const Running& running : running_) {
    detail::signal_group(running.pid, grace_s > 0 ? detail::EndSignal::kTerminate : detail::EndSignal::kKill);
  }
  const auto reap = [](Running& running) {
    if (!detail::reap_child(running.pid, false)) return false;
    std::error_code ignored;
    std::filesystem::remove_all(running.request.directory / kSessionDirectory, ignored);
    return true;
  };
  const auto start = Clock::now();
  while (std::erase_if(running_, reap), !running_.empty()) {
    if (seconds_from(start) > grace_s) {
      for (const Running& running : running_) detail::signal_group(running.pid, detail::EndSignal::kKill);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

bool LocalExecutor::is_alive(const std::string& job) const { return detail::living_pid(job).has_value(); }

void LocalExecutor::stop(const std::string& job) {
  if (const auto pid = detail::living_pid(job)) detail::signal_group(*pid, detail::EndSignal::kKill);
}

}  // namespace hullscan
