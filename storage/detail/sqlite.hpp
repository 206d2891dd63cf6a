/// @file
/// SQLite as values with owners: a database, a prepared query, a transaction. The only place that includes sqlite3.h.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace hullscan::sqlite {

/// Tables are STRICT where they can be. What is read is checked for its type in either case.
[[nodiscard]] inline bool knows_strict_tables() { return sqlite3_libversion_number() >= 3'037'000; }

enum class Access {
  kReadWrite,
  kReadOnly,
  kImmutable,  ///< nobody writes and nothing may be written beside it: a read-only directory
  kUnlocked,   ///< read-write without locks of SQLite's, under the campaign's own lock alone
  kCopied,     ///< a copy is read that was taken while nobody wrote: a file system without locks
};

class Database;

/// A prepared statement on loan: bound when it is made, reset when it goes.
class Query {
 public:
  template <class... Values>
  Query(Database& database, sqlite3_stmt* statement, const Values&... values)
      : database_(database), statement_(statement) {
    (bind(values), ...);
  }
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;
  ~Query();

  void bind(std::int64_t value);
  void bind(int value) { bind(static_cast<std::int64_t>(value)); }
  void bind(std::uint32_t value) { bind(static_cast<std::int64_t>(value)); }
  /// The same 64 bits, read as signed: hashes and sums beyond 2^63 come back whole from `unsigned_integer`.
  void bind(std::uint64_t value) { bind(static_cast<std::int64_t>(value)); }
  void bind(bool value) { bind(static_cast<std::int64_t>(value)); }
  void bind(double value);
  void bind(std::string_view text);
  void bind(const std::string& text) { bind(std::string_view(text)); }
  void bind(const char* text) { bind(std::string_view(text)); }
  void bind(std::span<const std::uint8_t> blob);
  void bind(const std::vector<std::uint8_t>& blob) { bind(std::span<const std::uint8_t>(blob)); }
  template <class T>
  void bind(const std::optional<T>& value) {
    if (value)
      bind(*value);
    else
      bind_null();
  }

  /// True while there is a row.
  bool next();
  /// Runs a statement that returns no rows.
  void run();

  // What a row holds, as what it must be: a database of somebody else, a damaged one or one of an older version may
  // hold anything. @throws StorageError that names file, table, column and row, and says what was expected and found.
  [[nodiscard]] bool is_null(int column) const;
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] std::uint64_t unsigned_integer(int column) const { return static_cast<std::uint64_t>(integer(column)); }
  [[nodiscard]] std::uint32_t index(int column) const;  ///< 0 <= result < 2^32
  [[nodiscard]] int number(int column) const;           ///< 0 <= result < 2^31: of a pass, a round, an attempt
  [[nodiscard]] double real(int column) const;          ///< finite
  [[nodiscard]] std::optional<double> optional_real(int column) const;
  [[nodiscard]] std::string text(int column) const;
  /// A text for people: readable, whatever was stored.
  [[nodiscard]] std::string words(int column) const;
  [[nodiscard]] std::vector<std::uint8_t> blob(int column) const;
  /// Between these two, both included.
  [[nodiscard]] std::int64_t integer_from(int column, std::int64_t first, std::int64_t last) const;
  /// For what only the caller can judge. @throws StorageError always.
  [[noreturn]] void refuse(int column, const std::string& wanted, const std::string& found) const;
  /// "table task, row 3": where the present row comes from, for what is wrong with it beyond its types.
  [[nodiscard]] std::string place() const;

 private:
  void bind_null();
  void check(int result);
  void expect(int column, int type, const char* wanted) const;

  Database& database_;
  sqlite3_stmt* statement_;
  int bound_ = 0;
};

class Database {
 public:
  /// @param file ":memory:" for a database without a file. Read-write creates it if absent.
  /// @throws StorageError naming the file and what an operator can do.
  Database(const std::filesystem::path& file, Access access);
  [[nodiscard]] bool writes() const { return writes_; }
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// Several statements without parameters.
  void execute(const char* sql);
  /// @param sql must outlive the database (a constant): its statement is prepared once and kept.
  template <class... Values>
  Query query(const char* sql, const Values&... values) {
    return Query(*this, prepared(sql), values...);
  }
  /// Runs one statement with parameters. @returns rows changed by it.
  template <class... Values>
  int change(const char* sql, const Values&... values) {
    query(sql, values...).run();
    return sqlite3_changes(handle_.get());
  }
  /// First column of the first row, as a text. Fails if there is no row.
  std::string pragma(const char* sql);
  [[nodiscard]] std::int64_t last_row_id() const { return sqlite3_last_insert_rowid(handle_.get()); }
  [[nodiscard]] bool in_transaction() const { return sqlite3_get_autocommit(handle_.get()) == 0; }
  [[nodiscard]] const std::filesystem::path& file() const { return file_; }
  /// @throws StorageError for a result that is not SQLITE_OK.
  void check(int result);

 private:
  struct Close {
    void operator()(sqlite3* handle) const noexcept { sqlite3_close_v2(handle); }
  };
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
  };
  sqlite3_stmt* prepared(const char* sql);
  void open(const std::filesystem::path& file, Access access);
  void open_copy();

  std::filesystem::path file_;
  bool writes_;
  std::unique_ptr<sqlite3, Close> handle_;
  std::unordered_map<std::string_view, std::unique_ptr<sqlite3_stmt, Finalize>> statements_;
};

/// All or nothing. Rolls back unless commit() was reached. One inside another is a part of it: the outer one decides.
class Transaction {
 public:
  explicit Transaction(Database& database);
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();
  void commit();

 private:
  Database& database_;
  bool outermost_;
  bool open_ = true;
};

}  // namespace hullscan::sqlite
