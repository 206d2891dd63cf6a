/// @file
/// What the terminal can show.
#pragma once

#include <cstddef>
#include <string>

namespace hullscan::cli {

/// The locale says UTF-8.
bool unicode_allowed();
/// Columns of standard output if it is a terminal; 0: it is not, and lines have no limit, so that a row stays a line
/// for whoever reads it there.
std::size_t output_columns();
/// One line of words on standard output; on a terminal broken at blanks, the lines after the first indented.
void print_words(const std::string& line, const std::string& indent = "  ");

}  // namespace hullscan::cli
