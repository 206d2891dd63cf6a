/// @file
/// What Slurm says, understood: texts of squeue, sacct and sbatch, and what they mean for a calculation. Nothing is
/// started here. States and traps: `man squeue`, "JOB STATE CODES" and "JOB REASON CODES"; docs/slurm.md.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace hullscan {

/// One job or one task of an array.
struct SlurmJob {
  std::string id;      ///< "17", "17_3"
  std::string name;    ///< as we gave it
  std::string state;   ///< "RUNNING", "CANCELLED", …: the first word
  std::string reason;  ///< "None", "PartitionTimeLimit", …; "" from accounting
  std::string nodes;   ///< "" while it waits
  std::string exit_code;  ///< "0:9" (code:signal); "" from the queue
};

/// The format of the one question a poll asks; jobs come one a line, every task of an array on its own.
/// The name is last: it is the only field that may hold a bar.
inline constexpr const char* kSqueueFormat = "%i|%T|%r|%N|%j";
inline constexpr const char* kSacctFormat = "JobID,State,ExitCode,NodeList,JobName%200";

/// Only the jobs whose name begins with `prefix`. Lines that are something else are passed over.
std::vector<SlurmJob> parse_squeue(const std::string& text, const std::string& prefix);
/// The same for `sacct -n -P -X -D`: of several records of one job the last counts (a requeued job has one a life).
std::vector<SlurmJob> parse_sacct(const std::string& text, const std::string& prefix);

/// Whether what a job or a step printed tells that Slurm ended it for its memory; its state may be FAILED all the same.
bool tells_of_memory(const std::string& log);

/// What has become of a submission.
struct SbatchAnswer {
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
SbatchAnswer parse_sbatch(int exit_code, const std::string& output, const std::string& errors);

/// What is known of a job, from the most to the least trustworthy.
struct JobEvidence {
  std::optional<int> exit_code{};    ///< the job's own exit file
  double exit_age_s = 0;             ///< from when that file was first seen to Slurm's last answer
  bool started = false;              ///< it had begun before the queue was asked
  bool time_warning = false;         ///< Slurm told it that its time was nearly over
  std::optional<SlurmJob> queue{};   ///< what the last answer of squeue said of it
  std::optional<SlurmJob> accounting{};
  double silent_s = 0;  ///< answers of squeue have not shown it, or have shown it ended, for so long; 0 without answers
  bool memory_text = false;          ///< the job's log says that memory was exceeded
};

struct JobVerdict {
  enum class Kind {
    kWait,
    kEnded,        ///< the exit file counts, and the outputs
    kTimedOut,  ///< with an exit file: only if the outputs are not those of a complete calculation
    kOutOfMemory,
    kLost,         ///< ended through no fault of the calculation, or nobody knows: the same again
    kEnvironment,  ///< a node or the installation does not let it run
    kImpossible,   ///< Slurm keeps it and will never start it
  };
  Kind kind = Kind::kWait;
  std::string reason;
};

/// Published result (the caller's), exit file (of a calculation that was not ended by a signal, else Slurm may know why), accounting,
/// queue, in this order. A job that is not shown is unknown: only silence of `grace_s`, with answers, makes it lost; an
/// ended one may leave its exit file `settle_s` later (network file systems). After an end by a signal the queue is given as
/// long to say why: `settle_s`, or `grace_s` while it still shows the job.
JobVerdict judge_job(const JobEvidence& evidence, double grace_s, double settle_s);

}  // namespace hullscan
