// A report made from a store, called as a function.
#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <cmath>

#include "campaign/report/make_report.hpp"
#include "campaign/report/report_folder.hpp"
#include "scheduler/decisions/results.hpp"
#include "small_campaign.hpp"
#include "storage/detail/sqlite.hpp"

using namespace hullscan;
using namespace hullscan::test;
using Catch::Contains;

namespace {

Report report_of(const fs::path& directory, const CampaignStore& store) {
  const LoadedCampaign loaded = load_stored_campaign(directory);
  return make_report(view_of(loaded.campaign, loaded.spaces), loaded.spaces, store);
}

Report report_of(const FinishedCopy& campaign) { return report_of(campaign.directory(), campaign.store()); }

double share_of_aluminium(const Composition& composition) {
  return static_cast<double>(composition.count(Species::from_symbol("Al"))) /
         static_cast<double>(composition.atom_count());
}

void exclude(const FinishedCopy& campaign, const std::string& key, const std::string& why) {
  CampaignStore store = CampaignStore::open_existing(campaign.directory());
  const auto moment = Instant(std::chrono::seconds(1'700'000'000));
  store.judge(key, {moment, JudgementKind::kExcluded, "somebody@somewhere", why});
}

}  // namespace

TEST_CASE("the books of every composition of a space that was enumerated are closed", "[campaign][report]") {
  const EnumeratedCampaign campaign;

  const Report report = report_of(campaign);

  REQUIRE(report.content.spaces.size() == 1);
  const ReportSpace& space = report.content.spaces[0];
  CHECK(space.name == "fcc");
  CHECK(space.space_group_number == 225);
  for (const ReportSupercell& supercell : space.supercells) {
    for (const ReportComposition& composition : supercell.compositions) {
      INFO(composition.composition.formula());
      CHECK(books_of(space, composition) == Books::kClosed);
    }
  }
}

TEST_CASE("the report counts the binary structures of the fcc lattice", "[campaign][report]") {
  const EnumeratedCampaign campaign;
  std::map<int, int> supercells, orbits;  // by number of atoms

  const Report report = report_of(campaign);

  for (const ReportSupercell& supercell : report.content.spaces[0].supercells) {
    ++supercells[supercell.sites];
    for (const ReportComposition& composition : supercell.compositions)
      orbits[supercell.sites] += composition.enumerated_orbits.value().convert_to<int>();
  }
  // Hart & Forcade, Phys. Rev. B 77, 224115 (2008): fcc has 1, 2, 3 and 7 supercells of one to four atoms, and 2, 3 and
  // 12 binary structures of two to four atoms, structures that differ by an exchange of the species counted once. Here
  // they count twice, except at Al:Ni = 1:1: of the 12, one for each of the 7 supercells is 1:3, and 5 are 2:2.
  CHECK(supercells == std::map<int, int>{{1, 1}, {2, 2}, {3, 3}, {4, 7}});
  CHECK(orbits == std::map<int, int>{{1, 2}, {2, 2}, {3, 2 * 3}, {4, 2 * 7 + 5}});
}

TEST_CASE("a campaign that calculates nothing has no entries and no hull", "[campaign][report]") {
  const EnumeratedCampaign campaign;

  const Report report = report_of(campaign);

  CHECK(report.content.entries.empty());
  CHECK_FALSE(report.hull.has_value());
  CHECK(report.hull_problem.empty());  // it speaks of entries that cannot share a hull, and there are none
}

TEST_CASE("entries have the energies that were calculated, and the hull their distances", "[campaign][report]") {
  const CalculatedCampaign campaign;

  const Report report = report_of(campaign);

  REQUIRE(report.content.entries.size() == 10);
  REQUIRE(report.hull.has_value());
  for (std::size_t i = 0; i < report.content.entries.size(); ++i) {
    const double x = share_of_aluminium(report.content.entries[i].composition);
    INFO(report.content.entries[i].id);
    CHECK(report.of_entry(i).formation_energy_ev_per_atom == Approx(-0.4 * x * (1 - x)).margin(1e-9));
    CHECK(report.of_entry(i).e_above_hull_ev_per_atom == Approx(0).margin(1e-9));  // the formula is convex
  }
}

TEST_CASE("a result that was excluded is named with the reason, and is not on the hull", "[campaign][report]") {
  const CalculatedCampaign campaign;
  const std::vector<TaskRecord> tasks = campaign.store().tasks();
  const auto ordered = std::find_if(tasks.begin(), tasks.end(), [](const TaskRecord& task) {
    return std::abs(share_of_aluminium(task.task.structure.composition()) - 0.5) < 0.1;
  });
  REQUIRE(ordered != tasks.end());
  exclude(campaign, ordered->task.key, "a wrong pseudopotential");

  const Report report = report_of(campaign);

  REQUIRE(report.content.set_aside.size() == 1);
  const ReportSetAside& aside = report.content.set_aside[0];
  CHECK_THAT(aside.id, Contains(ordered->short_id));
  CHECK(aside.standing == "excluded");
  CHECK(aside.who == "somebody@somewhere");
  CHECK(aside.why == "a wrong pseudopotential");
  CHECK(aside.at == "2023-11-14T22:13:20Z");
  CHECK(report.content.entries.size() == 9);
  for (const ReportEntry& entry : report.content.entries) CHECK(entry.id != aside.id);
  for (const HullEntryResult& one : report.hull->entries) CHECK(one.id != aside.id);
}

TEST_CASE("energies of two methods share no hull, and the report says why", "[campaign][report]") {
  const CalculatedCampaign campaign;
  sqlite::Database(campaign.directory() / "campaign.db", sqlite::Access::kReadWrite)
      .execute("UPDATE result SET hull_keys = '{\"method\": \"another\"}' WHERE task = 1");
  CampaignStore::open_existing(campaign.directory()).settle_checksum(campaign.store().tasks().front().task.key);

  const Report report = report_of(campaign);

  CHECK(report.content.entries.size() == 10);
  CHECK_FALSE(report.hull.has_value());
  CHECK_THAT(report.hull_problem, Contains("method"));
}

TEST_CASE("a task of a configuration that the campaign does not have stops the report by its key",
          "[campaign][report]") {
  const CalculatedCampaign campaign;
  const std::string key = campaign.store().tasks().front().task.key;
  sqlite::Database(campaign.directory() / "campaign.db", sqlite::Access::kReadWrite)
      .query("UPDATE task SET supercell = 99 WHERE key = ?", key)
      .run();

  const std::string said = refusal<StorageError>([&] { (void)report_of(campaign); });

  CHECK_THAT(said, Contains("task " + key));
}

TEST_CASE("the files of a report that has not changed are not touched", "[campaign][report]") {
  const CalculatedCampaign campaign;
  const Report report = report_of(campaign);
  const fs::path folder = campaign.directory() / "report";
  fs::remove_all(folder);
  write_report(campaign.directory(), report);
  const auto long_ago = fs::file_time_type::clock::now() - std::chrono::hours(1000);
  for (const auto& entry : fs::directory_iterator(folder)) fs::last_write_time(entry.path(), long_ago);

  write_report(campaign.directory(), report_of(campaign));

  int files = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    INFO(entry.path());
    CHECK(fs::last_write_time(entry.path()) < fs::file_time_type::clock::now() - std::chrono::hours(999));
    ++files;
  }
  CHECK(files == 5);
}
