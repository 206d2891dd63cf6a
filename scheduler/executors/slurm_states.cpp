#include "scheduler/executors/slurm_states.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <sstream>

namespace hullscan {
namespace {

std::vector<std::string> fields_of(const std::string& line, std::size_t count) {
  std::vector<std::string> fields;
  std::size_t begin = 0;
  while (fields.size() + 1 < count) {
    const auto bar = line.find('|', begin);
    if (bar == std::string::npos) return {};
    fields.push_back(line.substr(begin, bar - begin));
    begin = bar + 1;
  }
  fields.push_back(line.substr(begin));
  return fields;
}

/// "CANCELLED by 1000" -> "CANCELLED", "PENDING+" -> "PENDING".
std::string first_word(const std::string& text) { return text.substr(0, text.find_first_of(" +")); }

/// "18_3" is task 3 of an array.
std::optional<int> array_task_of(const std::string& id) {
  const auto mark = id.find('_');
  int task = 0;
  if (mark == std::string::npos) return std::nullopt;
  const auto [end, error] = std::from_chars(id.data() + mark + 1, id.data() + id.size(), task);
  if (error != std::errc{} || end != id.data() + id.size()) return std::nullopt;
  return task;
}

}  // namespace

std::vector<BatchJob> parse_squeue(const std::string& text, const std::string& prefix) {
  std::vector<BatchJob> jobs;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const auto fields = fields_of(line, 5);
    if (fields.empty() || !fields[4].starts_with(prefix)) continue;
    jobs.push_back({fields[0], fields[4], first_word(fields[1]), fields[2], fields[3], "", array_task_of(fields[0])});
  }
  return jobs;
}

std::vector<BatchJob> parse_sacct(const std::string& text, const std::string& prefix) {
  std::vector<BatchJob> jobs;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const auto fields = fields_of(line, 5);
    if (fields.empty() || !fields[4].starts_with(prefix)) continue;
    BatchJob job{fields[0], fields[4], first_word(fields[1]), "", fields[3], fields[2], array_task_of(fields[0])};
    if (job.nodes == "None assigned" || job.nodes == "(null)") job.nodes.clear();
    const auto known = std::find_if(jobs.begin(), jobs.end(), [&](const BatchJob& j) { return j.id == job.id; });
    if (known != jobs.end()) {
      *known = job;
    } else {
      jobs.push_back(job);
    }
  }
  return jobs;
}

SubmissionAnswer parse_sbatch(int exit_code, const std::string& output, const std::string& errors) {
  using Kind = SubmissionAnswer::Kind;
  // "17" or "17;cluster"
  const std::string id = output.substr(0, output.find_first_of(";\n"));
  const bool is_id = !id.empty() && id.find_first_not_of("0123456789") == std::string::npos;
  if (exit_code == 0 && is_id) return {Kind::kAccepted, id, ""};
  const std::string text = in_one_line(errors);
  if (contains_one_of(errors, {"Socket timed out", "Zero Bytes were transmitted", "Unexpected message received",
                               "Communication connection failure", "Header lengths are longer", "Connection reset"}))
    return {Kind::kUnknown, "", text};
  if (contains_one_of(errors,
                      {"Unable to contact slurm controller", "Slurm backup controller in standby",
                       "Slurm temporarily unable to accept job", "Resource temporarily unavailable",
                       "Job violates accounting/QOS policy", "MaxSubmitJob", "Transport endpoint is not connected",
                       "Connection refused", "try again", "Rate limit exceeded", "still configuring"}))
    return {Kind::kLater, "", text};
  // 128 + signal: it was ended from outside, perhaps after it had asked.
  if (exit_code == 0 || exit_code > 255 || (exit_code > 128 && exit_code < 160)) return {Kind::kUnknown, "", text};
  return {Kind::kRefused, "", text.empty() ? fmt::format("sbatch ended with exit code {}", exit_code) : text};
}

}  // namespace hullscan
