#include "storage/detail/sqlite.hpp"
#include "storage_testing.hpp"

using namespace hullscan;
using namespace hullscan::test;

namespace {

void fill_with_judgements(CampaignStore& store) {
  store.begin_round(0, "initial");
  store.add_tasks(0, std::vector{sample_task("a")});
  store.record("a", TaskPrepared{1}, at_s(0));
  store.accept("a", 1, sample_result(), 60, at_s(1));
}

Judgement said(int second, JudgementKind kind, const std::string& who = "hullscan",
               const std::string& why = "far out") {
  return {at_s(second), kind, who, why};
}

/// What a changed database says of the result.
std::optional<TaskResult> result_after(const std::string& sql) {
  const TemporaryFolder folder;
  {
    auto store = CampaignStore::create_or_open(folder.path(), sample_campaign());
    fill_with_judgements(store);
  }
  {
    sqlite::Database database(folder.path() / "campaign.db", sqlite::Access::kReadWrite);
    database.execute(sql.c_str());
  }
  return CampaignStore::open_read_only(folder.path()).task("a")->result;
}

}  // namespace

TEST_CASE("whether a result counts is the fold of what was said of it", "[storage][judgement]") {
  auto store = CampaignStore::in_memory(sample_campaign());
  fill_with_judgements(store);
  CHECK(store.task("a")->counts());

  store.judge("a", said(2, JudgementKind::kSuspected));
  CHECK(store.task("a")->standing() == Standing::kSuspect);
  CHECK_FALSE(is_decided(store.task("a")->judgements));
  store.judge("a", said(3, JudgementKind::kReleased));
  CHECK(store.task("a")->counts());
  store.judge("a", said(4, JudgementKind::kExcluded, "ann@host", "wrong magnetic order"));
  CHECK(store.task("a")->standing() == Standing::kExcluded);
  CHECK(is_decided(store.task("a")->judgements));
  store.judge("a", said(5, JudgementKind::kIncluded, "ann@host"));
  CHECK(store.task("a")->counts());
  CHECK_FALSE(is_decided(store.task("a")->judgements));
  store.judge("a", said(6, JudgementKind::kAccepted, "ann@host"));
  CHECK(is_decided(store.task("a")->judgements));

  const auto all = store.task("a")->judgements;
  REQUIRE(all.size() == 5);
  CHECK(all[2].who == "ann@host");
  CHECK(all[2].why == "wrong magnetic order");
  CHECK(all[2].at == at_s(4));
}

TEST_CASE("what was said last is not said again", "[storage][judgement]") {
  auto store = CampaignStore::in_memory(sample_campaign());
  fill_with_judgements(store);
  store.judge("a", said(2, JudgementKind::kSuspected));
  store.judge("a", said(9, JudgementKind::kSuspected));
  CHECK(store.task("a")->judgements.size() == 1);
}

TEST_CASE("only a result is judged", "[storage][judgement]") {
  auto store = CampaignStore::in_memory(sample_campaign());
  store.begin_round(0, "initial");
  store.add_tasks(0, std::vector{sample_task("a")});
  CHECK_THROWS_AS(store.judge("a", said(1, JudgementKind::kExcluded)), Error);
  CHECK_THROWS_AS(store.judge("b", said(1, JudgementKind::kExcluded)), InputError);
}

TEST_CASE("a result that is not what was accepted is known by its checksum", "[storage][judgement]") {
  CHECK(result_after("SELECT 1")->as_accepted);
  for (const char* change :
       {"energy_ev = energy_ev + 1e-9", "structure = (SELECT task.structure FROM task WHERE task.id = result.task)",
        "stress = NULL", "forces = NULL", "magnetization = 0.5", "hull_keys = '{}'", "wall_s = 61",
        "calculation = 'scf'", "code_wall_s = NULL"}) {
    INFO(change);
    CHECK_FALSE(result_after(std::string("UPDATE result SET ") + change)->as_accepted);
  }
}

TEST_CASE("a result of an older hullscan gets the checksum of what is stored", "[storage][judgement]") {
  const TemporaryFolder folder;
  auto store = CampaignStore::create_or_open(folder.path(), sample_campaign());
  fill_with_judgements(store);
  const std::string checksum = store.task("a")->result->checksum;
  REQUIRE(checksum.size() == 32);
  {
    sqlite::Database database(folder.path() / "campaign.db", sqlite::Access::kReadWrite);
    database.execute("UPDATE result SET checksum = ''");
  }
  CHECK(store.task("a")->result->as_accepted);

  store.settle_checksum("a");

  CHECK(store.task("a")->result->checksum == checksum);
}

TEST_CASE("a pass begun again has the other model and nothing of the first", "[storage][judgement]") {
  auto store = CampaignStore::in_memory(sample_campaign());
  store.begin_pass(0, kModel, {});
  const auto units = store.add_units(0, std::vector{whole_stratum(0)});
  store.finish_unit(0, scored(units[0]), 5);
  store.finish_pass(0);

  const std::vector<std::byte> model{std::byte{3}};
  store.begin_pass_again(0, 77, model);

  CHECK(store.current_pass()->model_hash == 77);
  CHECK(store.current_pass()->model == model);
  CHECK_FALSE(store.pass_complete(0));
  CHECK(store.finished_units(0).empty());
}

TEST_CASE("a finished round is revised, an open one is not", "[storage][judgement]") {
  auto store = CampaignStore::in_memory(sample_campaign());
  store.begin_round(0, "initial");
  CHECK_THROWS_AS(store.revise_round(0, "[]", "{}"), Error);
  store.finish_round(0, "[1]", "{}");
  store.revise_round(0, "[2]", "{\"a\":1}");
  CHECK(store.rounds()[0].fit == "[2]");
}
