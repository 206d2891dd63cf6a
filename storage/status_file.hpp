/// @file
/// status.json of a campaign directory: what `hullscan status` prints. The master replaces it whole; everybody else
/// reads it instead of the live database.
#pragma once

#include <filesystem>

#include "core/json.hpp"

namespace hullscan {

/// Replaces DIR/status.json; a reader sees the old text or the new one, never a part. @throws StorageError.
void write_status(const std::filesystem::path& directory, const Json& status);
/// @throws StorageError if there is none or it is not JSON.
Json read_status(const std::filesystem::path& directory);
/// Seconds since it was written; at least 0. @throws StorageError if there is none.
double status_age_s(const std::filesystem::path& directory);

}  // namespace hullscan
