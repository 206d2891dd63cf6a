/// @file
/// How well the hull agrees with the golden files: a table for docs/hull-agreement.md (`test_analysis
/// hull-agreement`), and the bound that every file keeps.

#include <catch2/catch.hpp>
#include <cmath>
#include <iostream>

#include "analysis/hull/chemical_potentials.hpp"
#include "analysis/hull/hull.hpp"
#include "analysis/hull/voltage.hpp"
#include "analysis/statistics/finite_temperature.hpp"
#include "core/errors.hpp"
#include "golden_hulls.hpp"

using namespace hullscan;
using namespace hullscan::test;

namespace {

struct Agreement {
  std::string file, compared;
  std::size_t entries = 0;
  double worst = 0;
  void take(double found, double expected) { worst = std::max(worst, std::abs(found - expected)); }
};

Agreement of_hull(const std::string& name) {
  const Json file = golden(name);
  Agreement agreement{name, "formation energy, above hull, depth, equilibrium reaction", file["entries"].size(), 0};
  const HullReport report = compute_hull(entries_of(file));
  for (std::size_t i = 0; i < report.entries.size(); ++i) {
    const Json& expected = file["entries"][i];
    const HullEntryResult& found = report.entries[i];
    agreement.take(found.formation_energy_ev_per_atom, expected["e_form"]);
    agreement.take(found.e_above_hull_ev_per_atom, expected["e_above_hull"]);
    if (expected.contains("phase_separation") && found.phase_separation_ev_per_atom)
      agreement.take(*found.phase_separation_ev_per_atom, expected["phase_separation"]);
    if (expected.contains("eq_reaction") && found.equilibrium_reaction_ev_per_atom)
      agreement.take(*found.equilibrium_reaction_ev_per_atom, expected["eq_reaction"]);
    if (found.on_hull != expected["on_hull"].get<bool>() || found.vertex != expected["vertex"].get<bool>())
      agreement.worst = 1;
  }
  return agreement;
}

Agreement of_windows() {
  const std::string name = "chempot_windows_li_co_ni_o.json";
  const Json expected = golden(name)["windows"];
  Agreement agreement{name, "bounds of chemical potentials", expected.size(), 0};
  for (const PotentialWindow& window : chemical_potential_windows(entries_of(golden("quaternary_li_co_ni_o.json")))) {
    if (!expected.contains(window.id)) continue;
    const Json& bounds = expected[window.id]["delta_mu_range"];
    for (const PotentialRange& range : window.ranges) {
      const std::string symbol(range.element.symbol());
      if (!bounds.contains(symbol)) continue;
      agreement.take(range.highest, bounds[symbol][1]);
      if (range.lowest && !bounds[symbol][0].is_null()) agreement.take(*range.lowest, bounds[symbol][0]);
    }
  }
  return agreement;
}

Agreement of_temperature() {
  const std::string name = "finite_t_binary_16site.json";
  const Json file = golden(name);
  Agreement agreement{name, "F and U (eV per cell)", file["compositions"].size() * file["T"].size(), 0};
  for (std::size_t k = 0; k < file["compositions"].size(); ++k) {
    std::vector<EnergyLevel> levels;
    const Json& composition = file["compositions"][k];
    for (std::size_t i = 0; i < composition["weights"].size(); ++i)
      levels.push_back({composition["energies_total"][i], composition["weights"][i].get<double>()});
    for (const Json& expected : file["T"]) {
      const ThermodynamicState state = canonical_state(levels, expected["T"], file["kB_eV_per_K"]);
      agreement.take(state.free_energy_ev, expected["F"][k]);
      agreement.take(state.energy_ev, expected["U"][k]);
    }
  }
  return agreement;
}

Agreement of_voltage(const std::string& name) {
  const Json file = golden(name);
  std::vector<ElectrodeEntry> entries;
  for (const Json& json : file["entries"]) {
    const HullEntry entry = entry_of(json);
    // The golden profile of LixNiO2 is of the cut from NiO2 to LiNiO2.
    if (name == "voltage_LixNiO2_mp.json" &&
        entry.composition.count(Species::from_symbol("Li")) > entry.composition.count(Species::from_symbol("Ni")))
      continue;
    entries.push_back({entry.id, entry.composition, entry.energy_ev, std::nullopt});
  }
  const VoltageProfile profile =
      voltage_profile(entries, Species::from_symbol("Li"), file["e_ion_per_atom"], file["charge"]);
  Agreement agreement{name, "voltages (V)", entries.size(), 0};
  for (std::size_t i = 0; i < profile.plateaus.size() && i < file["plateaus"].size(); ++i)
    agreement.take(profile.plateaus[i].voltage, file["plateaus"][i]["voltage"]);
  if (profile.plateaus.size() != file["plateaus"].size()) agreement.worst = 1;
  return agreement;
}

}  // namespace

TEST_CASE("hull-agreement", "[analysis][golden]") {
  if (!have_shared_data("hull")) return;
  std::vector<Agreement> all;
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(shared_data() / "hull")) {
    const std::string name = entry.path().filename().string();
    ++files;
    if (name == "deg_missing_reference.json") {
      CHECK_THROWS_AS(compute_hull(entries_of(golden(name))), InputError);
      all.push_back({name, "refused, the missing elements named", golden(name)["entries"].size(), 0});
    } else if (name.starts_with("chempot")) {
      all.push_back(of_windows());
    } else if (name.starts_with("finite_t")) {
      all.push_back(of_temperature());
    } else if (name.starts_with("voltage")) {
      all.push_back(of_voltage(name));
    } else {
      all.push_back(of_hull(name));
    }
  }
  std::sort(all.begin(), all.end(), [](const Agreement& a, const Agreement& b) { return a.file < b.file; });
  std::cout << "| file | compared | entries | largest deviation, eV/atom |\n|---|---|---|---|\n";
  for (const Agreement& one : all) {
    INFO(one.file);
    CHECK(one.worst < 1e-9);
    char text[32];
    std::snprintf(text, sizeof text, "%.1e", one.worst);
    std::cout << "| " << one.file << " | " << one.compared << " | " << one.entries << " | " << text << " |\n";
  }
  CHECK(all.size() == files);
}
