/// @file
/// JSON as text, whatever the texts in it hold.
#pragma once

#include <string>

#include "core/json.hpp"

namespace hullscan {

/// Bytes that are not UTF-8 become U+FFFD, so that no text from outside can end the writing.
/// @param indent blanks a level; negative: all on one line.
[[nodiscard]] std::string json_text(const Json& value, int indent = -1);

}  // namespace hullscan
