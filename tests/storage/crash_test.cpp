// The process is killed at every named point; what was acknowledged before must be there after, whole.
#include <fstream>

#include "storage/shard_ledger.hpp"
#include "storage/shard_reader.hpp"
#include "storage/shard_writer.hpp"
#include "storage_testing.hpp"

using namespace hullscan;
using namespace hullscan::test;

namespace {

constexpr int kUnits = 4;

/// Appends a line to a file that the parent reads: what the child was told is stored.
void acknowledge(const std::filesystem::path& folder, const std::string& what) {
  std::ofstream(folder / "acknowledged", std::ios::app) << what << std::endl;
}

int acknowledged(const std::filesystem::path& folder, const std::string& what) {
  std::ifstream stream(folder / "acknowledged");
  int count = 0;
  for (std::string line; std::getline(stream, line);) count += line == what ? 1 : 0;
  return count;
}

/// A small campaign from wherever it stands to its end; the same call resumes it.
void run_campaign(const std::filesystem::path& folder) {
  const auto directory = folder / "run";
  auto store = CampaignStore::create_or_open(directory, sample_campaign());
  sweep_unrecorded(directory, store.shards());
  store.begin_pass(0, kModel, {});
  const auto archive = std::make_shared<ShardArchive>(directory);
  std::vector<WorkUnit> strata;
  for (std::uint32_t i = 0; i < kUnits; ++i) strata.push_back(whole_stratum(i));
  store.add_units(0, strata);
  while (!store.open_units(0).empty()) {
    const WorkUnit unit = store.open_units(0).front();
    WorkUnit done = unit;
    if (unit.begin.empty()) done.end = {5};
    ShardWriter writer(archive, "6f1c", 0);
    writer.begin(unit, kModel);
    for (int i = 0; i < 10; ++i) writer.add(4, i);
    UnitScored result = scored(done);
    result.shards = {writer.publish(done)};
    result.kept = {{unit.stratum, {static_cast<std::uint8_t>(unit.begin.empty() ? 0 : 1)}, 4, 17}};
    if (unit.begin.empty()) result.remainder = {{0, unit.stratum, {5}, {}}};
    if (store.finish_unit(0, result, 3).counted) acknowledge(folder, "unit");
  }
  store.finish_pass(0);
  store.begin_round(0, "initial");
  store.add_tasks(0, std::vector{sample_task("a"), sample_task("b")});
  for (const std::string key : {"a", "b"}) {
    auto task = *store.task(key);
    if (is_final(task.state)) continue;
    if (task.state == TaskState::kPrepared || task.state == TaskState::kRunning) {
      store.record(key, TaskLost{task.attempts.back().number, "killed"}, at_s(0));
      task = *store.task(key);
    }
    const int attempt = static_cast<int>(task.attempts.size()) + 1;
    store.record(key, TaskPrepared{attempt}, at_s(1));
    store.record(key, TaskStarted{attempt, "1"}, at_s(2));
    if (store.accept(key, attempt, sample_result(), 1, at_s(3))) acknowledge(folder, "result");
  }
  store.finish_round(0, "{}", "{}");
}

struct Books {
  int units = 0;
  int results = 0;
};

/// Checks everything that must hold at any instant.
Books check_books(const std::filesystem::path& folder) {
  Books books;
  const auto directory = folder / "run";
  if (!std::filesystem::exists(directory / "campaign.db")) return books;
  auto store = CampaignStore::create_or_open(directory, sample_campaign());
  CHECK(store.check_integrity().empty());
  CHECK(verify_shards(directory, store.shards()).empty());
  for (const auto& [stratum, totals] : store.unit_totals(0)) {
    books.units += static_cast<int>(totals.done);
    CHECK(totals.orbits == 10 * totals.done);
  }
  CHECK(static_cast<int>(store.shards().size()) == books.units);
  CHECK(static_cast<int>(store.candidates(0).size()) == books.units);
  for (const TaskRecord& task : store.tasks()) {
    CHECK((task.state == TaskState::kConverged) == task.result.has_value());
    if (task.result) ++books.results;
  }
  return books;
}

void crash_and_resume(const std::string& point) {
  INFO(point);
  const TemporaryFolder folder;
  REQUIRE(was_killed(in_child(point, [&] { run_campaign(folder.path()); })));

  const Books after_crash = check_books(folder.path());
  CHECK(after_crash.units >= acknowledged(folder.path(), "unit"));
  CHECK(after_crash.results >= acknowledged(folder.path(), "result"));

  REQUIRE(ended_with(in_child("", [&] { run_campaign(folder.path()); }), 0));
  const Books at_end = check_books(folder.path());
  CHECK(at_end.units == 2 * kUnits);
  CHECK(at_end.results == 2);
  CHECK(names_in(folder.path() / "run" / "units").size() <= 2);  // of the killed process, of the other
}

}  // namespace

TEST_CASE("killed at any named point, a campaign loses nothing acknowledged and ends the same", "[storage][crash]") {
  for (const std::string point :
       {"store.opened", "schema.step", "store.ready", "transaction.begun", "transaction.before-commit",
        "transaction.committed", "add-units.middle", "finish-units.middle", "finish-units.middle:6", "shard.created",
        "shard.half-written:3", "shard.written:2", "shard.synced", "shard.synced:8", "add-tasks.middle:2",
        "task.event-appended:2", "task.accept.middle", "task.accept.middle:2"}) {
    crash_and_resume(point);
  }
}

TEST_CASE("killed around any transaction, a campaign loses nothing acknowledged and ends the same",
          "[storage][crash]") {
  const TemporaryFolder undisturbed;
  REQUIRE(ended_with(in_child("", [&] { run_campaign(undisturbed.path()); }), 0));
  REQUIRE(ended_with(in_child("transaction.before-commit:24", [&] { run_campaign(undisturbed.path()); }), 0));
  for (int passing = 1; passing <= 21; passing += 2) {
    crash_and_resume("transaction.before-commit:" + std::to_string(passing));
    crash_and_resume("transaction.committed:" + std::to_string(passing + 1));
  }
}
