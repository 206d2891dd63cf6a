/// @file
/// Words and numbers of the text files that DFT codes read and write. Nothing here throws on bad text.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/plain_text.hpp"

namespace hullscan::detail {

using hullscan::lower_case;
using hullscan::trimmed;
std::vector<std::string> split(std::string_view text, char separator);  ///< empty parts are kept, not the empty text
std::vector<std::string> words(std::string_view text);                  ///< separated by white space
std::vector<std::string> lines(std::string_view text);                  ///< without line ends

/// A whole text as a finite number; Fortran's exponent letters d and D are understood. Nothing for "****" or "NaN".
std::optional<double> to_number(std::string_view text);
std::optional<std::int64_t> to_integer(std::string_view text);

/// A file's bytes, at most `limit` of them; nothing if it cannot be read.
std::optional<std::string> file_text(const std::filesystem::path& file, std::uintmax_t limit = 1u << 30);

}  // namespace hullscan::detail
