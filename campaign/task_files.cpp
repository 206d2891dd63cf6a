#include "campaign/task_files.hpp"

#include <algorithm>  // std::reverse
#include <string_view>
#include <utility>

#include "core/foreign_text.hpp"
#include "core/task.hpp"  // kStepDoneOutcome
#include "storage/task_archive.hpp"

namespace hullscan {
namespace {

/// From "tasks/KEY/N": where all attempts of the task are, and how its own files begin there.
std::pair<std::filesystem::path, std::string> task_and_number(const std::filesystem::path& directory,
                                                              const AttemptRecord& attempt) {
  const std::filesystem::path relative = attempt.directory;
  return {directory / relative.parent_path(), relative.filename().string() + "/"};
}

}  // namespace

std::filesystem::path archive_of(const std::filesystem::path& directory, const AttemptRecord& attempt) {
  return task_and_number(directory, attempt).first / kTaskArchive;
}

std::vector<std::string> packed_names(const std::filesystem::path& directory, const AttemptRecord& attempt) {
  const auto [task, prefix] = task_and_number(directory, attempt);
  std::vector<std::string> names;
  for (const auto& [name, bytes] : packed_files(task)) {
    if (name.starts_with(prefix)) names.push_back(name.substr(prefix.size()));
  }
  return names;
}

std::optional<std::string> file_named(const TaskRecord& task, const std::filesystem::path& directory,
                                      const std::string& name) {
  std::vector<const AttemptRecord*> attempts;
  for (auto attempt = task.attempts.rbegin(); attempt != task.attempts.rend(); ++attempt) {
    const bool accepted = task.result && task.result->attempt == attempt->number;
    attempts.insert(accepted ? attempts.begin() : attempts.end(), &*attempt);
  }
  for (const AttemptRecord* attempt : attempts) {
    const auto [folder, prefix] = task_and_number(directory, *attempt);
    for (const std::string& tried : {prefix + name, name}) {
      if (auto text = file_of_task(folder, tried)) return text;
    }
  }
  return std::nullopt;
}

bool has_failed(const AttemptRecord& attempt) {
  return !attempt.outcome.empty() && attempt.outcome != "accepted" && !attempt.outcome.starts_with(kStepDoneOutcome);
}

std::vector<std::string> last_words(const std::filesystem::path& directory, const AttemptRecord& attempt,
                                    std::size_t lines) {
  const auto [task, prefix] = task_and_number(directory, attempt);
  const auto text = file_of_task(task, prefix + "stderr.txt");
  constexpr std::size_t kLongestBytes = 300;
  std::vector<std::string> words;
  if (!text) return words;
  std::size_t end = text->size();
  while (words.size() < lines) {
    // A progress bar ends its lines with a carriage return alone.
    const std::size_t before = end == 0 ? std::string::npos : text->find_last_of("\r\n", end - 1);
    const std::size_t begin = before == std::string::npos ? 0 : before + 1;
    std::string line = readable_line(std::string_view(*text).substr(begin, end - begin), kLongestBytes);
    if (!line.empty()) words.push_back(std::move(line));
    if (before == std::string::npos) break;
    end = before;
  }
  std::reverse(words.begin(), words.end());
  return words;
}

}  // namespace hullscan
