/// @file
/// The files of a calculation, packed or not.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "storage/records.hpp"

namespace hullscan {

/// Where the files of ended attempts are packed. It need not exist.
std::filesystem::path archive_of(const std::filesystem::path& directory, const AttemptRecord& attempt);
/// Names of the attempt's packed files. @throws StorageError if the archive cannot be read.
std::vector<std::string> packed_names(const std::filesystem::path& directory, const AttemptRecord& attempt);

/// One file of a task: of the attempt that was accepted, else of the last that has it; or "N/NAME".
/// @returns nothing if there is none.
std::optional<std::string> file_named(const TaskRecord& task, const std::filesystem::path& directory,
                                      const std::string& name);

/// Whether an attempt ended without what it was for: not under way, not accepted, no step that is done.
bool has_failed(const AttemptRecord& attempt);

/// What the program of an attempt wrote to stderr last: its last lines that hold anything, oldest first, each cut to a
/// length that a terminal shows, without control characters. Empty if it wrote nothing, or its file is gone.
/// @throws StorageError if the archive cannot be read.
std::vector<std::string> last_words(const std::filesystem::path& directory, const AttemptRecord& attempt,
                                    std::size_t lines = 5);

}  // namespace hullscan
