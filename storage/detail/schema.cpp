#include "storage/detail/schema.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/errors.hpp"
#include "core/log.hpp"
#include "storage/crash_point.hpp"

namespace hullscan {
namespace {

constexpr const char* kVersion1 =
#include "schema_sql.inc"  // written by CMake from schema.sql
    ;
constexpr const char* kVersion2 =
#include "schema_2_sql.inc"
    ;

constexpr const char* kVersion3 =
#include "schema_3_sql.inc"
    ;

constexpr const char* kVersion4 =
#include "schema_4_sql.inc"
    ;

constexpr const char* kVersion5 =
#include "schema_5_sql.inc"
    ;

constexpr const char* kVersion6 =
#include "schema_6_sql.inc"
    ;

constexpr std::array<const char*, kSchemaVersion> kSteps = {kVersion1, kVersion2, kVersion3,
                                                            kVersion4, kVersion5, kVersion6};

constexpr std::int64_t kApplicationId = 0x68736331;  // "hsc1"

std::string as_known_here(std::string sql) {
  if (sqlite::knows_strict_tables()) return sql;
  constexpr std::string_view kMark = ") STRICT";
  for (std::size_t at = sql.find(kMark); at != std::string::npos; at = sql.find(kMark, at)) {
    const bool more = sql.compare(at + kMark.size(), 1, ",") == 0;
    sql.replace(at, kMark.size() + (more ? 1 : 0), ")");
  }
  return sql;
}

constexpr const char* kIndices = "CREATE INDEX IF NOT EXISTS task_round ON task (round)";

}  // namespace

void add_indices(sqlite::Database& database) { database.execute(kIndices); }

std::span<const char* const> schema_steps() { return kSteps; }

int checked_version(sqlite::Database& database, int newest_known) {
  const int version = std::stoi(database.pragma("PRAGMA user_version"));
  const std::int64_t application = std::stoll(database.pragma("PRAGMA application_id"));
  const bool empty = database.pragma("SELECT count(*) FROM sqlite_master") == "0";
  if (application != kApplicationId && !(empty && application == 0 && version == 0)) {
    throw StorageError(database.file().string() + ": a database, but not of hullscan");
  }
  if (version > newest_known) {
    throw StorageError(fmt::format("{}: written by a newer hullscan (format {}; this one knows up to {})",
                                   database.file().string(), version, newest_known));
  }
  return version;
}

void migrate(sqlite::Database& database, std::span<const char* const> steps) {
  const int wanted = static_cast<int>(steps.size());
  if (checked_version(database, wanted) == wanted) return;
  sqlite::Transaction transaction(database);
  const int found = checked_version(database, wanted);  // again: another process may have been here first
  for (int version = found; version < wanted; ++version) {
    database.execute(as_known_here(steps[static_cast<std::size_t>(version)]).c_str());
    HULLSCAN_CRASH_POINT("schema.step");
  }
  database.execute(
      fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {};", kApplicationId, wanted).c_str());
  transaction.commit();
  if (found > 0) {
    log_info(fmt::format("{}: brought from format {} to {}", database.file().string(), found, wanted));
  }
}

}  // namespace hullscan
