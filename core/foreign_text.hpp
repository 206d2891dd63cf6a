/// @file
/// Text that other programs, files and people wrote, made safe to store, to print and to pass on. Every text that comes
/// from outside goes through here before it reaches the log, the database or a report.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace hullscan {

/// The same text as valid UTF-8 without control characters: bytes that are not UTF-8 (overlong forms, surrogates and
/// halves of characters among them) become U+FFFD, one for each longest invalid piece as Unicode 15 recommends (section
/// 3.9, table 3-7); control characters, terminal escapes and marks that turn the direction of writing become blanks.
/// Line breaks (LF and CR LF) and tabs stay. A text that is clean comes back as it is.
[[nodiscard]] std::string readable_text(std::string_view text);

/// The same on one line: line breaks and tabs are blanks, blanks at both ends are gone, and what is longer than
/// `most_bytes` is cut between two characters and ends in "…" (which counts).
[[nodiscard]] std::string readable_line(std::string_view text, std::size_t most_bytes = 1000);

/// Whether a text is valid UTF-8 and holds no control character, not even a line break or a tab.
[[nodiscard]] bool is_one_readable_line(std::string_view text);

}  // namespace hullscan
