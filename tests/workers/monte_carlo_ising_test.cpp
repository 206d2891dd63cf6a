// Nearest-neighbour Ising models against what is known of them: Onsager's energy of the square lattice, critical
// temperatures of four lattices. Minutes; label `long`.
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>

#include "core/energy_spectrum.hpp"
#include "monte_carlo_spaces.hpp"

using namespace hullscan;

namespace {

constexpr double kKelvinPerEv = 1 / EnergySpectrum::kBoltzmannEvPerKelvin;

/// E = -J sum of s s' over neighbours, s = 2 n - 1, J = 1 eV.
CrystalInteractions ising(const std::shared_ptr<const ParentCrystal>& parent, double neighbour_angstrom) {
  CrystalInteractions made{parent, PrimitiveSites(*parent), 0, {}};
  for (int s = 0; s < made.sites.count(); ++s) {
    const LatticeSite home{{0, 0, 0}, s};
    const auto near = made.sites.neighbours(s, neighbour_angstrom);
    made.clusters.push_back({{home}, {2.0 * static_cast<double>(near.size())}});
    made.constant_ev -= 0.5 * static_cast<double>(near.size());
    for (const LatticeSite& other : near) {
      if (other > home) made.clusters.push_back({{home, other}, {-4.0}});
    }
  }
  return made;
}

Walker walker_on(const CrystalInteractions& crystal, int a, int b, int c) {
  SupercellMatrix cell = SupercellMatrix::Zero();
  cell.diagonal() << a, b, c;
  return Walker(CellState(std::make_shared<const CellInteractions>(crystal, cell)), {});
}

const Eigen::Matrix3d kSquare = Eigen::Vector3d(3, 3, 20).asDiagonal();
const Eigen::Matrix3d kCube = 3.0 * Eigen::Matrix3d::Identity();

/// Complete elliptic integral of the first kind by the arithmetic-geometric mean.
double elliptic_k(double k) {
  double a = 1, b = std::sqrt(1 - k * k);
  for (int i = 0; i < 60; ++i) {
    const double mean = (a + b) / 2;
    b = std::sqrt(a * b);
    a = mean;
  }
  return std::numbers::pi / (2 * a);
}

/// Per site, in J. Onsager, Phys. Rev. 65, 117 (1944), equation 116.
double onsager_energy(double temperature) {
  const double k = 1 / temperature, tanh = std::tanh(2 * k), cosh = std::cosh(2 * k);
  const double modulus = 2 * std::sinh(2 * k) / (cosh * cosh);
  return -(1 + 2 / std::numbers::pi * (2 * tanh * tanh - 1) * elliptic_k(modulus)) / tanh;
}

/// 1 - <m^4> / (3 <m^2>^2). Binder, Z. Phys. B 43, 119 (1981).
double binder_cumulant(Walker& walker, double temperature, std::size_t sweeps) {
  const auto sites = static_cast<double>(walker.state().interactions().site_count());
  const WalkConditions conditions{temperature * kKelvinPerEv, {}};
  (void)walker.walk(conditions, 3, 0, sweeps / 5);
  double second = 0, fourth = 0;
  for (const SweepRecord& record : walker.walk(conditions, 3, sweeps / 5, sweeps)) {
    const double m = 2 * static_cast<double>(record.counts[0][1]) / sites - 1;
    second += m * m / static_cast<double>(sweeps);
    fourth += m * m * m * m / static_cast<double>(sweeps);
  }
  return 1 - fourth / (3 * second * second);
}

struct Line {
  double at = 0, slope = 0;
};
/// The temperature at which the lines through the cumulants of two sizes cross.
double crossing(Walker small, Walker large, double about, std::size_t sweeps) {
  const std::array<double, 5> offsets{-0.01, -0.005, 0.0, 0.005, 0.01};
  std::array<Line, 2> lines;
  for (std::size_t size = 0; size < 2; ++size) {
    Walker& walker = size == 0 ? small : large;
    double sum = 0, moment = 0, squares = 0;
    for (const double offset : offsets) {
      const double cumulant = binder_cumulant(walker, about * (1 + offset), sweeps);
      sum += cumulant / 5;
      moment += cumulant * offset;
      squares += offset * offset;
    }
    lines[size] = {sum, moment / squares};
  }
  return about * (1 + (lines[1].at - lines[0].at) / (lines[0].slope - lines[1].slope));
}

}  // namespace

TEST_CASE("the square lattice has Onsager's energy", "[workers][monte-carlo][long]") {
  const auto crystal = ising(test::plain_parent(kSquare, {{"Cu", "Au"}}, {{{0, 0, 0}, 0}}), 3.1);
  for (const double temperature : {1.5, 2.0, 2.6, 3.0, 4.0}) {
    Walker walker = walker_on(crystal, 64, 64, 1);
    const WalkConditions conditions{temperature * kKelvinPerEv, {}};
    (void)walker.walk(conditions, 1, 0, 2000);
    constexpr std::size_t kSweeps = 60'000;
    double energy = 0;
    for (const SweepRecord& record : walker.walk(conditions, 1, 2000, kSweeps))
      energy += record.energy_ev / (64.0 * 64.0 * static_cast<double>(kSweeps));

    INFO("kT/J = " << temperature);
    CHECK(std::abs(energy - onsager_energy(temperature)) < 1e-3);
  }
}

TEST_CASE("critical temperatures by Binder cumulants are the known ones", "[workers][monte-carlo][long]") {
  const auto within_half_percent = [](double found, double known) { return std::abs(found / known - 1) < 0.005; };
  constexpr std::size_t kSweeps = 30'000;

  SECTION("square: Onsager 1944") {
    const auto crystal = ising(test::plain_parent(kSquare, {{"Cu", "Au"}}, {{{0, 0, 0}, 0}}), 3.1);
    CHECK(within_half_percent(crossing(walker_on(crystal, 8, 8, 1), walker_on(crystal, 20, 20, 1), 2.269, 10 * kSweeps),
                              2.269185));
  }
  SECTION("simple cubic: Ferrenberg & Landau, Phys. Rev. B 44, 5081 (1991)") {
    const auto crystal = ising(test::plain_parent(kCube, {{"Cu", "Au"}}, {{{0, 0, 0}, 0}}), 3.1);
    CHECK(within_half_percent(crossing(walker_on(crystal, 8, 8, 8), walker_on(crystal, 14, 14, 14), 4.51, kSweeps),
                              4.5115));
  }
  SECTION("body-centred cubic: Butera & Comi, Phys. Rev. B 62, 14837 (2000)") {
    const auto crystal = ising(test::plain_parent(kCube, {{"Cu", "Au"}}, {{{0, 0, 0}, 0}, {{0.5, 0.5, 0.5}, 0}}), 2.7);
    CHECK(within_half_percent(crossing(walker_on(crystal, 6, 6, 6), walker_on(crystal, 10, 10, 10), 6.35, kSweeps),
                              6.355));
  }
  SECTION("face-centred cubic: Yu, Physica A 419, 75 (2015)") {
    const auto crystal =
        ising(test::plain_parent(kCube, {{"Cu", "Au"}},
                                 {{{0, 0, 0}, 0}, {{0, 0.5, 0.5}, 0}, {{0.5, 0, 0.5}, 0}, {{0.5, 0.5, 0}, 0}}),
              2.2);
    CHECK(
        within_half_percent(crossing(walker_on(crystal, 4, 4, 4), walker_on(crystal, 8, 8, 8), 9.79, kSweeps), 9.795));
  }
}
