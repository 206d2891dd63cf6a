/// @file
/// The files of a calculation, packed or not.
#pragma once

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

}  // namespace hullscan
