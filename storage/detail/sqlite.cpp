#include "storage/detail/sqlite.hpp"

#include <fmt/format.h>

#include <cassert>
#include <cmath>
#include <cstring>
#include <limits>

#include "core/errors.hpp"
#include "core/foreign_text.hpp"
#include "core/log.hpp"
#include "storage/crash_point.hpp"
#include "storage/detail/quiet_copy.hpp"

namespace hullscan::sqlite {
namespace {

/// What an operator can do about a result code.
std::string advice(int extended) {
  if (extended == SQLITE_READONLY_ROLLBACK || extended == SQLITE_READONLY_RECOVERY)
    return "its writer was killed in the middle of a change; `hullscan run` takes that back first";
  switch (extended & 0xff) {
    case SQLITE_FULL:
      return "the disk or the quota is full; free some space and run the same line again";
    case SQLITE_READONLY:
      return "the database or its directory cannot be written; check its permissions";
    case SQLITE_CANTOPEN:
      return "cannot be opened or created; check that the directory exists and can be written";
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return "access refused; check its permissions";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return "another process is using it";
    case SQLITE_CORRUPT:
      return "the database is damaged";
    case SQLITE_NOTADB:
      return "not a campaign database";
    case SQLITE_IOERR:
      return "reading or writing failed";
    default:
      return "";
  }
}

/// A database with STRICT tables looks damaged to SQLite before 3.37.
bool made_by_newer_sqlite(int error, const std::string& words) {
  return error == SQLITE_CORRUPT && !knows_strict_tables() && words.find("\"STRICT\"") != std::string::npos;
}

[[noreturn]] void fail(const std::filesystem::path& file, sqlite3* handle, int result) {
  const int extended = handle != nullptr ? sqlite3_extended_errcode(handle) : result;
  const int primary = result & 0xff;
  const std::string words = handle != nullptr ? sqlite3_errmsg(handle) : sqlite3_errstr(result);
  if (made_by_newer_sqlite(primary, words)) {
    throw StorageError(
        fmt::format("{}: made with SQLite 3.37 or newer, this program has {}: go on with a program that was "
                    "built with SQLite 3.37 or newer",
                    file.string(), sqlite3_libversion()));
  }
  const std::string help = advice((extended & 0xff) == primary ? extended : primary);
  const int system_error = handle != nullptr ? sqlite3_system_errno(handle) : 0;
  std::string message = file.string() + ": " + (help.empty() ? words : help + " (" + words + ")");
  if (system_error != 0 && (primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN)) {
    message += std::string(", ") + std::strerror(system_error);
  }
  if (primary == SQLITE_IOERR) message += ", SQLite code " + std::to_string(extended);
  throw StorageError(message);
}

constexpr std::size_t kLongestKey = 40;

const char* name_of_type(int type) {
  switch (type) {
    case SQLITE_INTEGER:
      return "a whole number";
    case SQLITE_FLOAT:
      return "a number with a fraction";
    case SQLITE_TEXT:
      return "a text";
    case SQLITE_BLOB:
      return "bytes";
    default:
      return "nothing (NULL)";
  }
}

std::string immutable_uri(const std::filesystem::path& file) {
  std::string uri = "file:";
  for (const char c : std::filesystem::absolute(file).string()) {
    if (c == '?' || c == '#' || c == '%')
      uri += fmt::format("%{:02X}", static_cast<unsigned>(c));
    else
      uri += c;
  }
  return uri + "?immutable=1";
}

}  // namespace

Database::Database(const std::filesystem::path& file, Access access)
    : file_(file), writes_(access == Access::kReadWrite || access == Access::kUnlocked) {
  if (access == Access::kCopied)
    open_copy();
  else
    open(file, access);
}

void Database::open_copy() {
  const storage_detail::PassingFolder folder;
  const std::filesystem::path copy = folder.path() / file_.filename();
  if (storage_detail::copy_while_quiet(file_, folder.path())) {
    open(copy, Access::kUnlocked);
    // The index of a write-ahead log is kept in memory then. Reading takes back a change that was left half-way.
    (void)pragma("PRAGMA locking_mode = EXCLUSIVE");
    (void)pragma("SELECT count(*) FROM sqlite_master");
    (void)pragma("PRAGMA journal_mode = TRUNCATE");
    statements_.clear();
    handle_.reset();
  }
  open(copy, Access::kImmutable);  // the open file outlives its name
}

void Database::open(const std::filesystem::path& file, Access access) {
  sqlite3* handle = nullptr;
  // One thread uses a store; the library need not lock at every call.
  int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX;
  std::string name = file.string();
  if (access == Access::kReadWrite || access == Access::kUnlocked)
    flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  if (access == Access::kImmutable) {
    flags |= SQLITE_OPEN_URI;
    name = immutable_uri(file);
  }
  const int result = sqlite3_open_v2(name.c_str(), &handle, flags, access == Access::kUnlocked ? "unix-none" : nullptr);
  handle_.reset(handle);
  if (result != SQLITE_OK) fail(file_, handle, result);
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, 5000);
}

Database::~Database() { statements_.clear(); }

void Database::check(int result) {
  if (result != SQLITE_OK) fail(file_, handle_.get(), result);
}

void Database::execute(const char* sql) { check(sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr)); }

sqlite3_stmt* Database::prepared(const char* sql) {
  auto& slot = statements_[sql];
  if (!slot) {
    sqlite3_stmt* statement = nullptr;
    check(sqlite3_prepare_v3(handle_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr));
    slot.reset(statement);
  }
  assert(sqlite3_stmt_busy(slot.get()) == 0 && "one statement lent twice at a time");
  return slot.get();
}

std::string Database::pragma(const char* sql) {
  sqlite3_stmt* statement = prepared(sql);
  Query read(*this, statement);
  if (!read.next()) throw StorageError(file_.string() + ": no answer to " + sql);
  const auto* answer = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
  return answer == nullptr ? "" : answer;
}

Query::~Query() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

void Query::check(int result) { database_.check(result); }

void Query::bind_null() { check(sqlite3_bind_null(statement_, ++bound_)); }

void Query::bind(std::int64_t value) { check(sqlite3_bind_int64(statement_, ++bound_, value)); }

void Query::bind(double value) { check(sqlite3_bind_double(statement_, ++bound_, value)); }

void Query::bind(std::string_view text) {
  // A null pointer would bind NULL.
  const char* start = text.data() != nullptr ? text.data() : "";
  check(sqlite3_bind_text64(statement_, ++bound_, start, text.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}

void Query::bind(std::span<const std::uint8_t> blob) {
  if (blob.empty())
    check(sqlite3_bind_zeroblob(statement_, ++bound_, 0));
  else
    check(sqlite3_bind_blob64(statement_, ++bound_, blob.data(), blob.size(), SQLITE_TRANSIENT));
}

bool Query::next() {
  const int result = sqlite3_step(statement_);
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  check(result);
  return false;
}

void Query::run() {
  while (next()) {
  }
}

bool Query::is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

std::string Query::place() const {
  const char* table = sqlite3_column_table_name(statement_, 0);
  std::string place = table != nullptr ? fmt::format("table {}, row ", table) : "row ";
  // The first column is the key, or its beginning.
  const int type = sqlite3_column_type(statement_, 0);
  if (type != SQLITE_INTEGER && type != SQLITE_TEXT)
    return place + fmt::format("with {} as its key", name_of_type(type));
  const auto* key = reinterpret_cast<const char*>(sqlite3_column_text(statement_, 0));
  return place + readable_line(key == nullptr ? "" : key, kLongestKey);
}

void Query::refuse(int column, const std::string& wanted, const std::string& found) const {
  throw StorageError(
      fmt::format("{}: {}, column {}: expected {}, found {}; the database is damaged, `hullscan verify` says where, "
                  "and with campaign.db moved away `hullscan rebuild-ledger` goes on from the last backup",
                  database_.file().string(), place(), sqlite3_column_name(statement_, column), wanted, found));
}

void Query::expect(int column, int type, const char* wanted) const {
  const int found = sqlite3_column_type(statement_, column);
  if (found != type) refuse(column, wanted, name_of_type(found));
}

std::int64_t Query::integer(int column) const {
  expect(column, SQLITE_INTEGER, "a whole number");
  return sqlite3_column_int64(statement_, column);
}

std::int64_t Query::integer_from(int column, std::int64_t first, std::int64_t last) const {
  const std::int64_t value = integer(column);
  if (value < first || value > last)
    refuse(column, fmt::format("a number from {} to {}", first, last), std::to_string(value));
  return value;
}

std::uint32_t Query::index(int column) const {
  return static_cast<std::uint32_t>(integer_from(column, 0, std::numeric_limits<std::uint32_t>::max()));
}

int Query::number(int column) const {
  return static_cast<int>(integer_from(column, 0, std::numeric_limits<int>::max()));
}

double Query::real(int column) const {
  if (sqlite3_column_type(statement_, column) != SQLITE_INTEGER) expect(column, SQLITE_FLOAT, "a number");
  const double value = sqlite3_column_double(statement_, column);
  if (!std::isfinite(value)) refuse(column, "a finite number", fmt::format("{}", value));
  return value;
}

std::optional<double> Query::optional_real(int column) const {
  return is_null(column) ? std::nullopt : std::optional(real(column));
}

std::string Query::text(int column) const {
  expect(column, SQLITE_TEXT, "a text");
  const auto* start = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  if (start == nullptr) return {};
  return {start, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::string Query::words(int column) const { return readable_text(text(column)); }

std::vector<std::uint8_t> Query::blob(int column) const {
  expect(column, SQLITE_BLOB, "bytes");
  const auto* start = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column));
  if (start == nullptr) return {};
  return {start, start + sqlite3_column_bytes(statement_, column)};
}

Transaction::Transaction(Database& database) : database_(database), outermost_(!database.in_transaction()) {
  if (!outermost_) return;
  HULLSCAN_CRASH_POINT("transaction.before-begin");
  database_.execute("BEGIN IMMEDIATE");
  HULLSCAN_CRASH_POINT("transaction.begun");
}

Transaction::~Transaction() {
  if (!outermost_ || !open_ || !database_.in_transaction()) return;
  try {
    database_.execute("ROLLBACK");
  } catch (const Error& error) {
    log_warning(std::string("rolling back: ") + error.what());
  }
}

void Transaction::commit() {
  if (!outermost_) return;
  HULLSCAN_CRASH_POINT("transaction.before-commit");
  database_.execute("COMMIT");
  open_ = false;
  HULLSCAN_CRASH_POINT("transaction.committed");
}

}  // namespace hullscan::sqlite
