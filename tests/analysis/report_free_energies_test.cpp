#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "analysis/hull/hull_levels.hpp"
#include "analysis/report/report_files.hpp"
#include "analysis/report/report_parts.hpp"
#include "sample_reports.hpp"

using namespace hullscan;
using Catch::Contains;

namespace {

constexpr double kCodataBoltzmann = 8.617333262e-5;

const Species kCu = Species::from_symbol("Cu"), kAu = Species::from_symbol("Au");

struct Orbit {
  int gold;
  double energy_ev;  ///< of the cell, against the elements
  int degeneracy;
};

/// One supercell of `atoms` sites with its orbits, all of them calculated and predicted alike.
void add_cell(ReportContent& content, ReportSpace& space, const Eigen::Vector3i& size, int atoms,
              const std::vector<Orbit>& orbits) {
  ReportSupercell supercell;
  supercell.matrix = SupercellMatrix(size.asDiagonal());
  supercell.sites = atoms;
  for (const Orbit& orbit : orbits) {
    const Composition composition({{kCu, atoms - orbit.gold}, {kAu, orbit.gold}});
    auto found = std::find_if(supercell.compositions.begin(), supercell.compositions.end(),
                              [&](const auto& c) { return c.composition == composition; });
    if (found == supercell.compositions.end()) {
      ReportComposition c;
      c.counts = {{"M.Cu", atoms - orbit.gold}, {"M.Au", orbit.gold}};
      c.composition = composition;
      c.total = 0;
      found = supercell.compositions.insert(supercell.compositions.end(), c);
    }
    *found->total += orbit.degeneracy;
    found->lowest_predicted_ev_per_atom =
        std::min(found->lowest_predicted_ev_per_atom.value_or(1.0), orbit.energy_ev / atoms);
    ReportEntry entry;
    entry.id = space.name + std::to_string(content.entries.size());
    entry.space = space.name;
    entry.matrix = supercell.matrix;
    entry.composition = composition;
    entry.counts = found->counts;
    entry.degeneracy = orbit.degeneracy;
    entry.energy_ev = orbit.energy_ev;
    content.entries.push_back(entry);
  }
  for (ReportComposition& c : supercell.compositions) {
    double sum = 0;
    for (const Orbit& orbit : orbits)
      sum += orbit.gold == c.counts["M.Au"] ? orbit.degeneracy * std::exp(-orbit.energy_ev / (kCodataBoltzmann * 300))
                                            : 0.0;
    c.free_energies.push_back({300, -kCodataBoltzmann * 300 * std::log(sum) / atoms});
  }
  space.supercells.push_back(supercell);
}

ReportSpace named(const std::string& name) {
  ReportSpace space;
  space.name = name;
  return space;
}

ReportContent copper_gold() {
  ReportContent content = test::empty_campaign();
  content.temperatures_kelvin = {300};
  return content;
}

const std::vector<Orbit> kPrimitive{{0, 0, 1}, {1, 0, 1}};
/// Ordered CuAu in its own cell of two atoms: two arrangements, which a translation carries into each other.
const std::vector<Orbit> kTwoAtoms{{0, 0, 1}, {1, -0.1, 2}, {2, 0, 1}};
/// A chain of four sites in a ring: gold on neighbours (four ways) or opposite (two).
const std::vector<Orbit> kRing{{0, 0, 1}, {1, -0.05, 4}, {2, -0.06, 4}, {2, -0.2, 2}, {3, -0.05, 4}, {4, 0, 1}};

}  // namespace

TEST_CASE("ordered CuAu of a range of volumes has no entropy of its translations", "[analysis][report][temperature]") {
  ReportContent content = copper_gold();
  ReportSpace space = named("fcc");
  add_cell(content, space, {1, 1, 1}, 1, kPrimitive);
  add_cell(content, space, {1, 1, 2}, 2, kTwoAtoms);
  content.spaces.push_back(space);

  const Report report = finish_report(content);
  const Json json = report_json(report);

  CHECK_THAT(report.content.spaces[0].free_energy_problem, Contains("2 supercells have 1 to 2 cells"));
  for (const ReportSupercell& supercell : report.content.spaces[0].supercells) {
    for (const ReportComposition& composition : supercell.compositions) CHECK(composition.free_energies.empty());
  }
  for (const ReportEnsemble& ensemble : report.ensembles) {
    CHECK(ensemble.states.empty());
    CHECK_FALSE(ensemble.averaged);
  }
  CHECK(json["spaces"][0]["free_energy_problem"].is_string());
  CHECK(json["ensembles"][0]["mean_energy_per_atom"].is_null());
  CHECK(json["ensembles"][0]["complete"] == true);
}

TEST_CASE("supercells of one size but of different shapes are not a common ensemble either",
          "[analysis][report][temperature]") {
  ReportContent content = copper_gold();
  ReportSpace space = named("fcc");
  add_cell(content, space, {1, 1, 2}, 2, kTwoAtoms);
  add_cell(content, space, {1, 2, 1}, 2, kTwoAtoms);
  content.spaces.push_back(space);

  const Report report = finish_report(content);

  CHECK_THAT(report.content.spaces[0].free_energy_problem, Contains("same size but different shapes"));
  CHECK(report.content.spaces[0].supercells[0].compositions[1].free_energies.empty());
}

// Exact: F = -kT ln(4 exp(-E1/kT) + 2 exp(-E2/kT)) of the six ways to put two gold atoms on a ring of four sites.
TEST_CASE("one supercell has the free energy of all its arrangements, calculated and predicted alike",
          "[analysis][report][temperature]") {
  ReportContent content = copper_gold();
  ReportSpace space = named("ring");
  add_cell(content, space, {1, 1, 4}, 4, kRing);
  content.spaces.push_back(space);

  const Report report = finish_report(content);

  const double kt = kCodataBoltzmann * 300;
  const double half = -kt * std::log(4 * std::exp(0.06 / kt) + 2 * std::exp(0.2 / kt)) / 4;
  const double quarter = -kt * std::log(4 * std::exp(0.05 / kt)) / 4;
  CHECK(report.content.spaces[0].free_energy_problem.empty());
  CHECK(report.free_energy_hull_problem.empty());
  const auto& predicted = report.content.spaces[0].supercells[0].compositions;
  CHECK(predicted[2].free_energies[0].free_energy_ev_per_atom == Approx(half).margin(1e-12));
  CHECK(predicted[1].free_energies[0].e_above_hull_ev_per_atom ==
        Approx(std::max(0.0, quarter - half / 2)).margin(1e-12));
  int states = 0;
  for (const ReportEnsemble& ensemble : report.ensembles) {
    if (ensemble.states.empty()) continue;
    ++states;
    const double expected = ensemble.composition.count(kAu) == 2       ? half
                            : ensemble.composition.count(kAu) % 4 == 0 ? 0.0
                                                                       : quarter;
    CHECK(ensemble.states[0].free_energy_ev_per_atom == Approx(expected).margin(1e-12));
  }
  CHECK(states == 5);
}

TEST_CASE("a supercell without its periodic copies has no free energy", "[analysis][report][temperature]") {
  ReportContent content = copper_gold();
  ReportSpace space = named("ring");
  add_cell(content, space, {1, 1, 4}, 4, kRing);
  space.repeats_left_out = true;
  content.spaces.push_back(space);
  CHECK_THAT(finish_report(content).content.spaces[0].free_energy_problem, Contains("superperiodic = true"));

  // In one cell nothing repeats.
  ReportContent one = copper_gold();
  ReportSpace primitive = named("cell");
  add_cell(one, primitive, {1, 1, 1}, 4, kRing);
  primitive.repeats_left_out = true;
  one.spaces.push_back(primitive);
  CHECK(finish_report(one).content.spaces[0].free_energy_problem.empty());
}

TEST_CASE("free energies of two spaces share a hull if as many sites vary in both", "[analysis][report][temperature]") {
  ReportContent content = copper_gold();
  ReportSpace ring = named("ring"), pair = named("pair"), other = named("other ring");
  add_cell(content, ring, {1, 1, 4}, 4, kRing);
  content.spaces.push_back(ring);
  ReportContent equal = content;
  add_cell(content, pair, {1, 1, 2}, 2, kTwoAtoms);
  content.spaces.push_back(pair);
  add_cell(equal, other, {4, 1, 1}, 4, kRing);
  equal.spaces.push_back(other);

  const Report unlike = finish_report(content), alike = finish_report(equal);

  CHECK_THAT(unlike.free_energy_hull_problem, Contains("2 and 4 sites to vary"));
  CHECK_FALSE(unlike.content.spaces[0].supercells[0].compositions[2].free_energies[0].e_above_hull_ev_per_atom);
  CHECK(unlike.content.spaces[0].supercells[0].compositions[2].free_energies[0].free_energy_ev_per_atom < -0.05);
  CHECK(alike.free_energy_hull_problem.empty());
  CHECK(alike.content.spaces[0].supercells[0].compositions[2].free_energies[0].e_above_hull_ev_per_atom);
}

// Two sublattices of two sites: {Cu2}{Au2}, {CuAu}{CuAu}, {Au2}{Cu2} have the same atoms, 1 + 4 + 1 arrangements.
TEST_CASE("distributions of the same atoms over the sublattices are one sum", "[analysis][report][temperature]") {
  ReportContent content = copper_gold();
  ReportSpace space = named("B2");
  ReportSupercell supercell;
  const std::vector<std::pair<int, double>> parts{{1, -0.3}, {4, -0.1}, {1, -0.3}};
  for (int a = 0; a <= 2; ++a) {
    ReportComposition c;
    c.counts = {{"A.Cu", 2 - a}, {"A.Au", a}, {"B.Cu", a}, {"B.Au", 2 - a}};
    c.composition = Composition({{kCu, 2}, {kAu, 2}});
    c.total = parts[static_cast<std::size_t>(a)].first;
    const double energy = parts[static_cast<std::size_t>(a)].second;
    // Predictions are against the campaign's own end member, CuAu at -0.3 eV.
    c.lowest_predicted_ev_per_atom = (energy + 0.3) / 4;
    c.free_energies.push_back(
        {300, (energy + 0.3 - kCodataBoltzmann * 300 * std::log(parts[static_cast<std::size_t>(a)].first)) / 4});
    supercell.compositions.push_back(c);
    ReportEntry entry;
    entry.id = "e" + std::to_string(a);
    entry.space = "B2";
    entry.composition = c.composition;
    entry.counts = c.counts;
    entry.degeneracy = c.total;
    entry.energy_ev = energy;
    content.entries.push_back(entry);
  }
  space.supercells.push_back(supercell);
  content.spaces.push_back(space);
  content.references.push_back({{"Cu", Composition({{kCu, 1}}), 0, {}}, "r.csv"});
  content.references.push_back({{"Au", Composition({{kAu, 1}}), 0, {}}, "r.csv"});

  const Report report = finish_report(content);

  const double kt = kCodataBoltzmann * 300, exact = -kt * std::log(2 * std::exp(0.3 / kt) + 4 * std::exp(0.1 / kt)) / 4;
  REQUIRE(report.ensembles.size() == 1);
  CHECK(report.ensembles[0].complete);
  CHECK(report.ensembles[0].states[0].free_energy_ev_per_atom == Approx(exact).margin(1e-12));
  for (const ReportComposition& c : report.content.spaces[0].supercells[0].compositions) {
    CHECK(c.free_energies[0].of_formula_ev_per_atom.value_or(0) == Approx(exact).margin(1e-9));
    CHECK(c.free_energies[0].e_above_hull_ev_per_atom == Approx(0).margin(1e-9));
  }
}

TEST_CASE("references take part in the hull at a temperature", "[analysis][report][temperature]") {
  ReportContent content = copper_gold();
  ReportSpace space = named("ring");
  add_cell(content, space, {1, 1, 4}, 4, kRing);
  content.spaces.push_back(space);
  content.references.push_back({{"CuAu deep", Composition({{kCu, 1}, {kAu, 1}}), -0.4, {}}, "r.csv"});

  const Report report = finish_report(content);

  const auto& half = report.content.spaces[0].supercells[0].compositions[2].free_energies[0];
  CHECK(*half.e_above_hull_ev_per_atom == Approx(half.free_energy_ev_per_atom + 0.2));
}

TEST_CASE("a ternary is drawn against the fraction of each species", "[analysis][report][axis]") {
  const Report report = finish_report(test::ternary_campaign());
  const Json json = report_json(report);

  REQUIRE(report.axes.size() == 3);
  for (const std::string& axis : report.axes) CHECK_THAT(axis, Contains("atomic fraction of "));
  CHECK(json["axis"] == report.axes[0]);
  for (const ReportEnsemble& ensemble : report.ensembles) {
    double sum = 0;
    for (const auto& place : ensemble.on_axes) sum += place.value_or(0);
    CHECK(sum == Approx(1));
    CHECK(ensemble.x == ensemble.on_axes[0]);
  }
}

TEST_CASE("a model that gives all configurations one energy is reported", "[analysis][report]") {
  ReportContent content = test::two_phases_campaign();
  ReportComposition& half = content.spaces[0].supercells[0].compositions[2];
  half.tied_lowest = 2;
  CHECK(indistinguishable(content).empty());  // two of more that it tells apart
  half.all_tied = true;

  const Json json = report_json(finish_report(content));

  REQUIRE(json["indistinguishable"].size() == 1);
  CHECK(json["indistinguishable"][0]["configurations"] == 2);
  CHECK(json["indistinguishable"][0]["at_least"] == false);
  CHECK_THAT(json["indistinguishable"][0]["text"].get<std::string>(),
             Contains("cannot tell 2 configurations apart") && Contains("canonical order only"));
}

TEST_CASE("the hull has no level where no mix of the entries has the composition", "[analysis][report][hull]") {
  const auto entry = [](const std::string& id, const std::string& formula, double energy) {
    return HullEntry{id, Composition::from_formula(formula), energy, {}};
  };
  HullOptions options;
  options.references = HullOptions::References::kEndMembers;
  options.end_members = {Composition::from_formula("AlNi"), Composition::from_formula("AlNi3")};
  const HullReport hull = compute_hull(std::vector{entry("a", "AlNi", -1), entry("b", "AlNi3", -2)}, options);

  const std::vector<Composition> asked{Composition::from_formula("Al2Ni4"), Composition::from_formula("AlNi7")};
  const auto levels = hull_levels(hull, asked);

  CHECK(levels[0].value_or(9) == Approx(0).margin(1e-9));
  CHECK_FALSE(levels[1]);
}
