// tests/data/storage/campaign-vN.db was written by the first hullscan whose databases have format N. Every later one
// must open it and find in it what `fill` stores. HULLSCAN_WRITE_GOLDEN=FILE writes such a database anew.
#include "core/hash.hpp"
#include "storage/detail/schema.hpp"
#include "storage/detail/sqlite.hpp"
#include "storage/stored_identity.hpp"
#include "storage_testing.hpp"

using namespace hullscan;
using namespace hullscan::test;

namespace {

void fill(CampaignStore& store) {
  store.remember("counts", "{\"total\":\"70\"}");
  store.begin_pass(0, kModel, std::vector<std::byte>{std::byte{1}, std::byte{2}});
  const auto units = store.add_units(0, std::vector{whole_stratum(0), whole_stratum(1)});
  UnitScored result = scored(units[0]);
  result.unit.end = {1, 2};
  result.remainder = {{0, units[0].stratum, {1, 2}, {}}};
  result.kept = {{units[0].stratum, {0, 1}, 6, -1234567890123}};
  result.shards = {{"units/p0-0-0-0-u1-00000000.h5", 1000, "00000000000000000000000000000000", 10}};
  store.finish_unit(0, result, 5);
  store.begin_round(0, "initial");
  store.add_tasks(0, std::vector{sample_task("a"), sample_task("b")});
  store.record("a", TaskPrepared{1}, at_s(0));
  store.record("a", TaskStarted{1, "4711"}, at_s(1));
  store.record("a", TaskRefused{1, "not converged", true}, at_s(2));
  store.begin_attempt("a", {2, "tasks/a/2", sample_settings(), "softer-mixing", "beta 0.3"}, at_s(3));
  store.accept("a", 2, sample_result(), 60, at_s(4));
  store.finish_round(0, "{\"rmse\":1}", "{}");
}

/// The golden files have STRICT tables.
bool golden_files_can_be_read() {
  if (sqlite::knows_strict_tables()) return true;
  WARN("SKIPPED: SQLite " << sqlite3_libversion() << " cannot read what 3.37 and newer make");
  return false;
}

std::filesystem::path golden_file(int format) {
  return std::filesystem::path(HULLSCAN_TEST_DATA) / "storage" / ("campaign-v" + std::to_string(format) + ".db");
}

}  // namespace

TEST_CASE("a database of every format says which campaign it holds, and stays as it is", "[storage][golden]") {
  if (!golden_files_can_be_read()) return;
  const int format = GENERATE(1, 2, 3, 4, 5);
  INFO("format " << format);
  const TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "campaign.db";
  std::filesystem::copy_file(golden_file(format), file);
  const std::string before = file_hash128_hex(file);

  CHECK(stored_identity(folder.path()) == sample_campaign());
  CHECK(file_hash128_hex(file) == before);
  CHECK_FALSE(stored_identity(folder.path() / "elsewhere").has_value());
}

TEST_CASE("a database of every format opens and holds what was stored", "[storage][golden]") {
  if (!golden_files_can_be_read()) return;
  const int format = GENERATE(1, 2, 3, 4, 5);
  INFO("format " << format);
  const TemporaryFolder folder;
  if (const char* target = std::getenv("HULLSCAN_WRITE_GOLDEN"); target != nullptr && format == kSchemaVersion) {
    {
      auto store = CampaignStore::create_or_open(folder.path() / "new", sample_campaign());
      fill(store);
    }
    std::filesystem::copy_file(folder.path() / "new" / "campaign.db", target);
  }
  std::filesystem::copy_file(golden_file(format), folder.path() / "campaign.db");
  auto wanted = CampaignStore::in_memory(sample_campaign());
  fill(wanted);

  auto store = CampaignStore::create_or_open(folder.path(), sample_campaign());

  CHECK(store.check_integrity().empty());
  CHECK(store.identity() == wanted.identity());
  CHECK(store.recall("counts") == wanted.recall("counts"));
  CHECK(store.current_pass()->model == wanted.current_pass()->model);
  CHECK(store.current_pass()->model_hash == kModel);
  CHECK(store.open_units(0) == wanted.open_units(0));
  CHECK(store.candidates(0) == wanted.candidates(0));
  REQUIRE(store.shards().size() == 1);
  CHECK(store.shards()[0].receipt == wanted.shards()[0].receipt);
  CHECK(store.unit_totals(0).at({0, 0, 0}).labelled == 40);
  CHECK(store.rounds().at(0).fit == "{\"rmse\":1}");
  const auto a = store.task("a");
  REQUIRE(a.has_value());
  CHECK(a->state == TaskState::kConverged);
  CHECK(a->task.structure == sample_task("a").structure);
  CHECK(a->task.settings == sample_settings());
  CHECK(a->attempts.size() == 2);
  CHECK(a->attempts[0].outcome == "not converged");
  CHECK(a->attempts[1].handler == "softer-mixing");
  CHECK(a->result->converged.energy_ev == sample_result().energy_ev);
  CHECK(a->result->converged.structure == sample_result().structure);
  CHECK(a->result->converged.hull_keys == sample_result().hull_keys);
  CHECK(store.events("a").size() == 5);
  CHECK(store.task("b")->state == TaskState::kSelected);
}

TEST_CASE("a database of a later format is refused, not touched", "[storage][golden]") {
  if (!golden_files_can_be_read()) return;
  const TemporaryFolder folder;
  std::string bytes = file_text(golden_file(2));
  bytes[63] = 99;  // user_version, big-endian at offset 60: https://sqlite.org/fileformat2.html
  overwrite(folder.path() / "campaign.db", bytes);

  const auto message =
      message_of<StorageError>([&] { (void)CampaignStore::create_or_open(folder.path(), sample_campaign()); });

  CHECK_THAT(message, Catch::Contains("written by a newer hullscan (format 99"));
  CHECK(file_text(folder.path() / "campaign.db") == bytes);
}
