#include "analysis/hull/voltage.hpp"

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

std::vector<ElectrodeEntry> electrode_entries(const Json& file) {
  std::vector<ElectrodeEntry> entries;
  for (const Json& entry : file["entries"]) {
    std::map<Species, std::int64_t> counts;
    for (const auto& [symbol, amount] : entry["composition"].items())
      counts[Species::from_symbol(symbol)] = std::llround(amount.get<double>());
    entries.push_back({entry["id"], Composition(counts), entry["energy"], std::nullopt});
    if (entry.contains("volume")) entries.back().volume_angstrom3 = entry["volume"].get<double>();
  }
  return entries;
}

const Species kLithium = Species::from_symbol("Li");

ElectrodeEntry electrode(const std::string& formula, double energy) {
  return {formula, Composition::from_formula(formula), energy, std::nullopt};
}

}  // namespace

// Expected values: data/PROVENANCE.md.
TEST_CASE("voltage profiles of LiTiO2 and LiNiO2 agree with the golden files", "[analysis][voltage][golden]") {
  if (!test::have_shared_data("hull")) return;
  const std::string name = GENERATE("voltage_LiTiO2_batt.json", "voltage_LixNiO2_mp.json");
  INFO(name);
  const Json file = golden(name);
  auto entries = electrode_entries(file);
  if (name == "voltage_LixNiO2_mp.json")  // the golden profile is of the cut from NiO2 to LiNiO2
    std::erase_if(entries, [](const ElectrodeEntry& e) {
      return e.composition.count(kLithium) > e.composition.count(Species::from_symbol("Ni"));
    });

  const VoltageProfile profile = voltage_profile(entries, kLithium, file["e_ion_per_atom"], file["charge"]);

  CHECK(profile.host == Composition::from_formula(file["host"].get<std::string>()));
  REQUIRE(profile.stable.size() == file["hull"].size());
  for (std::size_t i = 0; i < profile.stable.size(); ++i) {
    CHECK(profile.stable[i].ions_per_host == Approx(file["hull"][i]["x"].get<double>()));
    CHECK(std::abs(profile.stable[i].energy_ev_per_host - file["hull"][i]["energy_per_host"].get<double>()) < 1e-9);
  }
  REQUIRE(profile.plateaus.size() == file["plateaus"].size());
  for (std::size_t i = 0; i < profile.plateaus.size(); ++i)
    CHECK(std::abs(profile.plateaus[i].voltage - file["plateaus"][i]["voltage"].get<double>()) < 1e-9);
  if (!file.contains("average_voltage")) return;
  CHECK(std::abs(profile.average_voltage - file["average_voltage"].get<double>()) < 1e-9);
  CHECK(std::abs(profile.highest_voltage - file["max_voltage"].get<double>()) < 1e-9);
  CHECK(std::abs(profile.lowest_voltage - file["min_voltage"].get<double>()) < 1e-9);
  // Capacities: atomic masses are rounded differently by different tables.
  CHECK(profile.capacity_mah_per_g == Approx(file["capacity_grav_mAh_g"].get<double>()).epsilon(1e-4));
  CHECK(profile.capacity_mah_per_cm3.value() == Approx(file["capacity_vol_mAh_cc"].get<double>()).epsilon(1e-5));
}

TEST_CASE("a phase above the line between its neighbours makes no step", "[analysis][voltage]") {
  const double lithium = -1.9;
  const auto with = [&](double half) {
    return voltage_profile(std::vector{electrode("CoO2", -20), electrode("LiCo2O4", half), electrode("LiCoO2", -25.9)},
                           kLithium, lithium);
  };

  CHECK(with(-45.8).plateaus.size() == 1);
  REQUIRE(with(-46.5).plateaus.size() == 2);
  CHECK(with(-46.5).plateaus[0].voltage == Approx(-(-46.5 + 40) + lithium));
  CHECK(with(-45.8).average_voltage == Approx(5.9 - 1.9));
  CHECK(with(-46.5).average_voltage == Approx(5.9 - 1.9));
}

TEST_CASE("entries that are not an electrode are refused by name, all at once", "[analysis][voltage]") {
  const std::vector<ElectrodeEntry> mixed = {electrode("CoO2", -20), electrode("LiNiO2", -20),
                                             electrode("LiMnO2", -20)};

  CHECK_THROWS_WITH(voltage_profile(mixed, kLithium, -1.9), Contains("LiNiO2") && Contains("LiMnO2"));
  CHECK_THROWS_WITH(voltage_profile(std::vector{electrode("CoO2", -20), electrode("Co2O4", -39)}, kLithium, -1.9),
                    Contains("1 content of Li"));
}

// By hand: MgMn2O4 from Mn2O4 gains 10 eV, of which the metal's -1.5 eV counts: 8.5 eV over 2 electrons; 2 F / 3.6 over
// M(MgMn2O4) = 198.177 g/mol. Al: three electrons.
TEST_CASE("magnesium, calcium, zinc and aluminium carry their usual charges", "[analysis][voltage]") {
  for (const auto& [symbol, charge] :
       std::map<std::string, int>{{"Li", 1}, {"Na", 1}, {"K", 1}, {"Mg", 2}, {"Ca", 2}, {"Zn", 2}, {"Al", 3}}) {
    INFO(symbol);
    CHECK(usual_ion_charge(Species::from_symbol(symbol)) == charge);
  }
  const Species mg = Species::from_symbol("Mg"), al = Species::from_symbol("Al");

  const VoltageProfile magnesium = voltage_profile(std::vector{electrode("Mn2O4", -100), electrode("MgMn2O4", -110)},
                                                   mg, -1.5, usual_ion_charge(mg));
  const VoltageProfile aluminium = voltage_profile(std::vector{electrode("Mn2O4", -100), electrode("AlMn2O4", -110)},
                                                   al, -1.0, usual_ion_charge(al));

  CHECK(magnesium.plateaus[0].voltage == Approx(4.25));
  CHECK(magnesium.capacity_mah_per_g == Approx(2 * 96485.33212 / 3.6 / 198.177).epsilon(1e-4));
  CHECK(aluminium.plateaus[0].voltage == Approx(3));
}
