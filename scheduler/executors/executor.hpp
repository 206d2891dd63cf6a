/// @file
/// What starts, watches and stops calculations: local processes or a batch system. It knows commands and directories,
/// not what is calculated in them.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "dft_adapters/lasting_exchange.hpp"

namespace hullscan {

/// One attempt of a task. Task key and attempt come back with the outcome.
struct LaunchRequest {
  std::string task_key;
  int attempt = 1;
  std::filesystem::path directory;         ///< exists, holds the inputs; the working directory of the command
  std::vector<std::string> command;        ///< program and arguments; not seen by a shell
  std::string stdout_file = "stdout.txt";  ///< in `directory`; stderr goes to stderr.txt
  double time_limit_s = 86400;
  double stall_s = 0;  ///< ended if no file in `directory` changes for so long; 0: never for that
  std::map<std::string, std::string> environment;  ///< added to the inherited one; wins over every default
  std::string stop_file;  ///< made in `directory` when time is nearly over: the code ends by itself; "" = it does not
  std::string stop_text;  ///< what the code wants to read in it
  /// The command stays and is asked like this; only LastingExecutor does so.
  std::optional<LastingExchange> lasting{};
  int memory_doublings = 0;  ///< how often the task ran out of memory: asks for 2^n times as much
};

/// Why a command ended that had started. Where several hold, the last of them in this list.
enum class EndCause {
  kItself,       ///< or a signal that nobody explains
  kTimeLimit,    ///< it was ended after LaunchRequest::time_limit_s
  kNoProgress,   ///< it was ended because none of its files changed any more
  kOutOfMemory,  ///< it was ended because it used too much
};
/// It ran and ended; its outputs count.
struct CommandEnded {
  int exit_code = 0;  ///< 128 + signal if one ended it; 0 if it was ended and left none
  EndCause cause = EndCause::kItself;
  std::string left_running = {};  ///< what still ran when it had ended itself, by name; that was ended too
};
/// Nothing ran.
struct CommandNotStarted {
  std::string reason;  ///< for a person
};
/// It was ended by no fault of its own, or nobody knows; its outputs do not count.
struct CommandLost {
  std::string reason;  ///< for a person
};
using CommandEnd = std::variant<CommandEnded, CommandNotStarted, CommandLost>;

struct LaunchFinished {
  std::string task_key;
  int attempt = 1;
  CommandEnd end = CommandEnded{};
  double wall_time_s = 0;  ///< 0 if not known
  std::string host = {};   ///< where it ran; "" if not known
};

/// Every attempt that ends leaves the file `exit_code` (decimal) in its directory before it is reported: a master
/// that was killed in between finds it there. An attempt that was stopped or never started leaves none.
class Executor {
 public:
  virtual ~Executor() = default;
  [[nodiscard]] virtual int free_slots() const = 0;
  /// Starts the command and returns the job's name, which means something to is_alive() and stop() in later processes
  /// of hullscan too. If nothing could be started, "" is returned and poll() reports why. @throws Error without a free
  /// slot.
  virtual std::string launch(const LaunchRequest& request) = 0;
  /// Everything that ended since the last call; enforces time limits; never waits. @throws StorageError if an
  /// `exit_code` file cannot be written.
  virtual std::vector<LaunchFinished> poll() = 0;
  /// Ends everything this executor started: politely, after `grace_s` by force. Returns when nothing runs; what was
  /// ended like this is not reported.
  virtual void stop_all(double grace_s) = 0;
  /// Whether a job of this or an earlier process still runs, as far as can be seen from here.
  [[nodiscard]] virtual bool is_alive(const std::string& job) const = 0;
  /// Ends one job by force, of an earlier process too; nothing happens if it is gone.
  virtual void stop(const std::string& job) = 0;

  /// Takes over an attempt of an earlier process that has not been reported, if it can still run: from now on it is as
  /// if launched here, and poll() reports its end. @param job the name launch() gave; "" if that was not stored.
  /// @returns its name; "" if it is gone with that process.
  virtual std::string adopt(const LaunchRequest& request, const std::string& job) {
    (void)request, (void)job;
    return "";
  }
  /// Whether what was launched goes on when hullscan ends, and can be adopted by the next one.
  [[nodiscard]] virtual bool outlives_hullscan() const { return false; }
  /// How many machines there are to choose from, avoided ones included; >= 1.
  [[nodiscard]] virtual std::size_t machines() const { return 1; }
  /// Machines that are not to be used for what is launched from now on.
  virtual void avoid(const std::vector<std::string>& hosts) { (void)hosts; }
  [[nodiscard]] virtual int cores() const { return 1; }  ///< of one calculation
  /// Whether LaunchRequest::memory_doublings changes anything.
  [[nodiscard]] virtual bool can_ask_for_more_memory() const { return false; }
};

}  // namespace hullscan
