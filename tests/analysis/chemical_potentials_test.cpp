#include "analysis/hull/chemical_potentials.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <fstream>

#include "core/errors.hpp"
#include "core/json.hpp"
#include "golden_hulls.hpp"

using namespace hullscan;
using namespace hullscan::test;
using Catch::Contains;

namespace {

const PotentialRange& range_of(const PotentialWindow& window, const std::string& symbol) {
  for (const PotentialRange& range : window.ranges)
    if (range.element.symbol() == symbol) return range;
  throw std::runtime_error("no range of " + symbol);
}

HullEntry entry(const std::string& formula, double formation_per_formula) {
  return {formula, Composition::from_formula(formula), formation_per_formula, {}};
}

}  // namespace

// Computed apart from this program (data/PROVENANCE.md).
TEST_CASE("every chemical-potential window of Li-Co-Ni-O agrees with the golden file", "[analysis][golden]") {
  if (!test::have_shared_data("hull")) return;
  const Json expected = golden("chempot_windows_li_co_ni_o.json")["windows"];

  const auto windows = chemical_potential_windows(entries_of(golden("quaternary_li_co_ni_o.json")));

  std::size_t compared = 0;
  for (const PotentialWindow& window : windows) {
    INFO(window.id);
    if (!expected.contains(window.id)) continue;
    ++compared;
    for (const auto& [symbol, bounds] : expected[window.id]["delta_mu_range"].items()) {
      INFO(symbol);
      const PotentialRange& range = range_of(window, symbol);
      REQUIRE(range.lowest.has_value() == !bounds[0].is_null());
      if (range.lowest) CHECK(std::abs(*range.lowest - bounds[0].get<double>()) < 1e-9);
      CHECK(std::abs(range.highest - bounds[1].get<double>()) < 1e-9);
    }
  }
  CHECK(compared == expected.size());
}

TEST_CASE("the window of the only compound of a binary reaches from one element to the other", "[analysis]") {
  // AlNi at -1.2 eV a formula: mu_Al + mu_Ni = -1.2, each from -1.2 to 0.
  const auto windows = chemical_potential_windows(std::vector{entry("Al", 0), entry("Ni", 0), entry("AlNi", -1.2)});

  REQUIRE(windows.size() == 1);
  for (const PotentialRange& range : windows[0].ranges) {
    CHECK(range.lowest.value() == Approx(-1.2));
    CHECK(std::abs(range.highest) < 1e-12);
  }
}

TEST_CASE("an element without an entry is the zero of a table of formation energies", "[analysis]") {
  HullOptions formation;
  formation.references = HullOptions::References::kZero;
  // Al3Ni at -1.6 eV a formula, Ni at +0.2 eV: the zero is lower than the entry, and there is none of Al.
  const auto windows = chemical_potential_windows(std::vector{entry("Al3Ni", -1.6), entry("Ni", 0.2)}, formation);

  REQUIRE(windows.size() == 1);
  CHECK(range_of(windows[0], "Ni").lowest.value() == Approx(-1.6));
  CHECK(range_of(windows[0], "Al").lowest.value() == Approx(-1.6 / 3));
  for (const PotentialRange& range : windows[0].ranges) CHECK(std::abs(range.highest) < 1e-12);
}

TEST_CASE("an oxide is on the hull of the open system just where its window says so", "[analysis]") {
  if (!test::have_shared_data("hull")) return;
  const auto entries = entries_of(golden("ternary_li_fe_o.json"));
  const Species oxygen = Species::from_symbol("O");
  double oxygen_ev = 0;
  for (const HullEntry& e : entries) {
    const auto atoms = static_cast<double>(e.composition.atom_count());
    if (e.composition.counts().size() == 1 && e.composition.count(oxygen) > 0)
      oxygen_ev = std::min(oxygen_ev, e.energy_ev / atoms);
  }
  const auto stable_at = [&](const std::string& id, double delta) {
    for (const HullEntryResult& result : grand_potential_hull(entries, {{oxygen, oxygen_ev + delta}}).entries)
      if (result.id == id) return result.on_hull;
    return false;
  };

  int checked = 0;
  for (const PotentialWindow& window : chemical_potential_windows(entries)) {
    const PotentialRange& range = range_of(window, "O");
    if (!range.lowest || window.composition.count(oxygen) == 0 || range.highest - *range.lowest < 1e-3) continue;
    INFO(window.id);
    CHECK(stable_at(window.id, (*range.lowest + range.highest) / 2));
    CHECK_FALSE(stable_at(window.id, *range.lowest - 1e-3));
    if (range.highest < -1e-3) CHECK_FALSE(stable_at(window.id, range.highest + 1e-3));
    ++checked;
  }
  CHECK(checked > 3);
}

TEST_CASE("an open element that no entry holds is refused by name", "[analysis]") {
  CHECK_THROWS_WITH(grand_potential_hull(std::vector{entry("Al", 0), entry("Ni", 0)}, {{Species::from_symbol("O"), 0}}),
                    Contains("no entry holds O"));
  CHECK_THROWS_WITH(grand_potential_hull(std::vector{entry("Al", 0)}, {{Species::from_symbol("Al"), 0}}),
                    Contains("not exchanged"));
}
