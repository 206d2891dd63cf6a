#include "core/processes/child_process.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string_view>

#include "core/errors.hpp"

extern char** environ;

namespace hullscan {
namespace {

std::string reason(int error) { return std::strerror(error); }

int open_for_child(const std::filesystem::path& file, int flags) {
  const int number = ::open(file.c_str(), flags | O_CLOEXEC, 0644);
  if (number < 0) throw TransportError(file.string() + ": cannot be opened: " + reason(errno));
  return number;
}

/// What the child needs, laid out before it begins: until exec it runs in the parent's memory, where it only reads, and
/// only async-signal-safe calls are allowed.
struct Prepared {
  const char* program;
  char* const* arguments;
  char* const* environment;
  const char* directory;
  int input, output, error, failure;
  int control_group;  ///< where to say that it joins; -1: nowhere
  pid_t parent;
};

[[noreturn]] void fail_in_child(int failure) {
  const int error = errno;
  (void)!::write(failure, &error, sizeof error);
  ::_exit(127);
}

/// All but standard input, output and error. The C library has a function for it from glibc 2.34 on, the kernel a call
/// from 5.9 on; older ones are asked one by one.
void close_at_exec() {
#if defined(SYS_close_range)
  constexpr unsigned kCloseAtExec = 1U << 2U;
  if (::syscall(SYS_close_range, 3U, ~0U, kCloseAtExec) == 0) return;
#endif
  rlimit limit{};
  const bool known = ::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < 65536;
  const int end = known ? static_cast<int>(limit.rlim_cur) : 65536;
  for (int number = 3; number < end; ++number) ::fcntl(number, F_SETFD, FD_CLOEXEC);
}

[[noreturn]] void become(const Prepared& child) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != child.parent) ::_exit(127);                              // the parent died before prctl
  if (child.control_group >= 0) (void)!::write(child.control_group, "0", 1);  // refused: it is followed without
  if (::dup2(child.input, 0) < 0 || ::dup2(child.output, 1) < 0 || ::dup2(child.error, 2) < 0)
    fail_in_child(child.failure);
  if (::chdir(child.directory) != 0) fail_in_child(child.failure);
  // Neither the campaign's lock nor MPI's sockets are the calculation's business.
  close_at_exec();
  for (int number = 1; number < 32; ++number) std::signal(number, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execve(child.program, child.arguments, child.environment);
  fail_in_child(child.failure);
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

void Descriptor::close() {
  if (number_ >= 0) ::close(number_);
  number_ = -1;
}

bool is_machine_code(const std::filesystem::path& program) {
  std::array<char, 4> magic{};
  std::ifstream(program, std::ios::binary).read(magic.data(), magic.size());
  return std::string_view(magic.data(), magic.size()) ==
         "\x7f"
         "ELF";
}

Environment own_environment() {
  Environment result;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text(*variable);
    const auto equals = text.find('=');
    if (equals != std::string_view::npos) result.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return result;
}

int start_child(const ChildSpec& spec) {
  std::vector<std::string> arguments = spec.command;
  std::vector<std::string> variables;
  for (const auto& [name, value] : spec.environment) variables.push_back(name + "=" + value);
  const std::vector<char*> argument_pointers = pointers_to(arguments), variable_pointers = pointers_to(variables);

  constexpr int kToWrite = O_WRONLY | O_CREAT | O_TRUNC;
  Descriptor input, output, error;
  if (spec.standard_input < 0) input = Descriptor(open_for_child("/dev/null", O_RDONLY));
  if (spec.standard_output < 0) output = Descriptor(open_for_child(spec.stdout_file, kToWrite));
  if (spec.standard_error < 0) error = Descriptor(open_for_child(spec.stderr_file, kToWrite));
  const auto chosen = [](int wish, const Descriptor& own) { return wish < 0 ? own.number() : wish; };
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw TransportError("no pipe for a child process: " + reason(errno));
  const Descriptor failure_read(ends[0]);
  Descriptor failure_write(ends[1]);

  const Prepared prepared{spec.program.c_str(),
                          argument_pointers.data(),
                          variable_pointers.data(),
                          spec.directory.c_str(),
                          chosen(spec.standard_input, input),
                          chosen(spec.standard_output, output),
                          chosen(spec.standard_error, error),
                          failure_write.number(),
                          spec.control_group,
                          ::getpid()};
  // No handler of ours may run in the child before it is reset there.
  sigset_t all, before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  // Without a copy of the page tables: they grow with the campaign, and were most of what a calculation cost.
  const pid_t pid = ::vfork();
  if (pid == 0) become(prepared);
  const int fork_error = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (pid < 0) throw TransportError("no child process: " + reason(fork_error));
  ::setpgid(pid, pid);  // either of us is first; refused once the child has called exec, when it is done anyway

  // The pipe closes at exec; an error number comes through if there is none.
  failure_write.close();
  int child_error = 0;
  ssize_t got = 0;
  do got = ::read(failure_read.number(), &child_error, sizeof child_error);
  while (got < 0 && errno == EINTR);
  if (got == sizeof child_error) {
    (void)reap_child(pid, true);
    throw TransportError(spec.program.string() + " cannot be started in " + spec.directory.string() + ": " +
                         reason(child_error));
  }
  return pid;
}

std::optional<int> reap_child(int pid, bool wait) {
  siginfo_t info{};
  int result = 0;
  do result = ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT | (wait ? 0 : WNOHANG));
  while (result != 0 && errno == EINTR);
  if (result != 0) throw TransportError("process " + std::to_string(pid) + " is not a child of ours: " + reason(errno));
  if (info.si_pid == 0) return std::nullopt;
  // While the zombie stands, its id cannot name another group.
  ::kill(-pid, SIGKILL);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

void signal_group(int pid, EndSignal signal) {
  if (pid <= 1) return;
  ::kill(-pid, signal == EndSignal::kKill ? SIGKILL : SIGTERM);
  if (signal == EndSignal::kTerminate) ::kill(-pid, SIGCONT);  // a stopped process takes no SIGTERM
}

bool child_has_ended(int pid) {
  siginfo_t info{};
  int result = 0;
  do result = ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT | WNOHANG);
  while (result != 0 && errno == EINTR);
  if (result != 0) throw TransportError("process " + std::to_string(pid) + " is not a child of ours: " + reason(errno));
  return info.si_pid != 0;
}

}  // namespace hullscan
