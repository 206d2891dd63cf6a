/// @file
/// What PBS says, understood: texts of `qstat -f` and qsub, put into the words of batch_job.hpp. Nothing is started
/// here. Sources: the manual pages qstat, qselect, qsub and pbs_job_attributes of PBS Professional and OpenPBS;
/// docs/pbs.md.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "scheduler/executors/batch_job.hpp"

namespace hullscan {

/// One job of `qstat -f`, with its attributes by name: "job_state", "Exit_status", "resources_used.walltime", …
struct PbsRecord {
  std::string id;  ///< "17.server", "17[].server", "17[3].server"
  std::map<std::string, std::string> attributes;

  [[nodiscard]] std::string operator[](const std::string& name) const;  ///< "" if absent
};

/// Lines that go on with a tab are joined. The first value of an attribute that is given twice counts: what comes later
/// can be a user's variable that looks like one.
std::vector<PbsRecord> parse_qstat(const std::string& text);

/// A job in the words that mean the same for every batch system.
BatchJob batch_job(const PbsRecord& record);
/// Whether this is an array as a whole ("17[].server"), which is listed task by task too.
bool is_pbs_array(const std::string& id);
/// Whether nothing can change any more: states F and M.
bool is_final(const PbsRecord& record);

SubmissionAnswer parse_qsub(int exit_code, const std::string& output, const std::string& errors);

/// Whether qstat complained of nothing but jobs that it does not know, or not any more.
bool only_unknown_jobs(const std::string& errors);

}  // namespace hullscan
