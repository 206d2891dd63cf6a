#include "scheduler/executors/pbs_states.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>
#include <sstream>

namespace hullscan {
namespace {

/// How PBS ends a history job ("substate"): 91 it was deleted, 92 finished, 93 failed.
constexpr const char* kDeleted = "91";

std::optional<int> whole_number(const std::string& text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// "17[3].server" is task 3.
std::optional<int> pbs_task_of(const std::string& id) {
  const auto open = id.find('['), close = id.find(']');
  if (open == std::string::npos || close == std::string::npos || close < open) return std::nullopt;
  return whole_number(id.substr(open + 1, close - open - 1));
}

/// "n1/0*4+n2/1" -> "n1,n2"
std::string hosts_of(const std::string& exec_host) {
  std::string hosts;
  std::set<std::string> known;
  std::istringstream parts(exec_host);
  for (std::string part; std::getline(parts, part, '+');) {
    const std::string host = part.substr(0, part.find('/'));
    if (!host.empty() && known.insert(host).second) hosts += (hosts.empty() ? "" : ",") + host;
  }
  return hosts;
}

/// "26:00:00", s
std::optional<double> seconds_of(const std::string& clock) {
  double seconds = 0;
  int count = 0;
  std::istringstream parts(clock);
  for (std::string part; std::getline(parts, part, ':'); ++count) {
    const auto number = whole_number(part);
    if (!number) return std::nullopt;
    seconds = 60 * seconds + *number;
  }
  return count == 3 ? std::optional(seconds) : std::nullopt;
}

bool used_its_time(const PbsRecord& record) {
  const auto used = seconds_of(record["resources_used.walltime"]), limit = seconds_of(record["Resource_List.walltime"]);
  return used && limit && *used >= *limit;
}

struct StateAndCode {
  std::string state, exit_code;
};

/// Numbers below zero are PBS's own (job.h of its sources, JOB_EXEC_…), 256 + n is an end by signal n.
StateAndCode ended(const PbsRecord& record) {
  const auto status = whole_number(record["Exit_status"]);
  const bool deleted = record["substate"] == kDeleted;
  if (!status) return {deleted || record["job_state"] == "F" ? "CANCELLED" : "COMPLETED", ""};
  switch (*status) {
    case -28:  // CPU time
    case -29:
      return {"TIMEOUT", ""};
    case -26:
    case -27:
      return {"OUT_OF_MEMORY", ""};
    case -24:
    case -25:
      return {"FAILED", "(it used more CPUs than it had asked for)"};
    case -4:
    case -5:
    case -6:
    case -20:
      return {"NODE_FAIL", ""};
    case -11:
    case -12:
    case -14:
    case -15:
    case -18:
      return {"REQUEUED", ""};
    default:
      break;
  }
  if (*status < 0) return {"FAILED", "0:53"};  // as Slurm says that a job could not be launched
  const int signal = *status >= 256 ? *status - 256 : 0;
  if (signal > 0 && used_its_time(record)) return {"TIMEOUT", ""};
  if (deleted) return {"CANCELLED", ""};
  if (signal > 0) return {"FAILED", fmt::format("0:{}", signal)};
  return {*status == 0 ? "COMPLETED" : "FAILED", fmt::format("{}:0", *status)};
}

std::string waiting_reason(const PbsRecord& record) {
  const std::string comment = record["comment"];
  if (record["job_state"] == "H") {
    // PBS has tried more than twenty times.
    return comment.find("too many failed attempts") != std::string::npos ? "launch failed requeued held"
                                                                         : "JobHeldUser";
  }
  return comment.find("Can Never Run") != std::string::npos ? "BadConstraints" : "None";
}

}  // namespace

std::string PbsRecord::operator[](const std::string& name) const {
  const auto found = attributes.find(name);
  return found == attributes.end() ? "" : found->second;
}

std::vector<PbsRecord> parse_qstat(const std::string& text) {
  constexpr const char* kJobLine = "Job Id: ";
  std::vector<PbsRecord> records;
  std::string* last = nullptr;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(kJobLine)) {
      records.push_back({line.substr(std::string(kJobLine).size()), {}});
      last = nullptr;
    } else if (line.starts_with('\t')) {
      if (last != nullptr) *last += line.substr(1);
    } else if (line.starts_with("    ") && !records.empty()) {
      const auto equals = line.find(" = ");
      if (equals == std::string::npos) continue;
      const auto [entry, added] =
          records.back().attributes.emplace(line.substr(4, equals - 4), line.substr(equals + 3));
      last = added ? &entry->second : nullptr;
    }
  }
  return records;
}

bool is_pbs_array(const std::string& id) { return id.find("[]") != std::string::npos; }

bool is_final(const PbsRecord& record) { return record["job_state"] == "F"; }

BatchJob batch_job(const PbsRecord& record) {
  BatchJob job{.id = record.id,
               .name = record["Job_Name"],
               .state = "PENDING",
               .reason = "None",
               .nodes = hosts_of(record["exec_host"]),
               .exit_code = "",
               .array_task = pbs_task_of(record.id),
               .comment = record["comment"]};
  const std::string state = record["job_state"];
  if (state == "R" || state == "B") {
    job.state = "RUNNING";
  } else if (state == "E") {
    job.state = "COMPLETING";
  } else if (state == "S" || state == "U") {
    job.state = "SUSPENDED";
  } else if (state == "M" || state == "T") {
    job.state = "CONFIGURING";  // on its way to another server or back: its exit file will tell
  } else if (state == "F" || state == "X") {
    const StateAndCode end = ended(record);
    job.state = end.state;
    job.exit_code = end.exit_code;
  } else {  // Q, W, H
    job.reason = waiting_reason(record);
  }
  return job;
}

SubmissionAnswer parse_qsub(int exit_code, const std::string& output, const std::string& errors) {
  using Kind = SubmissionAnswer::Kind;
  // "17.server" or "17[].server"; sites print greetings before it
  std::string id;
  std::istringstream words(output);
  for (std::string word; words >> word;) id = word;
  const bool is_id = !id.empty() && id.front() >= '0' && id.front() <= '9' && id.find('.') != std::string::npos;
  if (exit_code == 0 && is_id) return {Kind::kAccepted, id, ""};
  const std::string text = in_one_line(errors);
  if (contains_one_of(errors, {"End of File", "Premature end of message", "Batch protocol error", "Protocol (ASN.1)",
                               "Communication failure", "Connection reset", "timed out"}))
    return {Kind::kUnknown, "", text};
  if (contains_one_of(errors,
                      {"annot connect to", "Connection refused", "No free connections", "Server connection table full",
                       "Server shutting down", "too busy", "Please retry", "Resource temporarily unavailable",
                       "Maximum number of jobs", "per-user limit", "per-group limit", "per-project limit",
                       "per-user limit on resource", "Floating License unavailable", "License server is down"}))
    return {Kind::kLater, "", text};
  // 128 + signal: it was ended from outside, perhaps after it had asked. PBS's own codes lie there too, and come with
  // words.
  if (exit_code == 0 || (errors.empty() && exit_code > 128 && exit_code < 160)) return {Kind::kUnknown, "", text};
  return {Kind::kRefused, "", text.empty() ? fmt::format("qsub ended with exit code {}", exit_code) : text};
}

bool only_unknown_jobs(const std::string& errors) {
  std::istringstream lines(errors);
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty() && !contains_one_of(line, {"Unknown Job Id", "Job has finished"})) return false;
  }
  return true;
}

}  // namespace hullscan
