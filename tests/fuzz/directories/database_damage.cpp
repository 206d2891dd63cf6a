#include "database_damage.hpp"

#include <sqlite3.h>

#include <limits>
#include <memory>

namespace hullscan::test {
namespace {

struct Close {
  void operator()(sqlite3* handle) const noexcept { sqlite3_close_v2(handle); }
};
struct Finalize {
  void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
};
using Connection = std::unique_ptr<sqlite3, Close>;
using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

Connection connect(const std::filesystem::path& file, int flags) {
  sqlite3* handle = nullptr;
  const int result = sqlite3_open_v2(file.c_str(), &handle, flags, nullptr);
  Connection connection(handle);
  return result == SQLITE_OK ? std::move(connection) : nullptr;
}

Statement prepare(sqlite3* connection, const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  sqlite3_prepare_v2(connection, sql.c_str(), -1, &statement, nullptr);
  return Statement(statement);
}

void execute(sqlite3* connection, const std::string& sql) {
  sqlite3_exec(connection, sql.c_str(), nullptr, nullptr, nullptr);
}

std::string bytes_of(sqlite3_stmt* row, int column) {
  const auto* start = static_cast<const char*>(sqlite3_column_blob(row, column));
  return start == nullptr ? "" : std::string(start, static_cast<std::size_t>(sqlite3_column_bytes(row, column)));
}

std::vector<std::string> first_column(sqlite3* connection, const std::string& sql) {
  std::vector<std::string> texts;
  const Statement rows = prepare(connection, sql);
  while (rows && sqlite3_step(rows.get()) == SQLITE_ROW) texts.push_back(bytes_of(rows.get(), 0));
  return texts;
}

/// What the schema promises is no longer kept; with luck the words of the promise are put back afterwards.
void drop_promises(sqlite3* connection) {
  execute(connection,
          "PRAGMA writable_schema = ON;"
          "UPDATE sqlite_master SET sql = replace(replace(replace(sql, ') STRICT', ')'), 'NOT NULL', ''), ', WITHOUT "
          "ROWID', ' WITHOUT ROWID');"
          "PRAGMA writable_schema = RESET; PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF;");
}

constexpr std::int64_t kWildIntegers[] = {0,
                                          -1,
                                          1,
                                          2,
                                          3,
                                          7,
                                          9,
                                          255,
                                          256,
                                          65535,
                                          65536,
                                          2147483647,
                                          2147483648,
                                          4294967295,
                                          4294967296,
                                          9007199254740993,
                                          -2147483649,
                                          4611686018427387904,
                                          std::numeric_limits<std::int64_t>::max(),
                                          std::numeric_limits<std::int64_t>::min()};
constexpr double kWildReals[] = {0.0,
                                 -0.0,
                                 1e308,
                                 -1e308,
                                 1e-308,
                                 std::numeric_limits<double>::infinity(),
                                 -std::numeric_limits<double>::infinity(),
                                 1e19,
                                 -3.7,
                                 0.5};

void bind_bytes(sqlite3_stmt* statement, const std::string& bytes, bool as_text) {
  if (as_text)
    sqlite3_bind_text64(statement, 1, bytes.data(), bytes.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  else
    sqlite3_bind_blob64(statement, 1, bytes.data(), bytes.size(), SQLITE_TRANSIENT);
}

/// A list of numbers in a blob: one of them is replaced.
std::string with_wild_number(std::string blob, Dice& dice) {
  if (blob.size() < 8) return damaged_bytes(blob, dice);
  const double wild[] = {
      std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(), 1e300, 1e-300, 0.0, -1.0};
  const double value = wild[dice.below(std::size(wild))];
  const auto* start = reinterpret_cast<const char*>(&value);
  blob.replace(dice.below(blob.size() - 7), 8, start, 8);
  return blob;
}

/// Another value for the first parameter: near the one it had, or wild, or of another type.
std::string bind_wild(sqlite3_stmt* statement, int type, std::int64_t integer, const std::string& bytes, Dice& dice) {
  const std::size_t choice = dice.below(10);
  if (choice == 0) {
    sqlite3_bind_null(statement, 1);
    return "NULL";
  }
  if (choice == 1 || (choice < 6 && type == SQLITE_INTEGER)) {
    const std::int64_t value =
        dice.one_in(4)
            ? static_cast<std::int64_t>(static_cast<std::uint64_t>(integer) + (dice.one_in(2) ? 1 : ~std::uint64_t{0}))
            : kWildIntegers[dice.below(std::size(kWildIntegers))];
    sqlite3_bind_int64(statement, 1, value);
    return std::to_string(value);
  }
  if (choice == 2 || (choice < 7 && type == SQLITE_FLOAT)) {
    const double value = kWildReals[dice.below(std::size(kWildReals))];
    sqlite3_bind_double(statement, 1, value);
    return std::to_string(value);
  }
  if (choice == 3 || (type == SQLITE_TEXT && choice < 5)) {
    bind_bytes(statement, wild_text(dice), true);
    return "a wild text";
  }
  if (type == SQLITE_TEXT) {
    bind_bytes(statement, damaged_text(bytes, dice), true);
    return "its text, damaged";
  }
  if (choice == 4) {
    bind_bytes(statement, std::string(1 + dice.below(200), static_cast<char>(dice.bits())), false);
    return "bytes all alike";
  }
  if (choice < 7) {
    bind_bytes(statement, damaged_bytes(bytes, dice), false);
    return "its bytes, damaged";
  }
  bind_bytes(statement, with_wild_number(bytes, dice), false);
  return "a wild number in its bytes";
}

std::string change_value(sqlite3* connection, const std::string& table, Dice& dice) {
  const auto columns = first_column(connection, "SELECT name FROM pragma_table_info('" + table + "')");
  const auto keys = first_column(connection, "SELECT name FROM pragma_table_info('" + table + "') WHERE pk > 0");
  if (columns.empty() || keys.empty()) return "";
  const std::string& column = dice.of(columns);
  const auto count = first_column(connection, "SELECT count(*) FROM " + table);
  const std::size_t rows = count.empty() ? 0 : std::stoul("0" + count[0]);
  if (rows == 0) return "";
  std::string list, match;
  for (const std::string& key : keys) {
    list += (list.empty() ? "" : ", ") + key;
    match += (match.empty() ? "" : " AND ") + key + " IS (SELECT " + key + " FROM chosen)";
  }
  const std::size_t row = dice.below(rows);
  const bool all = dice.one_in(12);
  execute(connection, "CREATE TEMP TABLE chosen AS SELECT * FROM " + table + " LIMIT 1 OFFSET " + std::to_string(row));
  int type = SQLITE_NULL;
  std::int64_t integer = 0;
  std::string bytes;
  if (const Statement old = prepare(connection, "SELECT " + column + " FROM chosen");
      old && sqlite3_step(old.get()) == SQLITE_ROW) {
    type = sqlite3_column_type(old.get(), 0);
    integer = type == SQLITE_INTEGER ? sqlite3_column_int64(old.get(), 0) : 0;
    bytes = bytes_of(old.get(), 0);
  }
  std::string done;
  {
    const Statement change =
        prepare(connection, "UPDATE OR REPLACE " + table + " SET " + column + " = ?1" + (all ? "" : " WHERE " + match));
    if (!change) return "";
    done = bind_wild(change.get(), type, integer, bytes, dice);
    sqlite3_step(change.get());
  }
  execute(connection, "DROP TABLE chosen");
  return table + "." + column + (all ? " of all rows" : " of row " + std::to_string(row)) + ": " + done;
}

std::string change_rows(sqlite3* connection, const std::string& table, Dice& dice) {
  const auto count = first_column(connection, "SELECT count(*) FROM " + table);
  const std::size_t rows = count.empty() ? 0 : std::stoul("0" + count[0]);
  if (rows == 0) return "";
  const auto keys = first_column(connection, "SELECT name FROM pragma_table_info('" + table + "') WHERE pk > 0");
  if (keys.empty()) return "";
  std::string list;
  for (const std::string& key : keys) list += (list.empty() ? "" : ", ") + key;
  const std::string one = " LIMIT 1 OFFSET " + std::to_string(dice.below(rows));
  if (dice.one_in(4)) {
    execute(connection, "DELETE FROM " + table);
    return table + ": all rows removed";
  }
  if (dice.one_in(3)) {
    // Doubled, with another first key: a task twice, a unit twice.
    const auto columns = first_column(connection, "SELECT name FROM pragma_table_info('" + table + "')");
    std::string values;
    for (const std::string& column : columns) {
      const bool is_key = column == keys[0];
      values += (values.empty() ? "" : ", ") + (is_key ? "CASE typeof(" + column + ") WHEN 'integer' THEN " + column +
                                                             " + 1000 ELSE " + column + " || 'a' END"
                                                       : column);
    }
    execute(connection, "INSERT OR REPLACE INTO " + table + " SELECT " + values + " FROM " + table + one);
    return table + ": a row twice";
  }
  execute(connection,
          "DELETE FROM " + table + " WHERE (" + list + ") IN (SELECT " + list + " FROM " + table + one + ")");
  return table + ": a row removed";
}

std::string change_schema(sqlite3* connection, const std::string& table, Dice& dice) {
  switch (dice.below(6)) {
    case 0:
      execute(connection, "DROP TABLE " + table);
      return table + " dropped";
    case 1:
      execute(connection, "ALTER TABLE " + table + " RENAME TO other_" + table + "; CREATE VIEW " + table +
                              " AS SELECT * FROM other_" + table);
      return table + " is a view";
    case 2: {
      const auto columns = first_column(connection, "SELECT name FROM pragma_table_info('" + table + "')");
      const std::string column = columns.empty() ? "x" : dice.of(columns);
      execute(connection, "ALTER TABLE " + table + " DROP COLUMN " + column);
      return table + " without " + column;
    }
    case 3: {
      const int versions[] = {0, 1, 2, 3, 5, -1, 2147483647};
      const int version = versions[dice.below(std::size(versions))];
      execute(connection, "PRAGMA user_version = " + std::to_string(version));
      return "format " + std::to_string(version);
    }
    case 4:
      execute(connection, "PRAGMA application_id = 7");
      return "another application's";
    default:
      execute(connection, "CREATE TRIGGER sly AFTER INSERT ON " + table + " BEGIN DELETE FROM " + table + "; END");
      return table + " with a trigger";
  }
}

}  // namespace

std::string damage_by_sql(const std::filesystem::path& file, Dice& dice) {
  if (!is_file(file)) return "";
  const Connection connection = connect(file, SQLITE_OPEN_READWRITE);
  if (!connection) return "";
  execute(connection.get(), "PRAGMA synchronous = OFF");
  drop_promises(connection.get());
  std::string done;
  for (std::size_t times = 1 + dice.below(3); times > 0; --times) {
    const auto tables = first_column(
        connection.get(), "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'");
    if (tables.empty()) return done;
    // Where the numbers are, more often.
    static const std::vector<std::string> favourites = {"task",    "result", "unit",     "candidate",
                                                        "attempt", "round",  "spectrum", "task_event"};
    const std::string table = dice.one_in(2) ? dice.of(tables) : dice.of(favourites);
    const std::size_t kind = dice.below(12);
    const std::string what = kind == 0  ? change_schema(connection.get(), table, dice)
                             : kind < 3 ? change_rows(connection.get(), table, dice)
                                        : change_value(connection.get(), table, dice);
    if (!what.empty()) done += (done.empty() ? "" : "; ") + what;
  }
  return done;
}

std::string change_stored_result(const std::filesystem::path& file, Dice& dice) {
  if (!is_file(file)) return "";
  const Connection connection = connect(file, SQLITE_OPEN_READWRITE);
  if (!connection) return "";
  execute(connection.get(), "PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF");
  const auto tasks = first_column(connection.get(), "SELECT CAST(task AS TEXT) FROM result ORDER BY task");
  if (tasks.empty()) return "";
  const std::string& task = dice.of(tasks);
  if (dice.one_in(2)) {
    const std::string by = std::to_string(1e-5 * static_cast<double>(1 + dice.below(1'000'000)));
    execute(connection.get(), "UPDATE result SET energy_ev = energy_ev + " + by + " WHERE task = " + task);
    return "stored result " + task + ": energy + " + by;
  }
  if (dice.one_in(4)) {
    execute(connection.get(), "DELETE FROM result WHERE task = " + task);
    return "stored result " + task + ": gone";
  }
  const auto blobs = first_column(connection.get(), "SELECT structure FROM result WHERE task = " + task);
  std::string blob = blobs.empty() ? "" : blobs[0];
  if (blob.empty()) return "";
  char& byte = blob[dice.below(blob.size())];
  byte = static_cast<char>(byte ^ (1 << dice.below(8)));
  const Statement change = prepare(connection.get(), "UPDATE result SET structure = ?1 WHERE task = " + task);
  if (!change) return "";
  bind_bytes(change.get(), blob, false);
  sqlite3_step(change.get());
  return "stored result " + task + ": a bit of its structure";
}

std::optional<std::map<std::string, std::string>> results_in(const std::filesystem::path& file) {
  if (!is_file(file)) return std::nullopt;
  const Connection connection = connect(file, SQLITE_OPEN_READONLY);
  if (!connection) return std::nullopt;
  const Statement rows =
      prepare(connection.get(), "SELECT t.key, r.energy_ev, r.structure FROM result r JOIN task t ON t.id = r.task");
  if (!rows) return std::nullopt;
  std::map<std::string, std::string> results;
  int state = SQLITE_ROW;
  while ((state = sqlite3_step(rows.get())) == SQLITE_ROW) {
    const double energy = sqlite3_column_double(rows.get(), 1);
    results[bytes_of(rows.get(), 0)] =
        std::string(reinterpret_cast<const char*>(&energy), sizeof energy) + bytes_of(rows.get(), 2);
  }
  if (state != SQLITE_DONE) return std::nullopt;
  return results;
}

std::vector<RecordedShard> recorded_shards_in(const std::filesystem::path& file) {
  std::vector<RecordedShard> shards;
  if (!is_file(file)) return shards;
  const Connection connection = connect(file, SQLITE_OPEN_READONLY);
  if (!connection) return shards;
  const Statement rows = prepare(connection.get(), "SELECT file, begin_byte, bytes FROM shard");
  while (rows && sqlite3_step(rows.get()) == SQLITE_ROW) {
    shards.push_back({bytes_of(rows.get(), 0), static_cast<std::uint64_t>(sqlite3_column_int64(rows.get(), 1)),
                      static_cast<std::uint64_t>(sqlite3_column_int64(rows.get(), 2))});
  }
  return shards;
}

void record_shard_as_it_is(const std::filesystem::path& file, const std::string& archive, std::uint64_t old_begin,
                           std::uint64_t new_begin, std::uint64_t bytes, const std::string& checksum) {
  if (!is_file(file)) return;
  const Connection connection = connect(file, SQLITE_OPEN_READWRITE);
  if (!connection) return;
  const Statement change =
      prepare(connection.get(),
              "UPDATE shard SET begin_byte = ?3, bytes = ?4, checksum = ?5 WHERE file = ?1 AND begin_byte = ?2");
  if (!change) return;
  sqlite3_bind_text(change.get(), 1, archive.c_str(), -1, SQLITE_TRANSIENT);
  sqlite3_bind_int64(change.get(), 2, static_cast<std::int64_t>(old_begin));
  sqlite3_bind_int64(change.get(), 3, static_cast<std::int64_t>(new_begin));
  sqlite3_bind_int64(change.get(), 4, static_cast<std::int64_t>(bytes));
  sqlite3_bind_text(change.get(), 5, checksum.c_str(), -1, SQLITE_TRANSIENT);
  sqlite3_step(change.get());
}

}  // namespace hullscan::test
