/// @file
/// What starts, watches and stops calculations: local processes or a batch system. It knows commands and directories,
/// not what is calculated in them.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace hullscan {

/// One attempt of a task. Task key and attempt come back with the outcome.
struct LaunchRequest {
  std::string task_key;
  int attempt = 1;
  std::filesystem::path directory;         ///< exists, holds the inputs; the working directory of the command
  std::vector<std::string> command;        ///< program and arguments; not seen by a shell
  std::string stdout_file = "stdout.txt";  ///< in `directory`; stderr goes to stderr.txt
  double time_limit_s = 86400;
  std::map<std::string, std::string> environment;  ///< added to the inherited one; wins over every default
};

struct LaunchFinished {
  std::string task_key;
  int attempt = 1;
  int exit_code = 0;  ///< 128 + signal if one ended it
  bool timed_out = false;
  double wall_time_s = 0;
  std::string could_not_start;  ///< not empty: nothing ran, and why, for a person
};

/// Every attempt that ends leaves the file `exit_code` (decimal) in its directory before it is reported: a master
/// that was killed in between finds it there. An attempt that was stopped or never started leaves none.
class Executor {
 public:
  virtual ~Executor() = default;
  [[nodiscard]] virtual int free_slots() const = 0;
  /// Starts the command and returns the job's name, which means something to is_alive() and stop() in later lives of
  /// hullscan too. If nothing could be started, "" is returned and poll() reports why. @throws Error without a free
  /// slot.
  virtual std::string launch(const LaunchRequest& request) = 0;
  /// Everything that ended since the last call; enforces time limits; never waits. @throws StorageError if an
  /// `exit_code` file cannot be written.
  virtual std::vector<LaunchFinished> poll() = 0;
  /// Ends everything this executor started: politely, after `grace_s` by force. Returns when nothing runs; what was
  /// ended like this is not reported.
  virtual void stop_all(double grace_s) = 0;
  /// Whether a job of this or an earlier life still runs, as far as can be seen from here.
  [[nodiscard]] virtual bool is_alive(const std::string& job) const = 0;
  /// Ends one job by force, of an earlier life too; nothing happens if it is gone.
  virtual void stop(const std::string& job) = 0;
};

}  // namespace hullscan
