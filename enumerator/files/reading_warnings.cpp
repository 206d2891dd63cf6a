#include "enumerator/files/reading_warnings.hpp"

#include <algorithm>
#include <mutex>
#include <set>
#include <system_error>

#include "core/log.hpp"

namespace hullscan {

void ReadingWarnings::add(const SourcePosition& where, const std::string& what) { add(to_string(where) + ": " + what); }

void ReadingWarnings::add(const std::string& text) {
  if (std::find(lines_.begin(), lines_.end(), text) == lines_.end()) lines_.push_back(text);
}

void log_once(const ReadingWarnings& warnings, const std::filesystem::path& file) {
  static std::mutex mutex;
  static std::set<std::string> reported;  // what the log has shown already
  const std::lock_guard lock(mutex);
  std::error_code unknown;  // then the path as it is will do
  const std::string name = file.string(), place = std::filesystem::weakly_canonical(file, unknown).string();
  for (const std::string& line : warnings.lines()) {
    const std::string key = line.starts_with(name) ? place + line.substr(name.size()) : line;
    if (reported.insert(key).second) log_warning(line);
  }
}

}  // namespace hullscan
