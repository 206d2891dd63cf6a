#include "scheduler/executors/batch_command.hpp"

#include <chrono>
#include <fstream>
#include <optional>
#include <sstream>
#include <thread>  // std::this_thread::sleep_for

#include "scheduler/executors/detail/child_process.hpp"
#include "scheduler/executors/program_search.hpp"

namespace hullscan {
namespace {

constexpr double kPatience_s = 120;

}  // namespace

std::string text_of(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

CommandAnswer ask_command(const std::vector<std::string>& command, const std::filesystem::path& directory,
                          const Environment& environment) {
  detail::ChildSpec spec;
  spec.environment = environment;
  const auto path = environment.find("PATH");
  spec.program =
      find_program(command.front(), path == environment.end() ? "/usr/local/bin:/usr/bin:/bin" : path->second);
  spec.command = command;
  spec.directory = directory;
  spec.stdout_file = directory / ".answer";
  spec.stderr_file = directory / ".answer.errors";
  const int pid = detail::start_child(spec);
  const auto begun = std::chrono::steady_clock::now();
  std::optional<int> exit_code;
  bool ended = false;
  while (!(exit_code = detail::reap_child(pid, false))) {
    const double waited = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    if (waited > kPatience_s && !ended) {
      detail::signal_group(pid, detail::EndSignal::kKill);
      ended = true;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return {*exit_code, text_of(spec.stdout_file), text_of(spec.stderr_file)};
}

}  // namespace hullscan
