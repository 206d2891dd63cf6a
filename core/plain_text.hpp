/// @file
/// Small questions of ASCII text that every room asks.
#pragma once

#include <string>
#include <string_view>

namespace hullscan {

/// Without blanks, tabs and line ends at both ends.
[[nodiscard]] std::string trimmed(std::string_view text);

/// ASCII letters only; other bytes stay, whatever the locale.
[[nodiscard]] std::string lower_case(std::string_view text);

}  // namespace hullscan
