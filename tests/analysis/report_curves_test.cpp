#include <catch2/catch.hpp>

#include <cmath>

#include "analysis/report/report_files.hpp"
#include "sample_reports.hpp"

using namespace hullscan;

namespace {

constexpr double kBoltzmann = 8.617333262e-5;

const ReportEnsemble& ensemble(const Report& report, const std::string& space, const std::string& reduced) {
  for (const ReportEnsemble& one : report.ensembles) {
    if (one.space == space && one.composition.reduced() == Composition::from_formula(reduced)) return one;
  }
  throw std::runtime_error("no such ensemble");
}

}  // namespace

TEST_CASE("an ensemble of two orbits has the averages of the two-level formula", "[analysis][report]") {
  const Report report = finish_report(test::two_phases_campaign());
  const ReportEnsemble& half = ensemble(report, "O3", "LiNi2O4");

  // Degeneracies 4 and 2; the second orbit lies 8 meV/atom times 14 atoms higher.
  const double gap = 0.008 * 14, second = 2 * std::exp(-gap / (kBoltzmann * 300)), p = second / (4 + second);
  CHECK(half.complete);
  CHECK(half.entries == 2);
  CHECK(half.mean_ev_per_atom - half.minimum_ev_per_atom == Approx(p * gap / 14).margin(1e-12));
  CHECK(half.deviation_ev_per_atom == Approx(std::sqrt(p * (1 - p)) * gap / 14).margin(1e-12));
  REQUIRE(half.states.size() == 3);
  CHECK(half.states[0].lowest_share == Approx(1 - p).margin(1e-12));
  // The formation energy of the lowest is -0.2/4 against the end members; F = E0 - kT ln(4 + 2 exp(-gap/kT)).
  CHECK(half.states[2].free_energy_ev_per_atom - report.of_entry(8).formation_energy_ev_per_atom ==
        Approx(-kBoltzmann * 1200 * std::log(4 + 2 * std::exp(-gap / (kBoltzmann * 1200))) / 14).margin(1e-9));
}

TEST_CASE("cell parameters are of the space's own cell", "[analysis][report]") {
  const Report report = finish_report(test::two_phases_campaign());
  const ReportEnsemble& full = ensemble(report, "O3", "LiNiO2");

  // The supercell 2 x 1 x 1 has edges 2a, a, a with a = 4.95.
  REQUIRE(full.cell.size() == 7);
  CHECK(full.cell[0].of_lowest == Approx(4.95));
  CHECK(full.cell[1].of_lowest == Approx(4.95));
  CHECK(full.cell[3].of_lowest == Approx(90));
  CHECK(full.cell[6].of_lowest == Approx(4.95 * 4.95 * 4.95));
}

TEST_CASE("the metal of the working ion gives the voltage and stays off a pseudo-binary hull", "[analysis][report]") {
  const Report report = finish_report(test::two_phases_campaign());

  REQUIRE(report.hull);
  CHECK(report.hull->end_members ==
        std::vector{Composition::from_formula("NiO2"), Composition::from_formula("LiNiO2")});
  CHECK(report.ion_metal_ev == -20.0);
  REQUIRE(report.voltages.size() == 2);
  REQUIRE(report.voltages[1].profile);
  // -(E(Li4Ni4O8) - E(Ni4O8) - 4 E(Li)) / 4 = 23.6 - 20 for O3, whose formation energies vanish at both ends.
  CHECK(report.voltages[1].space == "O3");
  CHECK(report.voltages[1].profile->average_voltage == Approx(3.6));
  CHECK(report.axis == "Li per NiO2");
}

TEST_CASE("references with other settings get a hull of their own", "[analysis][report]") {
  const Report report = finish_report(test::two_phases_campaign());

  CHECK(report.content.references.empty());
  REQUIRE(report.other_hulls.size() == 1);
  CHECK(report.other_hulls[0].references.size() == 2);
  CHECK(report.other_hulls[0].differs == "code vasp, here quantum-espresso");
  CHECK(report.other_hulls[0].hull);
}

TEST_CASE("predictions are moved to the end members that references bring", "[analysis][report]") {
  ReportContent content = test::two_phases_campaign();
  content.working_ion.reset();  // the metal becomes an end member: Li and NiO2
  const Report before = finish_report(test::two_phases_campaign()), after = finish_report(content);

  REQUIRE(after.hull->end_members.front() == Composition::from_formula("Li"));
  for (std::size_t i = 0; i < content.entries.size(); ++i) {
    const double error =
        *before.content.entries[i].predicted_ev_per_atom - before.of_entry(i).formation_energy_ev_per_atom;
    CHECK(*after.content.entries[i].predicted_ev_per_atom - after.of_entry(i).formation_energy_ev_per_atom ==
          Approx(error).margin(1e-12));
  }
}

TEST_CASE("the hull at a temperature is of the free energies", "[analysis][report]") {
  const Report report = finish_report(test::two_phases_campaign());

  int stable = 0;
  for (const ReportSupercell& supercell : report.content.spaces[0].supercells) {
    for (const ReportComposition& composition : supercell.compositions) {
      REQUIRE(composition.free_energies.size() == 3);
      REQUIRE(composition.free_energies[2].e_above_hull_ev_per_atom);
      CHECK(*composition.free_energies[2].e_above_hull_ev_per_atom >= 0);
      stable += *composition.free_energies[2].e_above_hull_ev_per_atom < 1e-9 ? 1 : 0;
    }
  }
  CHECK(stable == 4);  // without Li the other stacking is 2 meV/atom lower
}

// By hand, as in voltage_test.cpp: 8.5 eV an ion of magnesium.
TEST_CASE("the voltage of a report takes the ion's charge: the campaign's, or the usual one", "[analysis][report]") {
  ReportContent content = test::empty_campaign();
  content.working_ion = Species::from_symbol("Mg");
  const auto add = [&](const std::string& formula, double energy) {
    ReportEntry entry;
    entry.id = formula;
    entry.space = "spinel";
    entry.composition = Composition::from_formula(formula);
    entry.energy_ev = energy;
    content.entries.push_back(entry);
  };
  add("Mn2O4", -100);
  add("MgMn2O4", -110);
  content.references.push_back({{"Mg metal", Composition::from_formula("Mg2"), -3.0, {}}, "metals.csv"});

  const Report usual = finish_report(content);
  content.ion_charge = 1;
  const Report asked = finish_report(content);

  REQUIRE(usual.voltages.size() == 1);
  REQUIRE(usual.voltages[0].profile);
  CHECK(usual.voltages[0].profile->charge == 2);
  CHECK(usual.voltages[0].profile->average_voltage == Approx(4.25));
  CHECK(asked.voltages[0].profile->average_voltage == Approx(8.5));
  const Json json = report_json(usual)["voltages"][0]["profile"];
  CHECK(json["charge"] == 2);
  CHECK(json["highest_voltage"].get<double>() == Approx(4.25));
}

TEST_CASE("a report holds the cuts that were asked for, and says why one is none", "[analysis][report][cut]") {
  const Report report = finish_report(test::ternary_campaign());

  REQUIRE(report.cuts.size() == 3);
  CHECK(report.cuts[0].cut.has_value());
  CHECK(report.cuts[2].problem.find("Ni is not a mix") != std::string::npos);
  const Json json = report_json(report)["cuts"];
  CHECK(json[0]["cut"]["points"].size() >= 2);
  CHECK(json[2]["cut"].is_null());
}

TEST_CASE("an OPTIMADE answer names every site", "[analysis][report]") {
  const Json answer = optimade_json(finish_report(test::two_phases_campaign()));

  REQUIRE(answer["data"].size() == 12);
  const Json& one = answer["data"][11];
  CHECK(one["type"] == "structures");
  CHECK(one["attributes"]["chemical_formula_reduced"] == "LiNiO2");
  CHECK(one["attributes"]["chemical_formula_anonymous"] == "A2BC");
  CHECK(one["attributes"]["species_at_sites"].size() == one["attributes"]["nsites"]);
  CHECK(one["attributes"]["cartesian_site_positions"].size() == 16);
  CHECK(answer["meta"]["api_version"] == "1.1.0");
}

TEST_CASE("a page of 1e5 entries holds all as points and the nearest in full", "[analysis][report]") {
  const std::string page = report_html(finish_report(test::campaign_of(3, 100000)));

  CHECK(page.size() < 1'500'000);
  CHECK(page.find("\"place\"") != std::string::npos);
}
