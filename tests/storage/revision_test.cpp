// Revisions of the campaign file in the store: one transaction, nothing that is known is lost.
#include "storage/stored_identity.hpp"
#include "storage_testing.hpp"

using namespace hullscan;
using namespace hullscan::test;

namespace {

RevisionChange sample_change() {
  RevisionChange change;
  change.campaign = sample_campaign();
  change.campaign.identity = "7a2d";
  change.campaign.text = "name = \"Al-Ni\"\nseed = 8\n";
  change.at = at_s(60);
  change.changes = {"seed: 7 → 8"};
  change.inputs = "revision-2";
  return change;
}

}  // namespace

TEST_CASE("a campaign begins with its first revision", "[storage][revision]") {
  const auto store = CampaignStore::in_memory(sample_campaign());
  const auto revisions = store.revisions();
  REQUIRE(revisions.size() == 1);
  CHECK(revisions[0].number == 1);
  CHECK(revisions[0].identity == sample_campaign().identity);
  CHECK(revisions[0].first == 0);
  CHECK(revisions[0].inputs.empty());
}

TEST_CASE("a revision replaces the identity and keeps every earlier text", "[storage][revision]") {
  const TemporaryFolder folder;
  auto store = CampaignStore::create_or_open(folder.path() / "c", sample_campaign());
  CHECK(store.revise(sample_change()) == 2);
  CHECK(store.identity().identity == "7a2d");
  const auto revisions = store.revisions();
  REQUIRE(revisions.size() == 2);
  CHECK(revisions[0].text == sample_campaign().text);
  CHECK(revisions[1].text == sample_change().campaign.text);
  CHECK(revisions[1].changes == sample_change().changes);
  CHECK(revisions[1].at == at_s(60));
  CHECK(stored_inputs_folder(folder.path() / "c") == "revision-2");
}

TEST_CASE("a calculation outside takes no part and is not forgotten", "[storage][revision]") {
  auto store = CampaignStore::in_memory(sample_campaign());
  store.begin_round(0, "initial");
  store.add_tasks(0, std::vector{sample_task("a"), sample_task("b")});
  store.record("a", TaskPrepared{1}, at_s(0));
  store.record("a", TaskStarted{1, "4711"}, at_s(1));
  store.accept("a", 1, sample_result(), 60, at_s(4));
  RevisionChange change = sample_change();
  change.first = 1;
  change.placements = {{"a", Outside::kOtherSettings, {0, 1, 2}, {0, 1, 1, 0}, 12},
                       {"b", Outside::kNo, {1, 0, 3}, {1, 1}, 2}};
  store.revise(change);

  const auto inside = store.tasks();
  REQUIRE(inside.size() == 1);
  CHECK(inside[0].task.key == "b");
  CHECK(inside[0].task.stratum == Stratum{1, 0, 3});
  CHECK(inside[0].task.occupation == std::vector<std::uint8_t>{1, 1});
  CHECK(store.outside_count() == 1);
  CHECK(store.task_counts() == std::map<TaskState, int>{{TaskState::kSelected, 1}});
  const auto all = store.tasks({.round = {}, .states = {}, .outside = true});
  REQUIRE(all.size() == 2);
  CHECK(all[0].outside == Outside::kOtherSettings);
  CHECK(all[0].result->converged.energy_ev == sample_result().energy_ev);
  CHECK(store.rounds().back().finished);  // passes and rounds begin anew
  CHECK(store.revision().first == 1);
  store.begin_round(1, "end members");
  store.add_tasks(1, std::vector{sample_task("c")});
  CHECK(store.task("a")->revision == 1);
  CHECK(store.task("c")->revision == 2);
  CHECK(store.check_integrity().empty());
}

TEST_CASE("a survey that stays is the new revision's", "[storage][revision]") {
  auto store = CampaignStore::in_memory(sample_campaign());
  store.begin_pass(0, kModel, {});
  for (const WorkUnit& unit : store.add_units(0, std::vector{whole_stratum(0)})) store.finish_unit(0, scored(unit), 5);
  store.finish_pass(0);
  store.remember("pass 0 temperatures", "[300]");
  RevisionChange change = sample_change();
  change.first = 3;
  change.survey_stays = true;
  store.revise(change);

  CHECK_FALSE(store.pass(0).has_value());
  CHECK(store.pass_complete(3));
  CHECK(store.unit_totals(3).size() == 1);
  CHECK(store.recall("pass 3 temperatures") == "[300]");
  CHECK_FALSE(store.recall("pass 0 temperatures").has_value());
  CHECK(store.check_integrity().empty());
}

TEST_CASE("a pass that is repeated keeps its model, one that is forgotten does not", "[storage][revision]") {
  auto store = CampaignStore::in_memory(sample_campaign());
  store.begin_pass(0, kModel, {});
  store.finish_pass(0);
  store.begin_pass(1, kModel, std::vector<std::byte>{std::byte{1}});
  store.finish_pass(1);
  RevisionChange change = sample_change();
  change.repeated_passes = {1};
  store.revise(change);
  CHECK(store.pass(1)->model.size() == 1);
  CHECK_FALSE(store.pass_complete(1));
  change.repeated_passes = {};
  change.forgotten_passes = {1};
  store.revise(change);
  CHECK_FALSE(store.pass(1).has_value());
  CHECK(store.pass_complete(0));
}
