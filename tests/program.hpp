/// @file
/// Runs the hullscan program as a user would: arguments, environment, folder in; output, messages, exit code out.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "files.hpp"

namespace hullscan::test {

struct ProgramResult {
  int exit_code = -1;    ///< 128 + signal if one ended it
  std::string output;    ///< stdout
  std::string messages;  ///< stderr
};

/// A program under way, in a folder, with its output in files there.
class Program {
 public:
  Program(const std::vector<std::string>& command, const fs::path& folder,
          const std::map<std::string, std::string>& environment = {})
      : output_(folder / (".stdout." + std::to_string(counter()))), messages_(output_.string() + ".err") {
    std::cout.flush();
    std::fflush(nullptr);
    pid_ = fork();
    if (pid_ == 0) {
      setenv("HULLSCAN_SITE", "", 0);  // what this machine is called by whom is no part of a test
      for (const auto& [name, value] : environment) setenv(name.c_str(), value.c_str(), 1);
      std::vector<char*> arguments;
      for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
      arguments.push_back(nullptr);
      const bool ready = chdir(folder.c_str()) == 0 && freopen("/dev/null", "r", stdin) != nullptr &&
                         freopen(output_.c_str(), "w", stdout) != nullptr &&
                         freopen(messages_.c_str(), "w", stderr) != nullptr;
      if (ready) execvp(arguments[0], arguments.data());
      _exit(127);
    }
  }
  void kill(int signal_number) const { ::kill(pid_, signal_number); }
  [[nodiscard]] bool running() {
    if (status_ < 0 && waitpid(pid_, &raw_status_, WNOHANG) == pid_) status_ = decode(raw_status_);
    return status_ < 0;
  }
  /// What it has written to stderr up to now.
  [[nodiscard]] std::string said() const { return read_file(messages_); }
  /// Returns once it has said this, or has ended.
  void wait_until_said(const std::string& text) {
    while (running() && said().find(text) == std::string::npos)
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  ProgramResult wait() {
    if (status_ < 0) {
      waitpid(pid_, &raw_status_, 0);
      status_ = decode(raw_status_);
    }
    return {status_, read_file(output_), read_file(messages_)};
  }

 private:
  static int counter() {
    static int n = 0;
    return ++n;
  }
  static int decode(int raw) { return WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw); }

  fs::path output_, messages_;
  pid_t pid_ = -1;
  int raw_status_ = 0;
  int status_ = -1;
};

/// hullscan with these arguments, in this folder.
inline ProgramResult run_hullscan(std::vector<std::string> arguments, const fs::path& folder,
                                  const std::map<std::string, std::string>& environment = {}) {
  arguments.insert(arguments.begin(), HULLSCAN_PROGRAM);
  return Program(arguments, folder, environment).wait();
}

/// For mpirun: as root too, more ranks than cores, and no kernel module asked for.
inline const std::map<std::string, std::string> kMpiEnvironment = {{"OMPI_ALLOW_RUN_AS_ROOT", "1"},
                                                                   {"OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1"},
                                                                   {"OMPI_MCA_rmaps_base_oversubscribe", "1"},
                                                                   {"OMPI_MCA_btl_vader_single_copy_mechanism", "none"},
                                                                   {"OMPI_MCA_hwloc_base_binding_policy", "none"},
                                                                   {"OMP_NUM_THREADS", "1"}};

/// The same on several ranks.
inline ProgramResult run_hullscan_on(int ranks, const std::vector<std::string>& arguments, const fs::path& folder) {
  std::vector<std::string> command = {"mpirun", "-n", std::to_string(ranks), HULLSCAN_PROGRAM};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return Program(command, folder, kMpiEnvironment).wait();
}

/// Every file below a folder with its content; `except` names files that do not count.
inline std::map<std::string, std::string> contents(const fs::path& folder) {
  std::map<std::string, std::string> result;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) result[fs::relative(entry.path(), folder).string()] = read_file(entry.path());
  }
  return result;
}

/// The files of DIR/report, but for the moment of the last result that report.html shows: two runs of one campaign
/// differ in nothing else.
inline std::map<std::string, std::string> undated_report(const fs::path& directory) {
  std::map<std::string, std::string> files = contents(directory / "report");
  const auto page = files.find("report.html");
  const std::string key = "\"changed\":\"";
  const auto at = page == files.end() ? std::string::npos : page->second.find(key);
  if (at != std::string::npos) page->second.erase(at, page->second.find('"', at + key.size()) + 1 - at);
  return files;
}

}  // namespace hullscan::test
