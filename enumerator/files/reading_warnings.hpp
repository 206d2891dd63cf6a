/// @file
/// What a structure file says that is suspicious but does no harm: collected while it is read, reported once.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/errors.hpp"

namespace hullscan {

class ReadingWarnings {
 public:
  void add(const SourcePosition& where, const std::string& what);
  void add(const std::string& text);
  [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }

 private:
  std::vector<std::string> lines_;  ///< no two are equal
};

/// Each text is shown once per process: a command may read its structure several times, by several paths.
/// @param file as the texts name it.
void log_once(const ReadingWarnings& warnings, const std::filesystem::path& file);

}  // namespace hullscan
