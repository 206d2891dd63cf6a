#include "analysis/monte_carlo/short_range_order.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <functional>

#include "core/errors.hpp"

using namespace hullscan;

namespace {

/// Sites of a cubic crystal in half edges, in a torus of four by four by four edges.
struct CubicSites {
  static constexpr int kTorus = 8;
  std::vector<std::array<int, 3>> places;
  std::vector<std::uint8_t> occupation;
};

enum class Centring { kBody, kFaces };

/// @param occupant of a site by its place within the edge.
CubicSites ordered(Centring centring, const std::function<int(int, int, int)>& occupant) {
  CubicSites sites;
  for (int x = 0; x < CubicSites::kTorus; ++x) {
    for (int y = 0; y < CubicSites::kTorus; ++y) {
      for (int z = 0; z < CubicSites::kTorus; ++z) {
        const bool there = centring == Centring::kFaces ? (x + y + z) % 2 == 0 : x % 2 == y % 2 && y % 2 == z % 2;
        if (!there) continue;
        sites.places.push_back({x, y, z});
        sites.occupation.push_back(static_cast<std::uint8_t>(occupant(x % 2, y % 2, z % 2)));
      }
    }
  }
  return sites;
}

/// All pairs at a squared distance in half edges.
PairCounts pairs_at(const CubicSites& sites, int squared, std::size_t species) {
  PairCounts pairs(species, std::vector<double>(species, 0.0));
  for (std::size_t a = 0; a < sites.places.size(); ++a) {
    for (std::size_t b = 0; b < sites.places.size(); ++b) {
      int distance = 0;
      for (std::size_t k = 0; k < 3; ++k) {
        int d = std::abs(sites.places[a][k] - sites.places[b][k]);
        d = std::min(d, CubicSites::kTorus - d);
        distance += d * d;
      }
      if (distance == squared) pairs[sites.occupation[a]][sites.occupation[b]] += 1;
    }
  }
  return pairs;
}

void check_all(const PairCounts& pairs, double expected) {
  for (const auto& row : warren_cowley(pairs)) {
    for (const auto& alpha : row) {
      REQUIRE(alpha);
      CHECK(*alpha == Approx(expected).margin(1e-12));
    }
  }
}

}  // namespace

TEST_CASE("Warren-Cowley parameters of ordered crystals are those that can be counted", "[analysis][monte-carlo]") {
  const auto l1_0 = ordered(Centring::kFaces, [](int, int, int z) { return z; });
  const auto l1_2 = ordered(Centring::kFaces, [](int x, int y, int z) { return x + y + z == 0 ? 1 : 0; });
  const auto b2 = ordered(Centring::kBody, [](int x, int, int) { return x; });
  // A2BC: the four simple cubic lattices of fcc hold A, A, B, C; each site has four neighbours on each of the others.
  const auto a2bc = ordered(Centring::kFaces, [](int x, int y, int) { return x + y == 0 ? 1 : (x + y == 2 ? 2 : 0); });

  check_all(pairs_at(l1_0, 2, 2), -1.0 / 3);
  check_all(pairs_at(l1_0, 4, 2), 1);
  check_all(pairs_at(l1_2, 2, 2), -1.0 / 3);
  check_all(pairs_at(l1_2, 4, 2), 1);
  check_all(pairs_at(b2, 3, 2), -1);
  check_all(pairs_at(b2, 4, 2), 1);
  check_all(pairs_at(b2, 8, 2), 1);
  check_all(pairs_at(a2bc, 2, 3), -1.0 / 3);
  check_all(pairs_at(a2bc, 4, 3), 1);
}

TEST_CASE("Warren-Cowley parameters are zero without order and nothing where a species is not there",
          "[analysis][monte-carlo]") {
  check_all({{25, 15, 10}, {15, 9, 6}, {10, 6, 4}}, 0);
  const auto alone = warren_cowley({{12, 0}, {0, 0}});
  CHECK_FALSE(alone[0][0]);
  CHECK_FALSE(alone[0][1]);
  CHECK_FALSE(alone[1][1]);
  CHECK_THROWS_AS(warren_cowley({{1, 2}, {3}}), InputError);
}

TEST_CASE("the order of sublattices goes from none to one", "[analysis][monte-carlo]") {
  const auto l1_2 = ordered(Centring::kFaces, [](int x, int y, int z) { return x + y + z == 0 ? 1 : 0; });
  std::vector<std::size_t> corner;
  for (const auto& [x, y, z] : l1_2.places) corner.push_back(x % 2 + y % 2 + z % 2 == 0 ? 1 : 0);

  const auto shares = occupation_of_groups(l1_2.occupation, corner, 2, 2);

  CHECK(shares == std::vector<std::vector<double>>{{1, 0}, {0, 1}});
  CHECK(long_range_order(shares[1][1], 0.25, 0.25) == 1);
  CHECK(long_range_order(0.25, 0.25, 0.25) == 0);
}
