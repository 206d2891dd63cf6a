/// @file
/// A file of a user's that may be compressed by gzip.
#pragma once

#include <filesystem>
#include <string>

namespace hullscan {

/// Its bytes, unpacked if they are packed. @throws InputError if it cannot be read, FormatError if it is damaged.
[[nodiscard]] std::string unpacked_user_file(const std::filesystem::path& file);

}  // namespace hullscan
