// A directory of somebody else: rows that hold something else than they should, files that are none.
#include <sys/stat.h>

#include "storage/campaign_lock.hpp"
#include "storage/detail/sqlite.hpp"
#include "storage/plain_files.hpp"
#include "storage/status_file.hpp"
#include "storage_testing.hpp"

using namespace hullscan;
using namespace hullscan::test;
using Catch::Contains;

namespace {

constexpr const char* kNoPromises =
    "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = replace(replace(sql, ') STRICT', ')'), 'NOT NULL', "
    "''); "
    "PRAGMA writable_schema = RESET; PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF;";

/// A database with one of each, changed by `sql` behind the back of its schema.
class ChangedDatabase : public TemporaryFolder {
 public:
  explicit ChangedDatabase(const std::string& sql) {
    {
      auto store = CampaignStore::create_or_open(path(), sample_campaign());
      store.begin_pass(0, 0, {});
      const WorkUnit unit{0, {0, 0, 0}, {}, {}};
      const auto units = store.add_units(0, std::span(&unit, 1));
      UnitScored scored;
      scored.unit = units.front();
      scored.orbits = scored.labelled = 3;
      scored.shards = {ShardReceipt{"units/p0-0-0-0-u1-00000000.h5", 10, "00", 3}};
      store.finish_unit(0, scored, 0);
      store.begin_round(0, "initial");
      store.add_tasks(0, std::vector{sample_task("a")});
      store.record("a", TaskPrepared{1}, at_s(0));
      store.accept("a", 1, sample_result(), 60, at_s(1));
      store.judge("a", {at_s(2), JudgementKind::kSuspected, "hullscan", "far out"});
    }
    sqlite::Database database(path() / "campaign.db", sqlite::Access::kReadWrite);
    database.execute(kNoPromises);
    database.execute(sql.c_str());
  }
};

void read_everything(const CampaignStore& store) {
  (void)store.identity();
  (void)store.tasks();
  (void)store.events("a");
  (void)store.task_counts();
  (void)store.rounds();
  (void)store.shards();
  (void)store.finished_units(0);
  (void)store.unit_totals(0);
  (void)store.pass(0);
}

}  // namespace

TEST_CASE("a row that holds something else than it should is named with table, column and what was found",
          "[storage][untrusted]") {
  const std::vector<std::pair<std::string, std::vector<std::string>>> changes = {
      {"UPDATE task SET occupation = NULL", {"table task", "occupation", "NULL"}},
      {"UPDATE task SET occupation = 'text'", {"table task", "occupation", "expected bytes", "a text"}},
      {"UPDATE task SET space = -1", {"table task", "space", "-1"}},
      {"UPDATE task SET composition = 4294967296", {"table task", "composition", "4294967296"}},
      {"UPDATE task SET degeneracy = 0.5", {"table task", "degeneracy", "a whole number"}},
      {"UPDATE task SET key = '../../escaped'", {"table task", "key", "../../escaped"}},
      {"UPDATE task SET state = 99", {"table task", "state", "99"}},
      {"UPDATE task SET state = 4294967297", {"table task", "state", "4294967297"}},
      {"UPDATE task SET structure = x'00'", {"table task", "structure", "damaged"}},
      {"UPDATE task SET structure = zeroblob(1000000)", {"table task", "structure", "damaged"}},
      {"UPDATE task SET predicted = 9e999", {"table task", "predicted", "inf"}},
      {"UPDATE task SET settings = '[]'", {"table task", "settings", "damaged"}},
      {"UPDATE result SET energy_ev = NULL", {"table result", "energy_ev", "NULL"}},
      {"UPDATE result SET energy_ev = -9e999", {"table result", "energy_ev", "inf"}},
      {"UPDATE result SET forces = x'0000000000000000'", {"table result", "forces"}},
      {"UPDATE result SET stress = x''", {"table result", "stress"}},
      {"UPDATE result SET hull_keys = '{\"a\": 1}'", {"table result", "hull_keys"}},
      {"UPDATE attempt SET number = -2147483649", {"table attempt", "number", "-2147483649"}},
      {"UPDATE attempt SET prepared_ms = 9223372036854775807", {"table attempt", "prepared_ms"}},
      {"UPDATE judgement SET kind = 6", {"table judgement", "kind", "6"}},
      {"UPDATE judgement SET at_ms = -1", {"table judgement", "at_ms", "-1"}},
      {"UPDATE task_event SET kind = 1000", {"task_event", "1000"}},
      {"UPDATE unit SET begin_at = x'000000'", {"table unit", "begin_at", "3 bytes"}},
      {"UPDATE unit SET end_at = 7", {"table unit", "end_at", "expected bytes"}},
      {"UPDATE unit SET supercell = 9223372036854775807", {"supercell", "9223372036854775807"}},
      {"UPDATE shard SET file = '../../other.h5'", {"file", "../../other.h5"}},
      {"UPDATE shard SET file = 'units/../x.h5'", {"file", "units/../x.h5"}},
      {"UPDATE pass SET number = 2147483647; UPDATE unit SET pass = 2147483647",
       {}},  // another pass: nothing of pass 0 is there
      {"UPDATE round SET policy = x'ff'", {"table round", "policy", "expected a text"}},
  };
  for (const auto& [sql, words] : changes) {
    INFO(sql);
    const ChangedDatabase changed(sql);
    const auto store = CampaignStore::open_read_only(changed.path());
    if (words.empty()) {
      CHECK_THROWS_AS(store.current_pass(), StorageError);
      continue;
    }
    std::string said;
    try {
      read_everything(store);
    } catch (const StorageError& error) {
      said = error.what();
    }
    for (const std::string& word : words) CHECK_THAT(said, Contains(word));
  }
}

TEST_CASE("what is not a file is refused before it is opened, a link is not written through", "[storage][untrusted]") {
  const ChangedDatabase made("SELECT 1");
  const fs::path outside = made.path().string() + ".outside";
  write_file(outside, "mine");
  const auto said_with = [&](const std::string& name, const auto& make) {
    const fs::path file = made.path() / name;
    fs::create_directories(file.parent_path());
    fs::remove(file);
    make(file);
    std::string said;
    try {
      (void)CampaignStore::open_read_only(made.path());
    } catch (const StorageError& error) {
      said = error.what();
    }
    CHECK_THROWS_AS(CampaignLock(made.path()), StorageError);
    CHECK_THROWS_AS(read_status(made.path()), StorageError);
    fs::remove(file);
    return said;
  };
  const auto pipe = [](const fs::path& file) { REQUIRE(::mkfifo(file.c_str(), 0644) == 0); };
  for (const char* name :
       {"campaign.lock", "status.json", "inputs/campaign.toml", "report/report.json", "models/p0.model"})
    CHECK_THAT(said_with(name, pipe), Contains(name) && Contains("a pipe"));
  CHECK_THAT(said_with("status.json", [](const fs::path& file) { fs::create_symlink("/dev/zero", file); }),
             Contains("a device"));
  CHECK_THAT(said_with("hullscan.log", [](const fs::path& file) { fs::create_symlink("nowhere", file); }),
             Contains("link"));
  CHECK_THAT(said_with("campaign.lock", [&](const fs::path& file) { fs::create_symlink(outside, file); }),
             Contains("a link"));
  CHECK(read_file(outside) == "mine");
  fs::remove(outside);
  CHECK_NOTHROW(require_plain_files(made.path()));
}
