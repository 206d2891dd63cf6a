/// @file
/// Damage to campaign.db through SQL: whatever a database of somebody else may hold.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "dice.hpp"

namespace hullscan::test {

/// One to three changes, each in one row, one table or the schema; the promises of the schema (STRICT, NOT NULL, CHECK,
/// references) do not hold for them. @returns what was done, in words; "" if the database has no tables any more.
std::string damage_by_sql(const std::filesystem::path& database, Dice& dice);

/// One result's energy a little otherwise, or one bit of its structure, forces, attempt or checksum. @returns what was
/// done.
std::string change_stored_result(const std::filesystem::path& database, Dice& dice);

/// Bytes of energy and structure of every finished calculation by its key; nothing if the database cannot be read.
std::optional<std::map<std::string, std::string>> results_in(const std::filesystem::path& database);

/// Where the ledger says that a shard is.
struct RecordedShard {
  std::string file;  ///< "units/…"
  std::uint64_t begin = 0, bytes = 0;
};
std::vector<RecordedShard> recorded_shards_in(const std::filesystem::path& database);

/// Lets the ledger say of a shard that it is another stretch of its file. @param archive "units/…".
void record_shard_as_it_is(const std::filesystem::path& database, const std::string& archive, std::uint64_t old_begin,
                           std::uint64_t new_begin, std::uint64_t bytes, const std::string& checksum);

}  // namespace hullscan::test
