// A campaign file that changes: what is known stays, what is asked follows.
#include "campaign/change_plan.hpp"

#include <catch2/catch.hpp>
#include <set>

#include "campaign/report/make_report.hpp"
#include "small_campaign.hpp"

namespace hullscan {
namespace {

using namespace test;
using Catch::Contains;

/// The file of the finished campaign with one text replaced, beside its structure.
fs::path file_with(const FinishedCopy& campaign, const std::string& before, const std::string& after) {
  std::string text = read_file(campaign.directory() / "inputs" / "campaign.toml");
  const auto at = text.find(before);
  REQUIRE(at != std::string::npos);
  text.replace(at, before.size(), after);
  fs::copy_file(campaign.directory() / "inputs" / "space0-fcc.cif", campaign.folder() / "fcc.cif",
                fs::copy_options::overwrite_existing);
  // The calculator is named relative to the campaign's file; nothing is to be calculated again, or it is not found.
  write_file(campaign.folder() / "campaign.toml", text);
  return campaign.folder() / "campaign.toml";
}

std::optional<ChangePlan> plan_of(const FinishedCopy& campaign, const fs::path& file) {
  const ResolvedCampaign resolved = resolve_campaign(file);
  const CampaignView view = view_of(resolved.campaign, resolved.spaces);
  return plan_change(campaign.directory(), campaign.store(), resolved, view, Instant(std::chrono::seconds(1)));
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

const std::string kVolumeOfFile = "volume = [1, 3]", kPairsOfFile = "pairs = 4.2",
                  kMethodOfFile = "method = \"mean field\"";

TEST_CASE("the same file changes nothing, and neither do comments", "[campaign][change]") {
  const CalculatedCampaign campaign;
  CHECK_FALSE(plan_of(campaign, file_with(campaign, kVolumeOfFile, kVolumeOfFile)));
  CHECK_FALSE(plan_of(campaign, file_with(campaign, kVolumeOfFile, kVolumeOfFile + "   # as before")));
}

TEST_CASE("a wider space keeps every calculation in its place", "[campaign][change]") {
  const CalculatedCampaign campaign;
  const auto plan = plan_of(campaign, file_with(campaign, kVolumeOfFile, "volume = [1, 4]"));
  REQUIRE(plan);
  CHECK(plan->differs == std::vector<std::string>{"space \"fcc\": volume: [1, 3] → [1, 4]"});
  CHECK(plan->change.first.has_value());
  CHECK_FALSE(plan->change.survey_stays);
  for (const TaskPlacement& placement : plan->change.placements) CHECK(placement.outside == Outside::kNo);
  // Pure Al, pure Ni, then 2, 6 and 19 superstructures of two, three and four atoms: Hart & Forcade, Phys. Rev. B 77,
  // 224115 (2008), table IV.
  CHECK_THAT(joined(plan->effects),
             Contains("fcc: 10 of 10 calculations kept, 19 configurations more (29 instead of 10)"));
}

TEST_CASE("a narrower space leaves calculations out and forgets none", "[campaign][change]") {
  const CalculatedCampaign campaign;
  const fs::path file = file_with(campaign, kVolumeOfFile, "volume = [1, 2]");
  const auto plan = plan_of(campaign, file);
  REQUIRE(plan);
  CampaignStore store = CampaignStore::open_existing(campaign.directory());
  CHECK(store.revise(plan->change) == 2);
  CHECK(store.tasks().size() < 10);
  CHECK(store.tasks().size() + store.outside_count() == 10);
  for (const TaskRecord& task : store.tasks({.round = {}, .states = {}, .outside = true})) {
    CHECK(task.result.has_value());
    CHECK((task.outside == Outside::kNo) == (task.task.structure.atom_count() <= 2));
  }
  CHECK(store.check_integrity().empty());
}

TEST_CASE("calculations of one crystal are not those of another", "[campaign][change]") {
  const CalculatedCampaign campaign;
  const fs::path file = file_with(campaign, kVolumeOfFile, kVolumeOfFile);
  std::string cif = read_file(campaign.folder() / "fcc.cif");
  for (const auto& [from, to] :
       std::map<std::string, std::string>{{"3.85", "3.05"}, {"F m -3 m", "I m -3 m"}, {"225", "229"}}) {
    for (auto at = cif.find(from); at != std::string::npos; at = cif.find(from, at + to.size()))
      cif.replace(at, from.size(), to);
  }
  write_file(campaign.folder() / "fcc.cif", cif);
  const auto plan = plan_of(campaign, file);
  REQUIRE(plan);
  CHECK(plan->differs == std::vector<std::string>{"space \"fcc\": its structure file has changed"});
  CHECK_THAT(joined(plan->effects), Contains("fcc: 0 of 10 calculations kept"));
}

TEST_CASE("another model is fitted again and nothing else begins anew", "[campaign][change]") {
  const CalculatedCampaign campaign;
  const auto plan = plan_of(campaign, file_with(campaign, kPairsOfFile, "pairs = 3.0"));
  REQUIRE(plan);
  CHECK_FALSE(plan->change.first);
  CHECK(plan->change.placements.empty());
  CHECK_THAT(joined(plan->effects), Contains("no calculation is made again"));
}

TEST_CASE("other settings begin a second set, and the first counts again when they return", "[campaign][change]") {
  const CalculatedCampaign campaign;
  const auto plan = plan_of(campaign, file_with(campaign, kMethodOfFile, "method = \"another\""));
  REQUIRE(plan);
  {
    CampaignStore store = CampaignStore::open_existing(campaign.directory());
    RevisionChange change = plan->change;
    change.inputs = "revision-2";
    const ResolvedCampaign resolved = resolve_campaign(campaign.folder() / "campaign.toml");
    keep_inputs(campaign.directory(), resolved.campaign, change.inputs);
    store.revise(change);
    CHECK(store.tasks().empty());
    CHECK(store.outside_count() == 10);
    CHECK(inputs_folder_name(campaign.directory()) == "revision-2");
  }
  std::string text = read_file(campaign.folder() / "campaign.toml");
  write_file(campaign.folder() / "campaign.toml", text.replace(text.find("\"another\""), 9, "\"mean field\""));
  const auto back = plan_of(campaign, campaign.folder() / "campaign.toml");
  REQUIRE(back);
  CHECK_THAT(joined(back->effects), Contains("10 calculations of an earlier campaign file count again"));
  CampaignStore store = CampaignStore::open_existing(campaign.directory());
  CHECK(store.revise(back->change) == 3);
  CHECK(store.tasks().size() == 10);
}

TEST_CASE("the order of species numbers occupations: calculations are placed anew", "[campaign][change]") {
  const CalculatedCampaign campaign;
  const fs::path file =
      file_with(campaign, "{ Al = \"0%..100%\", Ni = \"rest\" }", "{ Ni = \"rest\", Al = \"0%..100%\" }");
  const auto plan = plan_of(campaign, file);
  REQUIRE(plan);
  CampaignStore store = CampaignStore::open_existing(campaign.directory());
  store.revise(plan->change);
  const ResolvedCampaign resolved = resolve_campaign(file);
  const CampaignView view = view_of(resolved.campaign, resolved.spaces);
  const auto tasks = store.tasks();
  CHECK(tasks.size() == 10);
  std::set<std::pair<Stratum, std::vector<std::uint8_t>>> places;
  for (const TaskRecord& task : tasks) {
    places.emplace(task.task.stratum, task.task.occupation);
    // The configuration at its new place is the one that was calculated.
    CHECK(view.supercell(task.task.stratum).structure(task.task.occupation).composition() ==
          task.task.structure.composition());
  }
  CHECK(places.size() == 10);
}

TEST_CASE("keys that decide nothing are recorded and cost nothing", "[campaign][change]") {
  const CalculatedCampaign campaign;
  const auto plan = plan_of(campaign, file_with(campaign, "rounds = 1", "rounds = 4"));
  REQUIRE(plan);
  CHECK(plan->differs == std::vector<std::string>{"select.rounds: 1 → 4"});
  CHECK(plan->effects.empty());
  CHECK_FALSE(plan->change.first);
}

}  // namespace
}  // namespace hullscan
