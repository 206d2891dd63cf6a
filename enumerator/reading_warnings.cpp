#include "enumerator/reading_warnings.hpp"

#include <algorithm>
#include <mutex>
#include <set>

#include "core/log.hpp"

namespace hullscan {

void ReadingWarnings::add(const SourcePosition& where, const std::string& what) {
  add(to_string(where) + ": " + what);
}

void ReadingWarnings::add(const std::string& text) {
  if (std::find(lines_.begin(), lines_.end(), text) == lines_.end()) lines_.push_back(text);
}

void log_once(const ReadingWarnings& warnings) {
  static std::mutex mutex;
  static std::set<std::string> told;  // part of the log, so to say: what it has shown already
  const std::lock_guard lock(mutex);
  for (const std::string& line : warnings.lines()) {
    if (told.insert(line).second) log_warning(line);
  }
}

}  // namespace hullscan
