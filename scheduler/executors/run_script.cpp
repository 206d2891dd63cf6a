#include "scheduler/executors/run_script.hpp"

#include <fmt/format.h>

namespace hullscan {
namespace {

/// A warning needs room to be useful.
constexpr double kWarnedBefore_s = 120, kShortestWarned_s = 600;

/// Sends USR1 to the script after so long, and leaves no process behind when it is ended before, at whatever moment:
/// bash knows the sleep by $! from the moment it exists, and before that $! is what the script's own lines left.
std::string warning_lines(double after_s) {
  return fmt::format(
      "(set +u; before=$!; trap '[ \"$!\" = \"$before\" ] || kill $!; exit' TERM\n"
      "    sleep {:.0f} & wait $! && kill -USR1 $$) > /dev/null 2>&1 &\n"
      "warner=$!\n",
      after_s);
}

}  // namespace

std::string shell_quoted(const std::string& word) {
  const std::string plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:=,+@%-";
  if (!word.empty() && word.find_first_not_of(plain) == std::string::npos) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string run_script(const LaunchRequest& request, const std::vector<std::string>& setup,
                       const std::vector<std::string>& command, const std::map<std::string, std::string>& environment,
                       bool warns_itself, const std::string& job_id_variable) {
  std::string words;
  for (const std::string& word : command) words += (words.empty() ? "" : " ") + shell_quoted(word);
  std::string text = fmt::format(
      "#!/bin/bash\n"
      "# Attempt {} of task {}. Written by hullscan.\n"
      "cd {} || exit 97\n"
      "# This script runs at most once: a job that a batch system starts again leaves what the first one wrote.\n"
      "[ -e {} ] && {{ echo \"given up by hullscan before it began\" >&2; exit 0; }}\n"
      "(set -C; echo \"${{SLURMD_NODENAME:-$(hostname)}} ${{{}:--}} $(date +%s.%N)\" > {}) "
      "2> /dev/null ||\n"
      "    {{ echo \"was begun before: $(cat {})\" >&2; exit 0; }}\n",
      request.attempt, request.task_key, shell_quoted(std::filesystem::absolute(request.directory).string()),
      kSupersededFile, job_id_variable, kStartedFile, kStartedFile);
  for (const auto& [name, value] : environment) text += fmt::format("export {}={}\n", name, shell_quoted(value));
  for (const std::string& line : setup) text += line + "\n";
  const std::string warning = warns_itself && request.time_limit_s >= kShortestWarned_s
                                  ? warning_lines(request.time_limit_s - kWarnedBefore_s)
                                  : "";
  text += fmt::format("warned() {{\n    : > {}\n", kTimeWarningFile);
  if (!request.stop_file.empty())
    text += fmt::format("    printf %s {0} > {1} && mv {1} {2}\n", shell_quoted(request.stop_text),
                        shell_quoted(request.stop_file + ".part"), shell_quoted(request.stop_file));
  text += fmt::format(
      "}}\n"
      "trap 'signalled=1; warned' USR1\n"
      "{}"
      "trap 'signalled=1; kill -TERM $child 2> /dev/null' TERM\n"
      "{} < /dev/null > {} 2> stderr.txt &\n"
      "child=$!\n"
      "signalled=1\n"
      "while [ $signalled -eq 1 ]; do # a signal ends the waiting, not the calculation\n"
      "    signalled=0\n"
      "    wait $child\n"
      "    status=$?\n"
      "    [ $status -ge 0 ] || {{ code=; break; }} # bash lost it: the end came together with a signal\n"
      "    [ $status -eq 127 ] && [ -n \"${{code:-}}\" ] || code=$status\n"
      "done\n"
      "rm -rf .mpi-session\n"
      "{}"
      "[ -n \"$code\" ] || exit 98 # then the batch system has the last word\n"
      "[ -e {} ] && exit $code # hullscan has given it up: its end does not count\n"
      "echo $code > {}.tmp && mv {}.tmp {}\n"
      "exit $code\n",
      warning, words, shell_quoted(request.stdout_file), warning.empty() ? "" : "kill $warner 2> /dev/null\n",
      kSupersededFile, kExitCodeFile, kExitCodeFile, kExitCodeFile);
  return text;
}

std::string array_script(const std::filesystem::path& manifest, const std::string& index_variable) {
  return fmt::format(
      "#!/bin/bash\n"
      "# One task of a job array: its number is the line of the manifest that names its directory. Written by "
      "hullscan.\n"
      "directory=$(sed -n \"$(({} + 1))p\" {}) && [ -n \"$directory\" ] || exit 97\n"
      "exec bash \"$directory/{}\"\n",
      index_variable, shell_quoted(std::filesystem::absolute(manifest).string()), kRunScript);
}

}  // namespace hullscan
