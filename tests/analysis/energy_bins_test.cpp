#include <catch2/catch.hpp>

#include <numeric>

#include "analysis/statistics/energy_bins.hpp"

using namespace hullscan;

namespace {

std::uint64_t sum(const std::vector<std::uint64_t>& values) {
  return std::accumulate(values.begin(), values.end(), std::uint64_t{0});
}

}  // namespace

TEST_CASE("a spread of 2.5 meV has bins well below it", "[analysis][bins]") {
  std::vector<EnergyCount> counts;
  for (int k = 0; k <= 100; ++k) counts.push_back({-0.010 + 2.5e-5 * k, 1, 4});

  const EnergyHistogram histogram = binned(counts, bin_width(counts, 1e-6));

  // 2 IQR / n^(1/3) = 2 * 1.25 meV / 4.66 = 0.54 meV, held to 1/8 of the range (0.31) and rounded down: 0.2 meV.
  CHECK(histogram.bin_ev_per_atom == Approx(2e-4));
  CHECK(histogram.low_ev_per_atom == Approx(-0.010));
  CHECK(sum(histogram.orbits) == 101);
  CHECK(sum(histogram.configurations) == 404);
}

TEST_CASE("bins are no finer than the counts and no more than can be seen", "[analysis][bins]") {
  std::vector<EnergyCount> stored;  // bins of 1 meV over 2.5 meV
  for (int k = 0; k < 3; ++k) stored.push_back({0.001 * k, 1000, 1000});
  const EnergyHistogram fine = binned(stored, bin_width(stored, 1e-3));
  CHECK(fine.bin_ev_per_atom == Approx(1e-3));
  CHECK(fine.orbits == std::vector<std::uint64_t>{1000, 1000, 1000});

  std::vector<EnergyCount> wide;  // a million orbits over 300 meV
  for (int k = -100; k < 200; ++k) wide.push_back({0.001 * k, 3000, 9000});
  const EnergyHistogram coarse = binned(wide, bin_width(wide, 1e-3));
  CHECK(coarse.bin_ev_per_atom == Approx(0.01));
  CHECK(coarse.low_ev_per_atom == Approx(-0.1));
  CHECK(coarse.orbits.size() == 30);
  CHECK(coarse.orbits.front() == 30000);
}

TEST_CASE("equal energies are one bin", "[analysis][bins]") {
  const EnergyHistogram histogram = binned(std::vector<EnergyCount>{{-0.25, 7, 70}}, 1e-3);
  CHECK(histogram.orbits == std::vector<std::uint64_t>{7});
  CHECK(histogram.low_ev_per_atom <= -0.25 + 1e-9);
  CHECK(binned({}, 1e-3).orbits.empty());
}

TEST_CASE("two phases far apart have bins as fine as each alone", "[analysis][bins]") {
  std::vector<std::vector<EnergyCount>> phases(2);
  for (int k = 0; k <= 100; ++k) {
    phases[0].push_back({2.5e-5 * k, 1, 1});
    phases[1].push_back({0.100 + 2.5e-5 * k, 1, 1});
  }

  CHECK(common_bin_width(phases, 1e-6) == Approx(2e-4));
  // A wide set has at most 60 bins, whatever the other needs.
  for (EnergyCount& count : phases[1]) count.energy_ev_per_atom *= 10;
  phases[0] = {{0, 1, 1}, {1e-6, 1, 1}};
  CHECK(binned(phases[1], common_bin_width(phases, 1e-6)).orbits.size() <= 61);
}
