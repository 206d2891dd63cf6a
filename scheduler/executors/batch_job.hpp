/// @file
/// A batch system's jobs in words that mean the same for every system, and what they mean for a calculation. Nothing is
/// started here. The words for states and reasons are Slurm's, who has the most of them (`man squeue`, "JOB STATE
/// CODES" and "JOB REASON CODES"); the client of another system translates its own.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "scheduler/executors/executor.hpp"

namespace hullscan {

/// One job or one task of an array.
struct BatchJob {
  std::string id;         ///< as the system's commands take it: "17", "17_3"
  std::string name;       ///< as we gave it
  std::string state;      ///< "PENDING", "RUNNING", "COMPLETING", "COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", …
  std::string reason;     ///< "None", "PartitionTimeLimit", …; "" from accounting
  std::string nodes;      ///< "" while it waits
  std::string exit_code;  ///< "0:9" (code:signal); "" from the queue
  std::optional<int> array_task{};  ///< its index in the array that has this name
  std::string comment{};            ///< what the system says of it to a person; "" = nothing
};

/// "NAME", or "NAME_3" for a task of an array.
std::string key_of(const BatchJob& job);

/// Whether what a job or a step printed tells that it was ended for its memory; its state may be FAILED all the same.
/// @param of_system the words of the batch system for it: BatchSystem::memory_words.
bool tells_of_memory(const std::string& log, const std::vector<std::string>& of_system = {});

/// What has become of a submission.
struct SubmissionAnswer {
  enum class Kind {
    kAccepted,  ///< `id`
    kRefused,   ///< never like this; `text` says why
    kLater,     ///< not accepted, but may be later: the controller does not answer, too many jobs
    kUnknown,   ///< perhaps accepted: look the name up before anything else
  };
  Kind kind = Kind::kUnknown;
  std::string id;
  std::string text;
};

/// What is known of a job, from the most to the least trustworthy.
struct JobEvidence {
  std::optional<int> exit_code{};   ///< the job's own exit file
  double exit_age_s = 0;            ///< from when that file was first seen to the queue's last answer
  bool started = false;             ///< it had begun before the queue was asked
  bool time_warning = false;        ///< the system warned it that its time was nearly over
  std::optional<BatchJob> queue{};  ///< what the last answer of the queue said of it
  std::optional<BatchJob> accounting{};
  double silent_s =
      0;  ///< answers of the queue have not shown it, or have shown it ended, for so long; 0 without answers
  bool memory_text = false;      ///< the job's log says that memory was exceeded
  std::string system = "Slurm";  ///< who says so, for the reasons
  std::string cancel_command = "scancel";
};

struct JobVerdict {
  enum class Kind {
    kWait,
    kEnded,     ///< the exit file counts, and the outputs
    kTimedOut,  ///< with an exit file: only if the outputs are not those of a complete calculation
    kOutOfMemory,
    kLost,         ///< ended through no fault of the calculation, or nobody knows: the same again
    kEnvironment,  ///< a node or the installation does not let it run
    kImpossible,   ///< the system keeps it and will never start it
  };
  Kind kind = Kind::kWait;
  std::string reason;
};

/// Published result (the caller's), exit file (of a calculation that was not ended by a signal, else the system may
/// know why), accounting, queue, in this order. A job that is not shown is unknown: only silence of `grace_s`, with
/// answers, makes it lost; an ended one may leave its exit file `settle_s` later (network file systems). After an end
/// by a signal the queue is given as long to say why: `settle_s`, or `grace_s` while it still shows the job.
JobVerdict judge_job(const JobEvidence& evidence, double grace_s, double settle_s);

/// What a verdict other than kWait says of the command that the job ran.
/// @param exit_code nothing if the job left none.
/// @param comment what the system says of the job to a person; "" = nothing.
CommandEnd end_of_command(const JobVerdict& verdict, std::optional<int> exit_code, const std::string& comment);

/// For the clients' readings of what commands print.
bool contains_one_of(const std::string& text, std::initializer_list<const char*> parts);
std::string in_one_line(const std::string& text);

}  // namespace hullscan
