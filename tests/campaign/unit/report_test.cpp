// A report made from a store, called as a function.
#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <cmath>
#include <map>
#include <tuple>

#include "analysis/statistics/finite_temperature.hpp"
#include "campaign/report/make_report.hpp"
#include "campaign/report/predicted_energies.hpp"
#include "campaign/report/report_folder.hpp"
#include "campaign/report/report_validations.hpp"
#include "core/scaled_energy.hpp"
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

// Binary fcc crystals of up to three atoms (Hart & Forcade, 2008): two elements, L1_0 and L1_1, and of each AB2 three
// stackings, of which that along [110] is MoPt2; that along [001] has the positions of C11_b and another shape.
TEST_CASE("phases near the hull have the cells and types of their relaxed structures", "[campaign][report][crystals]") {
  const CalculatedCampaign campaign;
  Report report = report_of(campaign);

  complete_report(campaign.directory(), report);

  std::map<std::string, int> types;
  for (const ReportEntry& entry : report.content.entries) {
    INFO(entry.id);
    REQUIRE(report.content.crystals.contains(entry.id));
    const ReportCrystal& crystal = report.content.crystals.at(entry.id);
    CHECK(crystal.space_group_number == entry.space_group_number);  // nothing relaxed here
    CHECK(crystal.space_group_symbol == report.content.space_group_symbols.at(*entry.space_group_number));
    CHECK(
        crystal.volume_per_atom_cubic_angstrom ==
        Approx(entry.structure->lattice.volume_cubic_angstrom() / double(entry.structure->atom_count())).margin(1e-5));
    ++types[crystal.strukturbericht.empty() ? crystal.example : crystal.strukturbericht];
  }
  CHECK(types == std::map<std::string, int>{{"", 4}, {"A1", 2}, {"L1_0", 1}, {"L1_1", 1}, {"MoPt2", 2}});
  CHECK(report.content.space_group_symbols.at(225) == "Fm-3m");
}

TEST_CASE("a report is of the moment of its last result, and of no other", "[campaign][report]") {
  const CalculatedCampaign campaign;
  const std::string before = report_of(campaign).content.changed;
  REQUIRE(before.size() == std::string("2026-01-01T00:00:00Z").size());
  CHECK(report_of(campaign).content.changed == before);  // not that of writing it

  CampaignStore store = CampaignStore::open_existing(campaign.directory());
  const auto later = Instant(std::chrono::seconds(4'000'000'000));
  store.judge(store.tasks().front().task.key, {later, JudgementKind::kExcluded, "somebody", "no reason"});

  CHECK(report_of(campaign).content.changed == "2096-10-02T07:06:40Z");
}

TEST_CASE("kept validations give the errors of each group, and what two models say of a label",
          "[campaign][report][validation]") {
  const CalculatedCampaign campaign;
  const auto model = [](const std::string& kind, double error) {
    Json parity = Json::array();
    for (const auto& [id, formula, above] : {std::tuple("a", "AlNi", 0.0), {"b", "AlNi", 0.06}, {"c", "Al", 0.2}}) {
      parity.push_back({{"id", id},
                        {"space", "fcc"},
                        {"formula", formula},
                        {"fold", 0},
                        {"actual_ev_per_atom", -0.1},
                        {"predicted_ev_per_atom", -0.1 + error},
                        {"e_above_hull_ev_per_atom", above}});
    }
    return Json{{"kind", kind}, {"parity", std::move(parity)}};
  };
  Json both = model("ridge", 0.01);
  both["protocol"] = "3-fold";
  both["models"] = {model("ridge", 0.01), model("cluster-expansion", -0.02)};
  const fs::path file = keep_validation(campaign.directory(), both.dump());
  CHECK(keep_validation(campaign.directory(), both.dump()) == file);
  write_file(campaign.directory() / "validation" / "zz.json", "{\"kind\": \"ridge\", \"parity\": [{}]}");
  write_file(campaign.directory() / "validation" / "zzz.json", "half a file {");
  const LogRead log;

  const std::vector<ReportValidation> kept = kept_validations(campaign.directory());

  REQUIRE(kept.size() == 1);
  CHECK_THAT(log.text(), Contains("zz.json") && Contains("zzz.json"));
  CHECK(kept[0].protocol == "3-fold");
  REQUIRE(kept[0].models.size() == 2);
  std::map<std::string, std::size_t> groups;
  for (const ReportValidation::Group& group : kept[0].models[1].groups) {
    groups[group.by + ": " + group.name] = group.count;
    CHECK(group.rmse_ev_per_atom == Approx(0.02));
  }
  CHECK(groups == std::map<std::string, std::size_t>{{"all: all labels", 3},
                                                     {"composition: Al", 1},
                                                     {"composition: AlNi", 2},
                                                     {"energy above hull: 0 to 25 meV/atom", 1},
                                                     {"energy above hull: 50 to 100 meV/atom", 1},
                                                     {"energy above hull: over 100 meV/atom", 1},
                                                     {"space: fcc", 3}});
  REQUIRE(kept[0].labels.size() == 3);
  CHECK(kept[0].labels[1].id == "b");
  CHECK(kept[0].labels[1].predicted_above_hull_ev_per_atom[0] == Approx(0.07));
  CHECK(kept[0].labels[1].predicted_above_hull_ev_per_atom[1] == Approx(0.04));
  CHECK_THROWS_AS(keep_validation(campaign.folder(), "{}"), InputError);
}

TEST_CASE("folds of one name are repeats of a group in the report", "[campaign][report][validation]") {
  const CalculatedCampaign campaign;
  Json parity = Json::array();
  for (int fold = 0; fold < 4; ++fold) {
    parity.push_back({{"id", "x" + std::to_string(fold)},
                      {"fold", fold},
                      {"actual_ev_per_atom", 0.0},
                      {"predicted_ev_per_atom", 0.001 * (fold + 1)},
                      {"e_above_hull_ev_per_atom", 0.0}});
  }
  (void)keep_validation(campaign.directory(),
                        Json{{"kind", "ridge"}, {"parity", parity}, {"fold_names", {"a", "b", "a", "b"}}}.dump());

  const std::vector<ReportValidation> kept = kept_validations(campaign.directory());

  REQUIRE(kept.size() == 2);
  std::map<std::string, std::vector<double>> errors;
  for (const ReportValidation& repeat : kept) {
    for (const ReportValidation::Group& group : repeat.models[0].groups) {
      if (group.by == "fold") errors[group.name].push_back(group.rmse_ev_per_atom);
    }
  }
  REQUIRE(errors.size() == 2);
  CHECK(errors["a"] == std::vector<double>{0.001, 0.003});
  CHECK(errors["b"] == std::vector<double>{0.002, 0.004});
}

// 600 orbits of a cell of 160 atoms: a bin of the spectrum is 160 meV wide, six kT. The expectation is the sum over
// all.
TEST_CASE("the Boltzmann average of a large cell is right with twenty of its orbits kept", "[campaign][report]") {
  constexpr std::int64_t kAtoms = 160;
  constexpr double kKelvin = 300;
  EnergySpectrum spectrum({kKelvin}, kAtoms);
  std::vector<EnergyLevel> levels;
  std::vector<Candidate> candidates;
  for (int i = 0; i < 600; ++i) {
    const std::int32_t micro_ev = 900 + i * 7 + (i * i) / 90;  // of an atom
    const std::uint64_t degeneracy = i % 3 == 0 ? 8 : 32;
    spectrum.add(micro_ev, degeneracy);
    levels.push_back({micro_ev * 1e-6 * kAtoms, static_cast<double>(degeneracy)});
    if (i >= 20) continue;
    Candidate candidate;
    candidate.score = score_from_ev_per_atom(micro_ev * 1e-6);
    candidate.degeneracy = degeneracy;
    candidates.push_back(candidate);
  }
  const ThermodynamicState exact = canonical_state(levels, kKelvin);
  ReportComposition composition;

  (void)add_predictions(composition, candidates, spectrum, 600, kKelvin);

  REQUIRE(composition.predicted_average);
  CHECK(composition.predicted_average->mean_ev_per_atom == Approx(exact.energy_ev / kAtoms).margin(1e-4));
  CHECK(composition.predicted_average->deviation_ev_per_atom < 3e-4);
  // Kept to the last one, it is exact.
  ReportComposition whole;
  EnergySpectrum few({kKelvin}, kAtoms);
  for (const Candidate& one : candidates) few.add(micro_ev_from_ev(score_to_ev_per_atom(one.score)), one.degeneracy);
  (void)add_predictions(whole, candidates, few, 20, kKelvin);
  const ThermodynamicState of_few = canonical_state(std::span(levels).first(20), kKelvin);
  CHECK(whole.predicted_average->mean_ev_per_atom == Approx(of_few.energy_ev / kAtoms).margin(1e-9));
}
