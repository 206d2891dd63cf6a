/// @file
/// Extended XYZ from a file on disk; the format itself is core/structure_files/extxyz.hpp.
#pragma once

#include <filesystem>
#include <vector>

#include "core/structure_files/extxyz.hpp"

namespace hullscan {

/// Every frame of the file, in order.
/// @throws FormatError as read_text_file and parse_extxyz.
std::vector<LabelledFrame> read_extxyz(const std::filesystem::path& file);

}  // namespace hullscan
