/// @file
/// Texts as a TOML file holds them. Every text that hullscan writes into a campaign file goes through here.
#pragma once

#include <string>
#include <string_view>

namespace hullscan {

/// A basic string in quotes, with everything escaped that TOML 1.0 wants escaped; bytes that are not UTF-8 become
/// U+FFFD. What is read back is the same text.
[[nodiscard]] std::string toml_quoted(std::string_view text);

/// What may stand behind a '#': one line of readable text.
[[nodiscard]] std::string toml_comment(std::string_view text);

}  // namespace hullscan
