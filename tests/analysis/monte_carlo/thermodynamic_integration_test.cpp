#include "analysis/monte_carlo/thermodynamic_integration.hpp"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>

#include "autoregression.hpp"
#include "core/energy_spectrum.hpp"
#include "core/errors.hpp"
#include "exact_ising.hpp"

using namespace hullscan;
using hullscan::test::Autoregression;
using hullscan::test::ExactIsing;

namespace {

constexpr double kBoltzmann = EnergySpectrum::kBoltzmannEvPerKelvin;

const ExactIsing& four_by_four() {
  static const ExactIsing kIsing(4);
  return kIsing;
}

/// Exact averages a site at steps of beta up to 1.2 / J; noise of a relative size may be laid over them.
std::vector<ThermalPoint> exact_points(double mu, int steps, double noise_ev = 0, std::uint64_t seed = 1) {
  Autoregression noise(0, seed);
  std::vector<ThermalPoint> points;
  for (int i = 1; i <= steps; ++i) {
    const double beta = 1.2 * i / steps, sites = four_by_four().sites();
    const auto exact = four_by_four().at(beta, mu);
    ThermalPoint point{1 / (kBoltzmann * beta), {exact.potential / sites, noise_ev}};
    point.variance_ev2 = Estimate{exact.potential_variance / sites, noise_ev};
    point.potential_ev.value += noise_ev * noise.normal();
    point.variance_ev2->value += noise_ev * noise.normal();
    points.push_back(point);
  }
  return points;
}

double exact_potential(double temperature_kelvin, double mu) {
  const double kt = kBoltzmann * temperature_kelvin;
  return -kt * four_by_four().at(1 / kt, mu).ln_z / four_by_four().sites();
}

InfiniteTemperature infinite_temperature(double mu) {
  const auto exact = four_by_four().at(0, mu);
  const double sites = four_by_four().sites();
  return {std::log(2), exact.potential / sites, exact.potential_variance / sites};
}

}  // namespace

TEST_CASE("free energies from infinite temperature are those of the sum over all states", "[analysis][monte-carlo]") {
  for (const double mu : {0.0, 0.3, -1.5}) {
    const auto free = free_energy_from_infinite_temperature(exact_points(mu, 48), infinite_temperature(mu));

    REQUIRE(free.size() == 48);
    CHECK(std::is_sorted(free.begin(), free.end(),
                         [](const auto& a, const auto& b) { return a.temperature_kelvin < b.temperature_kelvin; }));
    for (const FreeEnergyPoint& point : free) {
      INFO("mu " << mu << ", kT " << kBoltzmann * point.temperature_kelvin);
      const double off = std::abs(point.value_ev - exact_potential(point.temperature_kelvin, mu));
      CHECK(off <= point.interpolation_error_ev);
      CHECK(point.interpolation_error_ev < 1e-2);
      CHECK(off < 1e-4);
      CHECK(point.statistical_error_ev == 0);
    }
  }
}

TEST_CASE("free energies from the ground state are those of the sum over all states", "[analysis][monte-carlo]") {
  for (const double mu : {0.0, 0.3}) {
    // All sites up or, at mu = 0, all down; 2 bonds a site.
    const double ground = -2 - mu, entropy = mu == 0 ? std::log(2) / 16 : 0;

    const auto free = free_energy_from_ground_state(exact_points(mu, 48), ground, entropy);

    for (const FreeEnergyPoint& point : free) {
      if (point.temperature_kelvin * kBoltzmann > 10) continue;  // far from this end in beta phi / beta
      INFO("mu " << mu << ", kT " << kBoltzmann * point.temperature_kelvin);
      const double off = std::abs(point.value_ev - exact_potential(point.temperature_kelvin, mu));
      CHECK(off <= point.interpolation_error_ev);
      CHECK(off < 1e-3);
    }
  }
}

TEST_CASE("errors of averages are carried into the free energy", "[analysis][monte-carlo]") {
  int within_two = 0, all = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    const auto free =
        free_energy_from_infinite_temperature(exact_points(0.3, 48, 0.02, seed), infinite_temperature(0.3));
    const FreeEnergyPoint& coldest = free.front();
    CHECK(coldest.statistical_error_ev > 1e-4);
    CHECK(coldest.statistical_error_ev < 1e-2);
    const double off = std::abs(coldest.value_ev - exact_potential(coldest.temperature_kelvin, 0.3));
    within_two += off < 2 * coldest.statistical_error_ev ? 1 : 0;
    ++all;
  }

  // At least the 95 % of a normal error, less three standard errors of that share.
  CHECK(within_two >= all * (0.9545 - 3 * std::sqrt(0.9545 * 0.0455 / all)));
}

TEST_CASE("a free energy does not depend on the way: along temperature or along the chemical potential",
          "[analysis][monte-carlo]") {
  // Above the transition, so that a step of 0.4 eV is a fine one.
  const double kt = 3, sites = four_by_four().sites();
  std::vector<PotentialPoint> points;
  for (int i = 0; i <= 80; ++i) {
    const double mu = -16 + 0.4 * i;
    const auto exact = four_by_four().at(1 / kt, mu);
    points.push_back({mu, {exact.atoms / sites, 0}, Estimate{exact.atoms_variance / sites / kt, 0}});
  }
  const double start = exact_potential(kt / kBoltzmann, -16);

  const auto along = grand_potential_along(points, StartAt::kFirst, start);
  const auto from_empty = grand_potential_from_pure(points, StartAt::kFirst, -2);
  const auto from_full = grand_potential_from_pure(points, StartAt::kLast, -2);

  for (std::size_t i = 0; i < points.size(); ++i) {
    INFO("mu " << points[i].chemical_potential_ev);
    const double exact = exact_potential(kt / kBoltzmann, points[i].chemical_potential_ev);
    CHECK(std::abs(along[i].value_ev - exact) <= along[i].interpolation_error_ev + 1e-12);
    CHECK(std::abs(from_empty[i].value_ev - exact) <= from_empty[i].interpolation_error_ev + 1e-12);
    CHECK(std::abs(from_full[i].value_ev - exact) <= from_full[i].interpolation_error_ev + 1e-12);
    CHECK(std::abs(from_empty[i].value_ev - exact) < 2e-3);
  }
}

TEST_CASE("hysteresis shows as a gap, and the transition is where both directions are equal",
          "[analysis][monte-carlo]") {
  // An ordered phase of energy -e without entropy and a disordered one of energy 0 with entropy ln g: kT = e / ln g.
  const double e = 0.1, entropy = std::log(3.0), transition = e / entropy / kBoltzmann;
  std::vector<ThermalPoint> cooled, heated, reversible;
  for (double t = 0.3; t < 3.01; t += 0.05) {
    const double temperature = t * transition;
    cooled.push_back({temperature, {t > 0.72 ? 0 : -e, 1e-4}, Estimate{0, 1e-6}});
    heated.push_back({temperature, {t < 1.33 ? -e : 0, 1e-4}, Estimate{0, 1e-6}});
    reversible.push_back({temperature, {0, 1e-4}, Estimate{0, 1e-6}});
  }

  const auto down = free_energy_from_infinite_temperature(cooled, {entropy, 0.0, 0.0});
  const auto up = free_energy_from_ground_state(heated, -e);
  const auto gaps = direction_gaps(down, up);
  const auto found = transition_temperature(gaps);

  REQUIRE(found);
  CHECK(std::abs(found->value - transition) < 3 * found->standard_error + 1e-3 * transition);
  CHECK(found->standard_error < 0.02 * transition);
  CHECK(gaps.size() == cooled.size());
  const auto same = free_energy_from_infinite_temperature(reversible, {entropy, 0.0, 0.0});
  for (const DirectionGap& gap : direction_gaps(same, same)) CHECK_FALSE(gap.significant());
  CHECK_FALSE(transition_temperature(direction_gaps(same, same)));
}

TEST_CASE("integrals refuse places that do not ascend, and are the same from both ends", "[analysis][monte-carlo]") {
  std::vector<IntegrandPoint> points;
  for (int i = 0; i <= 8; ++i) {
    const double x = i * i / 64.0;
    points.push_back({x, {x * x * x, 1e-3}, Estimate{3 * x * x, 1e-3}});
  }

  const auto forth = integrate(points, StartAt::kFirst, 2.0), back = integrate(points, StartAt::kLast, 2.25);

  for (std::size_t i = 0; i < points.size(); ++i) {  // a cubic: exact
    CHECK(forth[i].value == Approx(2 + std::pow(points[i].at, 4) / 4));
    CHECK(back[i].value == Approx(forth[i].value));
    CHECK(back[i].at == points[i].at);
  }
  CHECK(back[0].statistical_error == Approx(forth[8].statistical_error));
  points[3].at = points[2].at;
  CHECK_THROWS_AS(integrate(points, StartAt::kFirst, 0.0), InputError);
  CHECK_THROWS_AS(free_energy_from_ground_state({}, 0), InputError);
  CHECK(ideal_entropy(std::array{0.5, 0.5}) == Approx(std::log(2)));
  CHECK(ideal_entropy_of_counts(std::array<std::int64_t, 2>{2, 2}) == Approx(std::log(6)));
}
