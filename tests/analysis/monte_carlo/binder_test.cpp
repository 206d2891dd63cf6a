#include "analysis/monte_carlo/binder.hpp"

#include <array>
#include <catch2/catch.hpp>

#include "autoregression.hpp"
#include "core/errors.hpp"
#include "exact_ising.hpp"

using namespace hullscan;
using hullscan::test::Autoregression;
using hullscan::test::ExactIsing;

namespace {

double exact_cumulant(const ExactIsing& ising, double temperature) {
  const auto of = ising.at(1 / temperature);
  return binder_cumulant(of.m2, of.m4);
}

/// By halving; exact cumulants.
double exact_crossing(const ExactIsing& smaller, const ExactIsing& larger) {
  double low = 2, high = 3;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (exact_cumulant(larger, middle) > exact_cumulant(smaller, middle) ? low : high) = middle;
  }
  return low;
}

}  // namespace

TEST_CASE("Binder's cumulant is 2/3 in an ordered cell and 0 for a normal order parameter", "[analysis][monte-carlo]") {
  SeriesStatistics ordered(2), normal(2);
  Autoregression series(0.5, 7);
  for (int i = 0; i < 50'000; ++i) {
    const double sign = i % 3 == 0 ? -1 : 1, m = series.next();
    ordered.add(std::array{0.9 * sign, 0.81});
    normal.add(std::array{m, m * m});
  }

  const Estimate of_ordered = binder_cumulant(ordered, 0, 1), of_normal = binder_cumulant(normal, 0, 1);

  CHECK(of_ordered.value == Approx(2.0 / 3));
  CHECK(std::abs(of_normal.value) < 3 * of_normal.standard_error);
  CHECK(of_normal.standard_error < 0.02);
}

TEST_CASE("cumulants of two sizes cross where all states say so", "[analysis][monte-carlo]") {
  const ExactIsing three(3), four(4);
  const double exact = exact_crossing(three, four);
  std::vector<BinderPoint> smaller, larger, noisy_smaller, noisy_larger;
  Autoregression noise(0, 31);
  constexpr double kError = 5e-5;
  for (int i = 0; i <= 10; ++i) {
    const double temperature = exact - 0.045 + 0.01 * i;
    const double a = exact_cumulant(three, temperature), b = exact_cumulant(four, temperature);
    smaller.push_back({temperature, {a, 0}});
    larger.push_back({temperature, {b, 0}});
    noisy_smaller.push_back({temperature, {a + kError * noise.normal(), kError}});
    noisy_larger.push_back({temperature, {b + kError * noise.normal(), kError}});
  }

  const auto of_exact = binder_crossing(smaller, larger), of_noisy = binder_crossing(noisy_smaller, noisy_larger);

  REQUIRE(of_exact);
  REQUIRE(of_noisy);
  CHECK(of_exact->temperature.value == Approx(exact).margin(1e-4));  // a hundredth of the step
  CHECK(of_exact->temperature.standard_error == 0);
  CHECK(std::abs(of_noisy->temperature.value - exact) < 3 * of_noisy->temperature.standard_error);
  CHECK(of_noisy->temperature.standard_error < 0.05);
  CHECK_FALSE(binder_crossing(larger, smaller));  // rises through zero: not a transition
  smaller.pop_back();
  CHECK_THROWS_AS(binder_crossing(smaller, larger), InputError);
}
