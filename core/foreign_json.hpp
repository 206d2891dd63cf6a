/// @file
/// JSON from outside: whatever the text holds, the answer is a value or words.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/json.hpp"

namespace hullscan {

/// Deeper lists of lists are refused: copying, comparing and writing a value takes stack for every level.
inline constexpr int kDeepestJson = 200;

/// Never throws for what the text holds, and no copy of the result overflows the stack.
/// @param[out] problem "LINE:COLUMN: not valid JSON", both from 1 and the column in bytes; to follow "FILE:". A number
/// that no double holds (1e309) and too deep a nesting are problems too. Left alone if there is none.
[[nodiscard]] std::optional<Json> parse_foreign_json(std::string_view text, std::string& problem);
/// The same where only the value matters. @returns null for what is no JSON.
[[nodiscard]] Json foreign_json_or_null(std::string_view text);

}  // namespace hullscan
