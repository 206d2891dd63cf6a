// The best structures of a campaign, called as a function.
#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <set>

#include "campaign/report/make_report.hpp"
#include "campaign/top.hpp"
#include "small_campaign.hpp"

using namespace hullscan;
using namespace hullscan::test;
using Catch::Contains;

namespace {

TopList top_of(const fs::path& directory, const TopRequest& request) {
  const CampaignStore store = CampaignStore::open_read_only(directory);
  const LoadedCampaign loaded = load_stored_campaign(directory);
  const CampaignView view = view_of(loaded.campaign, loaded.spaces);
  return find_top(view, loaded.spaces, store, make_report(view, loaded.spaces, store), request);
}

/// Rock salt whose anions are bromine and iodine in a row of primitive cells, scored by charges alone.
fs::path write_halides(const fs::path& directory, const std::string& iodine_charge) {
  write_file(directory / "salt.vasp",
             "rock salt\n1.0\n0 3.1 3.1\n3.1 0 3.1\n3.1 3.1 0\nNa Br\n1 1\nDirect\n0 0 0\n0.5 0.5 0.5\n");
  write_file(directory / "campaign.toml",
             "name = \"halides\"\n[[space]]\nname = \"salt\"\nstructure = \"salt.vasp\"\nsupercell = [1, 1, 14]\n"
             "[[space.sublattice]]\nsites = \"Br\"\nname = \"X\"\nspecies = { Br = 7, I = \"rest\" }\n"
             "[[surrogate]]\nkind = \"electrostatic\"\noxidation = { Na = 1, Br = -1, I = " +
                 iodine_charge + " }\n[run]\nkeep = \"all\"\n");
  return directory / "campaign.toml";
}

}  // namespace

TEST_CASE("the best results of a campaign come first, by distance to the hull", "[campaign][top]") {
  const CalculatedCampaign campaign;

  const TopList top = top_of(campaign.directory(), {.count = 4});

  CHECK(top.above_hull);
  REQUIRE(top.structures.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(top.structures[i].rank == i + 1);
    CHECK(top.structures[i].calculated());
    CHECK(top.structures[i].above_ev_per_atom == Approx(0).margin(1e-9));  // the energies' formula is convex
    CHECK(top.structures[i].structure.composition() == top.structures[i].composition);
  }
}

TEST_CASE("the best of each composition are ranked within it, and no composition is left out", "[campaign][top]") {
  const CalculatedCampaign campaign;

  const TopList top = top_of(campaign.directory(), {.count = 1, .per_composition = true});

  std::set<std::string> formulas;
  for (const TopStructure& one : top.structures) {
    CHECK(one.rank == 1);
    formulas.insert(one.composition.reduced().formula());
  }
  CHECK(formulas == std::set<std::string>{"Al", "Al2Ni", "AlNi", "AlNi2", "Ni"});
  CHECK(top.structures.size() == formulas.size());
}

TEST_CASE("one composition may be asked for, in any multiple", "[campaign][top]") {
  const CalculatedCampaign campaign;

  const TopList top = top_of(campaign.directory(), {.only = Composition::from_formula("Al4Ni2").reduced()});

  CHECK(top.structures.size() == 3);  // fcc has three orderings of AB2 in three atoms
  for (const TopStructure& one : top.structures) CHECK(one.composition.reduced().formula() == "Al2Ni");
  CHECK_THAT(
      refusal<InputError>([&] { (void)top_of(campaign.directory(), {.only = Composition::from_formula("AlNi5")}); }),
      Contains("no ranked structure has the composition AlNi5"));
}

TEST_CASE("a file is named by rank, formula and space group", "[campaign][top]") {
  const CalculatedCampaign campaign;

  const TopList top = top_of(campaign.directory(), {.count = 10});

  std::set<std::string> names;
  for (const TopStructure& one : top.structures) {
    names.insert(one.file_stem());
    const std::string formula = one.composition.reduced().formula();
    // The fcc elements are Fm-3m; AlNi in two atoms is L1_0 or L1_1; none is less symmetric than monoclinic.
    if (formula == "Al" || formula == "Ni") CHECK_THAT(one.file_stem(), Contains("_" + formula + "_225_Fm-3m"));
    REQUIRE(one.space_group_number);
    if (formula == "AlNi") CHECK((one.space_group_number == 123 || one.space_group_number == 166));
    CHECK_THAT(one.file_stem(), !Contains("/"));
  }
  CHECK(names.size() == top.structures.size());
  CHECK_THAT(*names.begin(), Catch::StartsWith("01_"));
}

TEST_CASE("a result that is excluded is none of the best", "[campaign][top]") {
  const CalculatedCampaign campaign;
  const TopList before = top_of(campaign.directory(), {.count = 100});
  {
    CampaignStore store = CampaignStore::open_existing(campaign.directory());
    const auto tasks = store.tasks();
    const auto mixed = std::find_if(tasks.begin(), tasks.end(), [](const TaskRecord& task) { return task.round > 0; });
    REQUIRE(mixed != tasks.end());
    store.judge(mixed->task.key, {Instant(std::chrono::seconds(1'900'000'000)), JudgementKind::kExcluded, "me", "no"});
  }

  CHECK(top_of(campaign.directory(), {.count = 100}).structures.size() == before.structures.size() - 1);
}

TEST_CASE("a campaign that only scores is ranked above the lowest, and a tie of more than was kept is named",
          "[campaign][top]") {
  TemporaryFolder folder;
  run_campaign(write_halides(folder.path(), "-1"), folder.path() / "c");

  const TopList top = top_of(folder.path() / "c", {.count = 3});

  CHECK_FALSE(top.above_hull);
  REQUIRE(top.structures.size() == 3);
  for (const TopStructure& one : top.structures) {
    CHECK_FALSE(one.calculated());
    CHECK(one.above_ev_per_atom == Approx(0).margin(1e-6));
  }
  REQUIRE(top.remarks.size() == 1);
  CHECK_THAT(top.remarks[0], Contains("orbits have the same energy: the model cannot tell Br from I"));
}

TEST_CASE("where the charges differ the model tells species apart, and nothing is said of ties", "[campaign][top]") {
  TemporaryFolder folder;
  run_campaign(write_halides(folder.path(), "-0.5"), folder.path() / "c");

  const TopList top = top_of(folder.path() / "c", {.count = 5});

  CHECK(top.remarks.empty());
  CHECK(top.structures.front().above_ev_per_atom == 0);
  CHECK(top.structures.back().above_ev_per_atom > 0);
  CHECK(std::is_sorted(top.structures.begin(), top.structures.end(), [](const TopStructure& a, const TopStructure& b) {
    return a.above_ev_per_atom < b.above_ev_per_atom;
  }));
}

TEST_CASE("a campaign without a model and without results is not ranked, and says why", "[campaign][top]") {
  const EnumeratedCampaign campaign;

  CHECK_THAT(refusal<InputError>([&] { (void)top_of(campaign.directory(), {}); }), Contains("no [[surrogate]]"));
  CHECK_THAT(refusal<InputError>([&] { (void)top_of(campaign.directory(), {.by = TopBy::kCalculated}); }),
             Contains("nothing was calculated"));
}
