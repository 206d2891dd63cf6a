/// @file
/// Whole files that are either the old ones or the new ones, whatever happens: temporary name, fsync, rename, fsync of
/// the directory.
#pragma once

#include <filesystem>
#include <string_view>

namespace hullscan {

/// Replaces `file` by one that holds `text`. The directory must exist.
/// @throws StorageError with the reason of the system; then the old file, if any, is untouched and no temporary stays.
void write_durably(const std::filesystem::path& file, std::string_view text);

/// Removes what killed writers left in `directory` under temporary names. Only while nobody writes there.
void remove_unfinished(const std::filesystem::path& directory);

/// Makes what was written to `file` survive a power cut. @throws StorageError.
void sync_file(const std::filesystem::path& file);
/// Makes the names in `directory` survive a power cut. @throws StorageError.
void sync_directory(const std::filesystem::path& directory);

}  // namespace hullscan
