/// @file
/// The script that runs one attempt inside a batch job, in the attempt's directory. It starts at most once, leaves the
/// exit code as the last thing it does, and can be run by hand.
#pragma once

#include <string>
#include <vector>

#include "scheduler/executors/executor.hpp"

namespace hullscan {

/// Files of an attempt's directory, beside the code's own.
inline constexpr const char* kRunScript = "run.sh";
inline constexpr const char* kStartedFile = "started";           ///< "host job seconds-since-1970", made exclusively
inline constexpr const char* kSupersededFile = "superseded";     ///< made by hullscan: do not begin any more
inline constexpr const char* kTimeWarningFile = "time_warning";  ///< the batch system said that time is over
inline constexpr const char* kExitCodeFile = "exit_code";

/// One word for a POSIX shell, whatever is in it.
std::string shell_quoted(const std::string& word);

/// @param setup lines of shell, as written. @param command with its launcher.
/// @param warns_itself two minutes before its time limit, where the batch system does not send USR1 then.
/// @param job_id_variable in which the batch system tells a job its id.
std::string run_script(const LaunchRequest& request, const std::vector<std::string>& setup,
                       const std::vector<std::string>& command, const std::map<std::string, std::string>& environment,
                       bool warns_itself = false, const std::string& job_id_variable = "SLURM_JOB_ID");

/// What a job array runs: line `index_variable` + 1 of the manifest names the directory whose run script it is.
std::string array_script(const std::filesystem::path& manifest, const std::string& index_variable);

}  // namespace hullscan
