#include "analysis/statistics/finite_temperature.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <fstream>

#include "../shared_data.hpp"
#include "analysis/hull/hull.hpp"
#include "core/errors.hpp"
#include "core/json.hpp"

using namespace hullscan;

namespace {

/// LaFeO3 with Al on 0 to 4 of 8 Fe sites: energies (GULP) and degeneracies of example 4 of the SOD program
/// (gcmt-group/sod, examples/example4/x250), which states its results with k = 8.61734e-5 eV/K.
const std::vector<CompositionLevels> kLanthanumFerrite = {
    {0, {{-1124.92043817, 1}}},
    {1, {{-1127.92284798, 8}}},
    {2, {{-1130.92707, 12}, {-1130.94920, 12}, {-1130.91009, 4}}},
    {3, {{-1133.94633809, 24}, {-1133.92813967, 24}, {-1133.99150660, 8}}},
    {4,
     {{-1136.95624311, 6},
      {-1136.97736185, 8},
      {-1136.93459071, 24},
      {-1136.95713151, 24},
      {-1136.91448316, 6},
      {-1137.05175862, 2}}}};
constexpr double kBoltzmannOfSod = 8.61734e-5;

std::size_t lowest(const std::vector<EnergyLevel>& levels) {
  std::size_t at = 0;
  for (std::size_t i = 1; i < levels.size(); ++i)
    if (levels[i].energy_ev < levels[at].energy_ev) at = i;
  return at;
}

}  // namespace

TEST_CASE("two levels follow the Schottky formulas", "[analysis][finite-temperature]") {
  const std::vector<EnergyLevel> levels = {{-5.0, 2}, {-4.9, 6}};
  const double kt = kBoltzmannEvPerKelvin * 700, ratio = 3 * std::exp(-0.1 / kt);

  const ThermodynamicState state = canonical_state(levels, 700);

  CHECK(state.probabilities[1] == Approx(ratio / (1 + ratio)).epsilon(1e-12));
  CHECK(state.energy_ev == Approx(-5 + 0.1 * ratio / (1 + ratio)).epsilon(1e-14));
  CHECK(state.free_energy_ev == Approx(-5 - kt * std::log(2 * (1 + ratio))).epsilon(1e-14));
  CHECK(state.heat_capacity_ev_per_kelvin ==
        Approx(kBoltzmannEvPerKelvin * std::pow(0.1 / kt, 2) * ratio / std::pow(1 + ratio, 2)).epsilon(1e-12));
  CHECK(canonical_state(levels, 0).entropy_ev_per_kelvin == Approx(kBoltzmannEvPerKelvin * std::log(2.0)));
  CHECK(canonical_state(levels, 1e9).entropy_ev_per_kelvin ==
        Approx(ideal_entropy_ev_per_kelvin(levels)).epsilon(1e-9));
}

TEST_CASE("a shift of all energies shifts free energy and energy alone", "[analysis][finite-temperature]") {
  const std::vector<EnergyLevel> low = {{0.0, 3}, {0.25, 5}, {0.5, 1}},
                                 high = {{-1048576.0, 3}, {-1048575.75, 5}, {-1048575.5, 1}};
  for (const double temperature : {0.0, 1.0, 300.0, 5000.0}) {
    const ThermodynamicState a = canonical_state(low, temperature), b = canonical_state(high, temperature);
    CHECK(a.entropy_ev_per_kelvin == b.entropy_ev_per_kelvin);
    CHECK(a.probabilities == b.probabilities);
    CHECK(b.free_energy_ev - a.free_energy_ev == Approx(-1048576.0).epsilon(1e-15));
  }
}

// Values computed apart from this program, as data/PROVENANCE.md says.
TEST_CASE("free energies, entropies and the hull of a 16-site cell agree with the golden file at every temperature",
          "[analysis][finite-temperature][golden]") {
  if (!test::have_shared_data("hull")) return;
  std::ifstream stream(test::shared_data() / "hull" / "finite_t_binary_16site.json");
  const Json golden = Json::parse(stream);
  std::vector<std::vector<EnergyLevel>> compositions;
  for (const Json& composition : golden["compositions"]) {
    std::vector<EnergyLevel>& levels = compositions.emplace_back();
    for (std::size_t i = 0; i < composition["weights"].size(); ++i)
      levels.push_back({composition["energies_total"][i], composition["weights"][i].get<double>()});
  }
  const double n = static_cast<double>(compositions.size() - 1);

  for (const Json& expected : golden["T"]) {
    const double temperature = expected["T"];
    INFO("T = " << temperature);
    std::vector<double> free;
    for (std::size_t k = 0; k < compositions.size(); ++k) {
      const ThermodynamicState state = canonical_state(compositions[k], temperature, golden["kB_eV_per_K"]);
      CHECK(std::abs(state.free_energy_ev - expected["F"][k].get<double>()) < 1e-9);
      CHECK(std::abs(state.energy_ev - expected["U"][k].get<double>()) < 1e-9);
      CHECK(std::abs(state.entropy_ev_per_kelvin - expected["S"][k].get<double>()) < 1e-12);
      CHECK(std::abs(state.probabilities[lowest(compositions[k])] - expected["p_ground"][k].get<double>()) < 1e-11);
      free.push_back(state.free_energy_ev);
    }
    std::vector<HullEntry> entries;
    for (std::size_t k = 0; k < free.size(); ++k) {
      const auto b = static_cast<std::int64_t>(k), a = static_cast<std::int64_t>(free.size() - 1 - k);
      entries.push_back({std::to_string(k),
                         Composition({{Species::from_symbol("Al"), a}, {Species::from_symbol("Ni"), b}}),
                         free[k],
                         {}});
    }
    const HullReport report = compute_hull(entries);
    for (std::size_t k = 0; k < free.size(); ++k) {
      CHECK(std::abs(report.entries[k].formation_energy_ev_per_atom - expected["f_mix_per_site"][k].get<double>()) <
            1e-9);
      CHECK(std::abs(report.entries[k].e_above_hull_ev_per_atom - expected["above_hull"][k].get<double>()) < 1e-9);
    }
    CHECK(n == 16);
  }
}

TEST_CASE("the chemical potential at which a quarter of the iron is replaced is that of the SOD program",
          "[analysis][finite-temperature]") {
  const GrandCanonicalState cold = grand_canonical_at(kLanthanumFerrite, 300, 2, kBoltzmannOfSod);
  const GrandCanonicalState hot = grand_canonical_at(kLanthanumFerrite, 1000, 2, kBoltzmannOfSod);

  CHECK(std::abs(cold.chemical_potential_ev - -3.0412074) < 1e-6);
  CHECK(std::abs(hot.chemical_potential_ev - -3.0986766) < 1e-6);
  // thermodynamics.dat, to the digits printed there.
  CHECK(std::abs(cold.energy_ev - -1130.9495) < 1e-4);
  CHECK(std::abs(cold.free_energy_ev - -1131.0562) < 1e-4);
  CHECK(std::abs(cold.entropy_ev_per_kelvin - 3.55429e-4) < 2e-9);
  CHECK(std::abs(hot.energy_ev - -1130.9373) < 1e-4);
  CHECK(std::abs(hot.free_energy_ev - -1131.3207) < 1e-4);
  CHECK(std::abs(hot.entropy_ev_per_kelvin - 3.83377e-4) < 2e-9);
  // probabilities.dat
  CHECK(std::abs(cold.probabilities[2][1] - 0.191475) < 5e-5);  // energies of n = 2 are known to 1e-5 eV
  CHECK(std::abs(cold.probabilities[4][5] - 0.0695668) < 5e-6);
  CHECK(std::abs(hot.shares[3] - 0.23523) < 1e-5);
}

TEST_CASE(
    "random mixing of a quarter on eight sites has the entropy that the SOD program states for infinite temperature",
    "[analysis][finite-temperature]") {
  const std::vector<double> fractions = {0.25, 0.75};

  CHECK(std::abs(ideal_mixing_entropy_ev_per_kelvin(8, fractions, kBoltzmannOfSod) - 3.87667e-4) < 1e-9);
  CHECK(ideal_mixing_entropy_ev_per_kelvin(8, std::vector<double>{1.0}) == 0);
}

TEST_CASE("the mean number of exchanged atoms rises with the chemical potential", "[analysis][finite-temperature]") {
  double before = -1;
  for (double mu = -3.3; mu < -2.8; mu += 0.02) {
    const double mean = grand_canonical_state(kLanthanumFerrite, 300, mu).mean_exchanged;
    CHECK(mean > before);
    before = mean;
  }
}

TEST_CASE("what has no thermodynamics is refused by name", "[analysis][finite-temperature]") {
  using Catch::Contains;
  CHECK_THROWS_WITH(canonical_state({}, 300), Contains("no energy levels"));
  const std::vector<EnergyLevel> nan = {{std::nan(""), 1}}, none = {{0, 0}}, good = {{0, 1}};
  CHECK_THROWS_WITH(canonical_state(nan, 300), Contains("energy is nan"));
  CHECK_THROWS_WITH(canonical_state(none, 300), Contains("degeneracy is 0"));
  CHECK_THROWS_WITH(canonical_state(good, -1), Contains("-1 K"));
  CHECK_THROWS_WITH(grand_canonical_at(kLanthanumFerrite, 300, 4), Contains("between 0 and 4"));
  CHECK_THROWS_WITH(grand_canonical_state(kLanthanumFerrite, 0, -3), Contains("above 0 K"));
  CHECK_THROWS_WITH(ideal_mixing_entropy_ev_per_kelvin(8, std::vector<double>{0.5, 0.25}), Contains("sum to 0.75"));
}
