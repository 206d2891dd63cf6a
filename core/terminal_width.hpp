/// @file
/// How wide the terminal is.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace hullscan {

inline constexpr std::size_t kUsualColumns = 80;

/// Columns of the terminal behind a file descriptor; 80 where it does not say, or is none.
std::size_t terminal_columns(int file_descriptor);

/// Columns that a text takes: UTF-8 continuation bytes take none.
std::size_t columns_of(std::string_view text);
/// The text, or its beginning and ".." where it takes more columns.
std::string cut_to_columns(const std::string& text, std::size_t columns);
/// The words of a line, broken at blanks where it would take more columns; a longer word keeps its line. Lines after
/// the first begin with `indent`. No line break at the end.
std::string wrapped_line(const std::string& line, std::size_t columns, const std::string& indent = "");

}  // namespace hullscan
