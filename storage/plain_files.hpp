/// @file
/// The gate before anything in a campaign directory is opened: what is to be a file is one.
#pragma once

#include <filesystem>

namespace hullscan {

/// A directory of somebody else may hold a pipe, which is waited for without end, a device, which has no end, or a link
/// in the place of a file that is written, which would change another one. Looks at what lies in the directory and in
/// inputs/, models/ and report/. A directory that is not there is fine.
/// @throws StorageError that names every one of them.
void require_plain_files(const std::filesystem::path& directory);

/// Ends in a regular file, through links or not; false if it is not there.
[[nodiscard]] bool is_plain_file(const std::filesystem::path& file);

}  // namespace hullscan
