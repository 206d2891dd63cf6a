#include <catch2/catch.hpp>

#include <cmath>
#include <fstream>

#include "analysis/hull/hull.hpp"
#include "core/errors.hpp"
#include "core/json.hpp"
#include "golden_hulls.hpp"

using namespace hullscan;
using namespace hullscan::test;

// Expected values: exact rational simplex (data/PROVENANCE.md).
TEST_CASE("every hull of the golden set is reproduced to 1e-9 eV/atom", "[analysis][hull][golden]") {
  if (!test::have_shared_data("hull")) return;
  const std::string name = GENERATE("binary_mn_o", "ternary_li_fe_o", "quaternary_li_co_ni_o", "quinary_la_ba_ni_o_f",
                                    "senary_li_ni_co_mn_ti_o_alexandria", "deg_duplicates", "deg_edge_only",
                                    "deg_on_facet_ternary", "deg_positive_only", "deg_refs_only", "deg_single_element");
  INFO(name);
  const Json file = golden(name + ".json");

  const HullReport report = compute_hull(entries_of(file));

  REQUIRE(report.entries.size() == file["entries"].size());
  for (std::size_t i = 0; i < report.entries.size(); ++i) {
    const HullEntryResult& found = report.entries[i];
    const Json& expected = file["entries"][i];
    INFO(found.id);
    CHECK(std::abs(found.formation_energy_ev_per_atom - expected["e_form"].get<double>()) < 1e-9);
    CHECK(std::abs(found.e_above_hull_ev_per_atom - expected["e_above_hull"].get<double>()) < 1e-9);
    CHECK(found.on_hull == expected["on_hull"].get<bool>());
    CHECK(found.vertex == expected["vertex"].get<bool>());
    if (expected.contains("phase_separation")) {
      REQUIRE(found.phase_separation_ev_per_atom);
      CHECK(std::abs(*found.phase_separation_ev_per_atom - expected["phase_separation"].get<double>()) < 1e-9);
    }
    if (expected.contains("eq_reaction")) {
      REQUIRE(found.equilibrium_reaction_ev_per_atom);
      CHECK(std::abs(*found.equilibrium_reaction_ev_per_atom - expected["eq_reaction"].get<double>()) < 1e-9);
    }
    double sum = 0;
    for (const DecompositionPart& part : found.decomposition) sum += part.fraction;
    CHECK(std::abs(sum - 1.0) < 1e-12);
  }
}

TEST_CASE("a unique decomposition is the golden one", "[analysis][hull][golden]") {
  if (!test::have_shared_data("hull")) return;
  const std::string name = GENERATE("binary_mn_o", "ternary_li_fe_o", "quaternary_li_co_ni_o", "quinary_la_ba_ni_o_f",
                                    "senary_li_ni_co_mn_ti_o_alexandria", "deg_positive_only");
  INFO(name);
  const Json file = golden(name + ".json");
  std::vector<HullEntry> entries = entries_of(file);
  const auto by_formula = [&](const std::string& id) {
    for (const HullEntry& entry : entries) {
      if (entry.id == id) return entry.composition.reduced().formula();
    }
    return id;
  };

  const HullReport report = compute_hull(entries);

  std::vector<std::string> elements = file["elements"];
  std::size_t compared = 0;
  for (const Json& point : file["hull"]) {
    if (!point["decomposition_unique"].get<bool>()) continue;
    for (const HullEntryResult& found : report.entries) {
      bool here = true;
      for (std::size_t k = 0; k < elements.size(); ++k) {
        here = here && std::abs(found.composition.atomic_fraction(Species::from_symbol(elements[k])) -
                                point["x"][k].get<double>()) < 1e-9;
      }
      if (!here) continue;
      ++compared;
      std::map<std::string, double> mine, theirs;
      for (const DecompositionPart& part : found.decomposition) mine[by_formula(part.id)] = part.fraction;
      for (const auto& [id, fraction] : point["decomposition"].items()) theirs[by_formula(id)] = fraction.get<double>();
      REQUIRE(mine.size() == theirs.size());
      for (const auto& [formula, fraction] : theirs) CHECK(std::abs(mine[formula] - fraction) < 1e-9);
    }
  }
  CHECK(compared > 0);
}
