/// @file
/// What the terminal can show.
#pragma once

#include <cstdlib>
#include <string>

namespace hullscan::cli {

/// The locale says UTF-8.
inline bool unicode_allowed() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0') continue;
    const std::string text = value;
    return text.find("UTF-8") != std::string::npos || text.find("utf8") != std::string::npos ||
           text.find("utf-8") != std::string::npos;
  }
  return false;
}

}  // namespace hullscan::cli
