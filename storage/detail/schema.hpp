/// @file
/// The versions of campaign.db and the steps between them.
#pragma once

#include <span>
#include <string>

#include "storage/detail/sqlite.hpp"

namespace hullscan {

/// Version of the schema this program writes; kept in PRAGMA user_version.
inline constexpr int kSchemaVersion = 6;

/// steps()[v] brings version v to v + 1; version 0 is an empty database.
std::span<const char* const> schema_steps();

/// Brings the database to version `steps.size()`, all in one transaction; nothing happens if it is there already.
/// A new database also gets hullscan's application id.
/// @throws StorageError if it is of another program or of a newer version.
void migrate(sqlite::Database& database, std::span<const char* const> steps);

/// Indices that are not a part of the format: a database without them is read as well, only slower.
void add_indices(sqlite::Database& database);

/// The version found, after checking that the database is hullscan's. 0: empty. @throws StorageError.
int checked_version(sqlite::Database& database, int newest_known);

}  // namespace hullscan
