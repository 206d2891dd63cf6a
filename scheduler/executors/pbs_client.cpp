#include "scheduler/executors/pbs_client.hpp"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>
#include <utility>  // std::move

#include "core/errors.hpp"
#include "core/log.hpp"
#include "scheduler/executors/detail/child_process.hpp"
#include "scheduler/executors/pbs_states.hpp"

namespace hullscan {
namespace {

constexpr std::size_t kIdsAQuestion = 200;

std::string own_user() {
  const passwd* entry = ::getpwuid(::geteuid());
  return entry == nullptr ? std::to_string(::geteuid()) : entry->pw_name;
}

/// Without the variables by which PBS and MPI describe the job we run in ourselves, and without shell functions, which
/// qsub -V is known to garble.
Environment environment_for_qsub(const Environment& own) {
  Environment result = child_environment(own, {}, false, "");
  std::erase_if(result, [](const auto& variable) {
    const auto& [name, value] = variable;
    if (name == "PBS_CONF_FILE" || name == "PBS_DEFAULT" || name == "PBS_SERVER") return false;
    return name.starts_with("PBS_") || name == "NCPUS" || name.starts_with("BASH_FUNC_") ||
           value.find('\n') != std::string::npos;
  });
  return result;
}

/// "17[3].server" belongs to "17[].server".
std::string id_of_whole(const std::string& id) {
  const auto open = id.find('['), close = id.find(']');
  return open == std::string::npos || close == std::string::npos ? id : id.substr(0, open + 1) + id.substr(close);
}

}  // namespace

PbsClient::PbsClient(std::filesystem::path directory, std::string prefix, PbsOptions options)
    : directory_(std::filesystem::absolute(std::move(directory))),
      prefix_(std::move(prefix)),
      options_(std::move(options)) {}

const BatchSystem& PbsClient::system() const {
  static const BatchSystem pbs = {.name = "PBS",
                                  .submit_command = "qsub",
                                  .cancel_command = "qdel",
                                  .mark = "pbs:",
                                  .folder = "pbs",
                                  .job_id_variable = "PBS_JOBID",
                                  .array_index_variable = "PBS_ARRAY_INDEX",
                                  .memory_words = {"PBS: job killed: mem ", "PBS: job killed: vmem "},
                                  .can_avoid_nodes = false,
                                  .warns_of_time_limit = false};
  return pbs;
}

CommandAnswer PbsClient::ask(const std::vector<std::string>& command) const {
  return ask_command(command, directory_, environment_for_qsub(detail::own_environment()));
}

SubmissionAnswer PbsClient::submit(const BatchSubmission& submission) {
  const bool is_array = submission.array_tasks > 0;
  // The log's path is relative to where qsub runs: a colon in an absolute one would end a host's name.
  std::vector<std::string> command = {"qsub",
                                      "-N",
                                      submission.name,
                                      "-o",
                                      submission.name + (is_array ? "_^array_index^.out" : ".out"),
                                      "-j",
                                      "oe",
                                      "-m",
                                      "n",
                                      "-S",
                                      "/bin/bash",
                                      "-V"};
  if (is_array) {
    // A range of one is not a range: its upper bound is then one that the step leaves out. PBS repeats tasks of arrays
    // whatever is asked; the run script begins once all the same.
    command.insert(command.end(),
                   {"-J", submission.array_tasks == 1 ? "0-1:2" : fmt::format("0-{}", submission.array_tasks - 1)});
  } else {
    command.insert(command.end(), {"-r", "n"});
  }
  for (std::string& argument : qsub_resources(options_, submission.time_limit_s, submission.memory_doublings))
    command.push_back(std::move(argument));
  command.push_back(submission.script.string());
  const CommandAnswer answer = ask(command);
  return parse_qsub(answer.exit_code, answer.output, answer.errors);
}

std::optional<std::vector<std::string>> PbsClient::own_ids() {
  std::vector<std::string> command = {"qselect", "-u", own_user()};
  if (has_history_) command.emplace_back("-x");
  const CommandAnswer answer = ask(command);
  if (answer.exit_code != 0 && has_history_ && answer.errors.find("job history") != std::string::npos) {
    has_history_ = false;
    return own_ids();
  }
  if (answer.exit_code != 0) {
    log_debug("qselect: " + answer.errors);
    return std::nullopt;
  }
  std::vector<std::string> ids;
  std::istringstream words(answer.output);
  for (std::string id; words >> id;) ids.push_back(id);
  return ids;
}

std::optional<std::vector<BatchJob>> PbsClient::queue() {
  const auto ids = own_ids();
  if (!ids) return std::nullopt;
  std::vector<BatchJob> jobs;
  std::vector<std::string> to_ask;
  for (const std::string& id : *ids) {
    if (others_.contains(id)) continue;
    if (const auto known = ended_.find(id); known != ended_.end()) {
      jobs.insert(jobs.end(), known->second.begin(), known->second.end());
    } else {
      to_ask.push_back(id);
    }
  }
  for (std::size_t begin = 0; begin < to_ask.size(); begin += kIdsAQuestion) {
    const std::size_t end = std::min(to_ask.size(), begin + kIdsAQuestion);
    std::vector<std::string> command = {"qstat", "-f", "-t"};
    if (has_history_) command.emplace_back("-x");
    for (std::size_t i = begin; i < end; ++i) command.push_back(to_ask[i]);
    const CommandAnswer answer = ask(command);
    if (answer.exit_code != 0 && !only_unknown_jobs(answer.errors)) {
      log_debug("qstat: " + answer.errors);
      return std::nullopt;
    }
    std::map<std::string, std::vector<BatchJob>> by_whole;
    std::set<std::string> final;
    for (const PbsRecord& record : parse_qstat(answer.output)) {
      const std::string whole = id_of_whole(record.id);
      if (!record["Job_Name"].starts_with(prefix_)) {
        others_.insert(whole);
        continue;
      }
      if (record.id == whole && is_final(record)) final.insert(whole);
      if (!is_pbs_array(record.id)) by_whole[whole].push_back(batch_job(record));
    }
    for (const auto& [whole, parts] : by_whole) {
      if (final.contains(whole)) ended_[whole] = parts;
      jobs.insert(jobs.end(), parts.begin(), parts.end());
    }
  }
  return jobs;
}

void PbsClient::cancel(const std::string& id) { (void)ask({"qdel", id}); }

}  // namespace hullscan
