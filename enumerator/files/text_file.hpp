/// @file
/// A text file as one string, with the checks every reader wants.
#pragma once

#include <filesystem>
#include <string>

#include "core/plain_text.hpp"
#include "core/structure_files/text_words.hpp"

namespace hullscan {

/// @throws FormatError naming the file if it is absent, a directory, unreadable, empty, larger than 1 GiB, or binary
/// (holds a zero byte). A byte order mark is dropped; \r\n and \r become \n.
std::string read_text_file(const std::filesystem::path& file);

}  // namespace hullscan
