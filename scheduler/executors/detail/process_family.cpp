#include "scheduler/executors/detail/process_family.hpp"

#include <fmt/format.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>  // std::this_thread::sleep_for
#include <utility>

namespace hullscan::detail {
namespace {

/// To this process or to nobody: the descriptor names one process for good, and it is compared once more after that.
void send(const ProcessId& id, int signal) {
#if defined(SYS_pidfd_open) && defined(SYS_pidfd_send_signal)
  const auto descriptor = static_cast<int>(::syscall(SYS_pidfd_open, id.pid, 0));
  const auto sent = [&] { return ::syscall(SYS_pidfd_send_signal, descriptor, signal, nullptr, 0) == 0; };
#else  // kernels before 5.3
  const int descriptor = -1;
  const auto sent = [] { return false; };
#endif
  const auto now = process_of(id.pid);
  if (now && now->id == id) {
    if (descriptor < 0 || !sent()) ::kill(id.pid, signal);
  }
  if (descriptor >= 0) ::close(descriptor);
}

double resident_mb(int pid) {
  double size = 0, pages = 0;
  if (!(std::ifstream("/proc/" + std::to_string(pid) + "/statm") >> size >> pages)) return 0;
  return pages * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1e6;
}

/// Pages that n processes share count a n-th each.
double proportional_mb(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/smaps_rollup");
  for (std::string word; file >> word;) {
    double kb = 0;
    if (word == "Pss:" && file >> kb) return kb * 1024 / 1e6;
  }
  return resident_mb(pid);
}

}  // namespace

ProcessFamily::ProcessFamily(const Process& first, std::string mark, std::unique_ptr<ControlGroup> group)
    : mark_(std::move(mark)), group_(std::move(group)) {
  adopt(first);
}

void ProcessFamily::adopt(const Process& process) {
  members_.insert(process.id);
  led_.insert(process.id.pid);
  if (process.lives()) living_.push_back(process);
}

void ProcessFamily::follow(const std::vector<Process>& all) {
  const int self = ::getpid();
  std::set<int> grouped;
  if (group_) {
    for (const int pid : group_->processes()) grouped.insert(pid);
  }
  std::vector<const Process*> others, members;
  std::set<int> pids;
  const auto take = [&](const Process& process) {
    members.push_back(&process);
    pids.insert(process.id.pid);
    led_.insert(process.id.pid);
  };
  for (const Process& process : all) {
    if (process.id.pid == self) continue;
    const bool known =
        members_.contains(process.id) || (!mark_.empty() && process.mark == mark_) || grouped.contains(process.id.pid);
    known ? take(process) : others.push_back(&process);
  }
  for (std::size_t before = 0; before != members.size();) {
    before = members.size();
    std::erase_if(others, [&](const Process* process) {
      const bool belongs =
          pids.contains(process->parent) || led_.contains(process->group) || led_.contains(process->session);
      if (belongs) take(*process);
      return belongs;
    });
  }
  members_.clear();
  living_.clear();
  // An id that no member has any more can be given to a stranger.
  std::set<int> still_led;
  for (const Process* process : members) {
    members_.insert(process->id);
    if (process->lives()) living_.push_back(*process);
    for (const int id : {process->id.pid, process->group, process->session}) {
      if (led_.contains(id)) still_led.insert(id);
    }
  }
  led_ = std::move(still_led);
}

void ProcessFamily::signal(EndSignal signal) const {
  if (signal == EndSignal::kKill && group_) group_->kill();
  for (const Process& process : living_) {
    send(process.id, signal == EndSignal::kKill ? SIGKILL : SIGTERM);
    if (signal == EndSignal::kTerminate) send(process.id, SIGCONT);  // a stopped process takes no SIGTERM
  }
}

double ProcessFamily::memory_mb(double limit_mb) const {
  double sum = 0;
  for (const Process& process : living_) sum += resident_mb(process.id.pid);
  if (sum <= limit_mb) return sum;
  sum = 0;
  for (const Process& process : living_) sum += proportional_mb(process.id.pid);
  return sum;
}

std::string names_of(const std::vector<Process>& processes) {
  constexpr std::size_t kFew = 3;
  std::string text;
  for (std::size_t i = 0; i < std::min(kFew, processes.size()); ++i)
    text += fmt::format("{}{} (process {})", i == 0 ? "" : ", ", processes[i].name, processes[i].id.pid);
  if (processes.size() > kFew) text += fmt::format(" and {} more", processes.size() - kFew);
  return text;
}

bool end_family(ProcessFamily& family, ProcessTable& table, double patience_s) {
  const auto begun = std::chrono::steady_clock::now();
  while (true) {
    family.follow(table.look());
    if (family.living().empty()) return true;
    family.signal(EndSignal::kKill);
    if (std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count() > patience_s) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

}  // namespace hullscan::detail
