#include "analysis/hull/hull_cut.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "analysis/hull/hull_text.hpp"
#include "core/errors.hpp"
#include "golden_hulls.hpp"

using namespace hullscan;
using Catch::Contains;

namespace {

/// @param ev_per_atom formation energy; elements are there with 0.
HullEntry formed(const std::string& formula, double ev_per_atom) {
  const Composition composition = Composition::from_formula(formula);
  return {formula, composition, ev_per_atom * static_cast<double>(composition.atom_count()), {}};
}

HullReport hull_of(std::vector<HullEntry> entries, const std::vector<std::string>& elements) {
  for (const std::string& element : elements) entries.push_back(formed(element, 0));
  return compute_hull(entries);
}

HullCut cut_of(const HullReport& report, const std::string& text) {
  const auto [from, to] = parse_cut(text);
  return hull_cut(report, from, to);
}

std::vector<std::string> phases(const CutPoint& point) {
  std::vector<std::string> ids;
  for (const DecompositionPart& part : point.phases) ids.push_back(part.id);
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace

// By hand. AlNi at -1 and Cu at 0 span a tie line; the cut from Al to NiCu has the composition Al(1-x) Ni(x) Cu(x):
// it meets Al:Ni = 1 at x = 1/2, where it is 0.5 AlNi + 0.5 Cu, -1 eV in 1.5 atoms. NiCu has no entry: the hull there
// is 0.
TEST_CASE("a cut through a ternary finds the tie line that it crosses", "[analysis][cut]") {
  const HullCut cut = cut_of(hull_of({formed("AlNi", -1)}, {"Al", "Ni", "Cu"}), "Al:NiCu");

  REQUIRE(cut.points.size() == 3);
  CHECK(cut.points[1].x == Approx(0.5).margin(1e-9));
  CHECK(phases(cut.points[1]) == std::vector<std::string>{"AlNi", "Cu"});
  CHECK(cut.points[1].phases[0].fraction == Approx(2.0 / 3));
  CHECK(cut.points[1].formation_energy_ev_per_atom == Approx(-2.0 / 3));
  CHECK(cut.points[1].mix_above_hull_ev_per_atom == Approx(2.0 / 3));
  REQUIRE(cut.fields.size() == 2);
  CHECK(cut.fields[0].phases == std::vector<std::string>{"Al", "AlNi", "Cu"});
  CHECK(cut.fields[1].phases == std::vector<std::string>{"AlNi", "Cu", "Ni"});
  CHECK((cut.from_has_entry && !cut.to_has_entry));
  CHECK(cut.to_ev_per_atom == Approx(0).margin(1e-12));
}

// By hand. On the cut AlNi (-1) to AlCu (-0.5) lies Al2NiCu (-0.9); the plain mix of both ends there is -0.75.
TEST_CASE("a stable compound on the cut is a change of its own", "[analysis][cut]") {
  const HullReport report =
      hull_of({formed("AlNi", -1), formed("AlCu", -0.5), formed("Al2NiCu", -0.9)}, {"Al", "Ni", "Cu"});

  const HullCut cut = cut_of(report, "AlNi:AlCu");

  REQUIRE(cut.points.size() == 3);
  CHECK(cut.points[1].x == Approx(0.5).margin(1e-9));
  CHECK(phases(cut.points[1]) == std::vector<std::string>{"Al2NiCu"});
  CHECK(cut.points[1].mix_above_hull_ev_per_atom == Approx(0.15));
  REQUIRE(cut.entries.size() == 3);
  CHECK(cut.entries[1].id == "Al2NiCu");
  CHECK(cut.entries[1].against_ends_ev_per_atom == Approx(-0.15));
  CHECK(cut.entries[1].vertex);
  CHECK(cut.fields[0].phases == std::vector<std::string>{"Al2NiCu", "AlNi"});
}

// By hand. The cut of Al and Ni3 in formula units: AlNi at x = 1/2 (equal atoms of both), AlNi3 at x = 3/4 would be
// (1-x) Al + x Ni = Al(1/4) Ni(3/4). The hull of a binary is its own cut.
TEST_CASE("the cut between the elements of a binary is its hull", "[analysis][cut]") {
  const HullReport report = hull_of({formed("AlNi", -0.6), formed("AlNi3", -0.4), formed("Al3Ni", -0.2)}, {"Al", "Ni"});

  const HullCut cut = cut_of(report, "Al:Ni");

  REQUIRE(cut.points.size() == 4);
  CHECK(cut.points[1].x == Approx(0.5));
  CHECK(cut.points[2].x == Approx(0.75));
  CHECK(cut.points[2].formation_energy_ev_per_atom == Approx(-0.4));
  CHECK(cut.entries.size() == 5);
}

// By hand. Four elements, AlNi at -1, CuAg at -1: from Al2Cu to Ni2Ag, composition Al(2-2x) Cu(1-x) Ni(2x) Ag(x). Al
// and Ni pair up at x = 1/2, and so do Cu and Ag: there it is AlNi + 0.5 CuAg, 3 atoms, all of it bound: -1 eV/atom.
TEST_CASE("a cut through a quaternary crosses a tie line where two pairs balance", "[analysis][cut]") {
  const HullCut cut =
      cut_of(hull_of({formed("AlNi", -1), formed("CuAg", -1)}, {"Al", "Ni", "Cu", "Ag"}), "Al2Cu:Ni2Ag");

  REQUIRE(cut.points.size() == 3);
  CHECK(cut.points[1].x == Approx(0.5));
  CHECK(phases(cut.points[1]) == std::vector<std::string>{"AlNi", "CuAg"});
  CHECK(cut.points[1].formation_energy_ev_per_atom == Approx(-1));
  CHECK(cut.fields[0].phases == std::vector<std::string>{"Al", "AlNi", "Cu", "CuAg"});
}

TEST_CASE("the hull along a cut is what an entry there would be measured against", "[analysis][cut]") {
  std::vector<HullEntry> entries = {formed("AlNi", -0.61),     formed("AlNi3", -0.42),   formed("AlCu", -0.2),
                                    formed("Al2Cu", -0.17),    formed("NiCu", -0.03),    formed("AlNi2Cu", -0.5),
                                    formed("Al3NiCu2", -0.33), formed("Al4Ni3Cu", -0.52)};
  const HullReport report = hull_of(entries, {"Al", "Ni", "Cu"});
  const HullCut cut = cut_of(report, "Al5Ni:Ni2Cu3");

  // Probes at x = k / 12 are 12 - k formula units of one end and k of the other; their distances give the hull.
  for (const auto& element : {"Al", "Ni", "Cu"}) entries.push_back(formed(element, 0));
  for (int k = 0; k <= 12; ++k) {
    const Composition probe({{Species::from_symbol("Al"), 5 * (12 - k)},
                             {Species::from_symbol("Ni"), 12 - k + 2 * k},
                             {Species::from_symbol("Cu"), 3 * k}});
    entries.push_back({"probe " + std::to_string(k), probe, 1.0 * static_cast<double>(probe.atom_count()), {}});
  }
  const HullReport with_probes = compute_hull(entries);
  for (int k = 0; k <= 12; ++k) {
    const HullEntryResult& probe = with_probes.entries[entries.size() - 13 + static_cast<std::size_t>(k)];
    const double hull = probe.formation_energy_ev_per_atom - probe.e_above_hull_ev_per_atom, x = k / 12.0;
    std::size_t right = 1;
    while (right + 1 < cut.points.size() && cut.points[right].x < x) ++right;
    const CutPoint &a = cut.points[right - 1], &b = cut.points[right];
    const auto atoms = [](double at) { return (1 - at) * 6 + at * 5; };
    const double t = (x - a.x) / (b.x - a.x);
    const double found =
        ((1 - t) * a.formation_energy_ev_per_atom * atoms(a.x) + t * b.formation_energy_ev_per_atom * atoms(b.x)) /
        atoms(x);
    INFO("x = " << x);
    CHECK(found == Approx(hull).margin(1e-9));
  }
  CHECK(cut.points.size() > 4);
}

TEST_CASE("cuts that are none are refused", "[analysis][cut]") {
  const HullReport report = hull_of({formed("AlNi", -1)}, {"Al", "Ni"});

  CHECK_THROWS_WITH(cut_of(report, "AlNi"), Contains("expected two formulas"));
  CHECK_THROWS_WITH(cut_of(report, "AlNi:Al2Ni2"), Contains("both ends are"));
  CHECK_THROWS_WITH(cut_of(report, "Al:Cu"), Contains("Cu is not a mix"));
}

TEST_CASE("a cut is printed with its crossings", "[analysis][cut]") {
  const HullReport report = hull_of({formed("AlNi", -1)}, {"Al", "Ni", "Cu"});
  const HullCut cut = cut_of(report, "Al:NiCu");
  HullTextOptions ascii;
  ascii.unicode = false;

  CHECK_THAT(cut_table(cut, report, ascii),
             Contains("0.5000  -0.6667           666.7  0.6667 AlNi + 0.3333 Cu: crossed") ||
                 Contains("0.6667 NiAl + 0.3333 Cu: crossed"));
  CHECK_THAT(cut_plot(cut, ascii), Contains("share of formula units of"));
}

// Expected: pymatgen 2022.11.7, InterfacialReactivity(…, norm=False).get_kinks() on the same entries, meV a formula
// unit of the mix.
TEST_CASE("cuts through Li-Co-Ni-O have the kinks of pymatgen's interface reactions", "[analysis][cut][golden]") {
  if (!test::have_shared_data("hull")) return;
  struct Kinks {
    const char* cut;
    std::vector<std::pair<double, double>> at;
  };
  const std::vector<Kinks> expected = {
      {"LiCoO2:NiO2", {{0, 0}, {0.25, 158.31}, {0.5, 272.53}, {0.8571, 355.76}, {1, 379.74}}},
      {"Li2O:CoO2", {{0, 0}, {0.5, 630.10}, {0.7895, 421.75}, {0.8, 407.34}, {1, 0}}},
      {"LiNiO2:Co", {{0, 0}, {0.2, 529.80}, {0.25, 631.29}, {0.2727, 629.15}, {0.5, 507.89}, {0.8, 223.79}, {1, 0}}},
      {"Li2CoO3:Ni3O4", {{0, 0}, {0.6667, 32.28}, {0.8889, 20.62}, {1, 0}}}};
  const HullReport report = compute_hull(test::entries_of(test::golden("quaternary_li_co_ni_o.json")));

  for (const Kinks& kinks : expected) {
    INFO(kinks.cut);
    const HullCut cut = cut_of(report, kinks.cut);
    REQUIRE(cut.points.size() == kinks.at.size());
    for (std::size_t k = 0; k < kinks.at.size(); ++k) {
      const CutPoint& point = cut.points[k];
      const double atoms = (1 - point.x) * static_cast<double>(cut.from.atom_count()) +
                           point.x * static_cast<double>(cut.to.atom_count());
      CHECK(std::abs(point.x - kinks.at[k].first) < 6e-5);
      CHECK(std::abs(1e3 * atoms * point.mix_above_hull_ev_per_atom - kinks.at[k].second) < 0.006);
    }
  }
}
