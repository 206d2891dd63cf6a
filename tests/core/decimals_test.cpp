#include "core/decimals.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

using namespace hullscan;

TEST_CASE("published energies have nine decimals and are within half of the last one", "[core][decimals]") {
  CHECK(published_ev(-14.007094660597208) == -14.007094661);
  CHECK(published_ev(0.03671746590400882) == 0.036717466);
  CHECK(at_decimals(2.0 / 3, kShareDecimals) == 0.666666666667);
  double energy = -123.4567890123;
  for (int i = 0; i < 10'000; ++i, energy += 0.0271828182845) {
    REQUIRE(std::abs(published_ev(energy) - energy) <= 5.001e-10);
    // What differs in the last digits of a double is the same when it is published, but at the edge between two.
    const double above = std::abs(energy * 1e9 - std::floor(energy * 1e9) - 0.5);
    if (above > 1e-3) REQUIRE(published_ev(std::nextafter(energy, 1e3)) == published_ev(energy));
    REQUIRE(published_ev(published_ev(energy)) == published_ev(energy));
  }
}

TEST_CASE("numbers without such decimals stay", "[core][decimals]") {
  CHECK_FALSE(std::signbit(published_ev(-1e-12)));
  CHECK(published_ev(1.2345678901234567e8) == 1.2345678901234567e8);
  CHECK(std::isnan(published_ev(std::numeric_limits<double>::quiet_NaN())));
  CHECK(std::isinf(published_ev(-std::numeric_limits<double>::infinity())));
}
