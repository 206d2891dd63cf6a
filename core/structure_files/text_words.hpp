/// @file
/// Lines, words and numbers of a text file, with the place of each word, independent of the locale.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hullscan {

/// The whole of `text` as a finite number; a leading '+' is fine. Nothing for anything else.
std::optional<double> number_from(std::string_view text);
std::optional<long> integer_from(std::string_view text);

/// A word of a line and its column, counted from 1.
struct Word {
  std::string_view text;
  int column = 1;
};
std::vector<Word> words_of(std::string_view line);

/// The lines of a text, without their ends (\n or \r\n); a last line without an end counts, an empty rest does not.
std::vector<std::string_view> lines_of(std::string_view text);

/// At most 40 characters of `text`, control characters and invalid UTF-8 replaced, in quotes: for messages.
std::string in_quotes(std::string_view text);

}  // namespace hullscan
