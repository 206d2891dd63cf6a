#include "storage/detail/schema.hpp"

#include <array>

#include "storage_testing.hpp"

using namespace hullscan;
using namespace hullscan::test;

namespace {

constexpr std::array<const char*, 2> kTwoSteps = {
    "CREATE TABLE a (x INTEGER) STRICT; INSERT INTO a VALUES (1);",
    "ALTER TABLE a ADD COLUMN y INTEGER NOT NULL DEFAULT 2;",
};
constexpr std::array<const char*, 2> kSecondFails = {kTwoSteps[0], "ALTER TABLE nowhere ADD COLUMN y INTEGER;"};

}  // namespace

TEST_CASE("a new database takes every step", "[storage][schema]") {
  sqlite::Database database(":memory:", sqlite::Access::kReadWrite);

  migrate(database, kTwoSteps);
  migrate(database, kTwoSteps);

  CHECK(database.pragma("PRAGMA user_version") == "2");
  CHECK(database.pragma("SELECT x + y FROM a") == "3");
}

TEST_CASE("an old database takes the steps that it lacks", "[storage][schema]") {
  sqlite::Database database(":memory:", sqlite::Access::kReadWrite);
  migrate(database, std::span(kTwoSteps).first(1));
  REQUIRE(database.pragma("PRAGMA user_version") == "1");

  migrate(database, kTwoSteps);

  CHECK(database.pragma("PRAGMA user_version") == "2");
  CHECK(database.pragma("SELECT count(*) FROM a") == "1");
}

TEST_CASE("a step that fails leaves the database as it was", "[storage][schema]") {
  sqlite::Database database(":memory:", sqlite::Access::kReadWrite);
  migrate(database, std::span(kTwoSteps).first(1));

  CHECK_THROWS_AS(migrate(database, kSecondFails), StorageError);

  CHECK(database.pragma("PRAGMA user_version") == "1");
  CHECK(database.pragma("SELECT x FROM a") == "1");
}

TEST_CASE("a database of a newer hullscan is refused", "[storage][schema]") {
  sqlite::Database database(":memory:", sqlite::Access::kReadWrite);
  migrate(database, kTwoSteps);

  const auto message = message_of<StorageError>([&] { migrate(database, std::span(kTwoSteps).first(1)); });

  CHECK_THAT(message, Catch::Contains("written by a newer hullscan (format 2; this one knows up to 1)"));
}

TEST_CASE("a database of another program is refused", "[storage][schema]") {
  sqlite::Database database(":memory:", sqlite::Access::kReadWrite);
  database.execute("CREATE TABLE photographs (x); PRAGMA application_id = 7;");

  CHECK_THAT(message_of<StorageError>([&] { migrate(database, kTwoSteps); }), Catch::Contains("but not of hullscan"));
}

TEST_CASE("every table is strict where SQLite knows it", "[storage][schema]") {
  sqlite::Database database(":memory:", sqlite::Access::kReadWrite);
  migrate(database, schema_steps());
  const std::string tables = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";

  CHECK(database.pragma(tables.c_str()) == "15");
  CHECK(database.pragma((tables + " AND sql LIKE '%) STRICT%'").c_str()) ==
        (sqlite::knows_strict_tables() ? "15" : "0"));
}
