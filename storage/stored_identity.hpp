/// @file
/// Which campaign a directory holds, asked before its store is opened. Databases of every older format answer, and are
/// not brought forward by the question.
#pragma once

#include <filesystem>
#include <optional>

#include "storage/records.hpp"

namespace hullscan {

/// Nothing where there is no database. @throws StorageError if there is one that cannot be read.
std::optional<CampaignIdentity> stored_identity(const std::filesystem::path& directory);

/// Folder in DIR/inputs that holds the files of its present revision, "" for DIR/inputs itself; nothing where there is
/// no database. @throws StorageError if there is one that cannot be read.
std::optional<std::string> stored_inputs_folder(const std::filesystem::path& directory);

}  // namespace hullscan
