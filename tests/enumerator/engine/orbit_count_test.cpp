#include "enumerator/orbits/orbit_count.hpp"

#include <catch2/catch.hpp>

#include "enumerator/orbits/canonical_form.hpp"
#include "small_spaces.hpp"

namespace hullscan {
namespace {

using namespace hullscan::test;

TEST_CASE("Burnside's count is that of brute force on every small space", "[enumerator][count]") {
  for (std::uint64_t seed = 1000; seed < 1600; ++seed) {
    const SmallSpace space = random_space(seed, 10, 4);
    const BruteForce brute(space.group, all_colourings(space.sublattice_of_site, space.counts));

    const auto count = count_orbits(space.action(), space.counts);

    INFO("seed " << seed);
    REQUIRE(count.has_value());
    REQUIRE(count->total == brute.colourings.size());
    REQUIRE(count->inequivalent == brute.orbits());
  }
}

TEST_CASE("aperiodic counts are those of enumeration", "[enumerator][count]") {
  const int shapes[][3] = {{1, 1, 8}, {1, 1, 12}, {2, 2, 2}, {1, 3, 3}, {2, 2, 3}, {1, 4, 4}, {1, 1, 1}, {1, 6, 6}};
  for (const auto& [a, b, c] : shapes) {
    const int n = a * b * c;
    const auto group = generated(static_cast<std::size_t>(n), torus_generators(a, b, c, true, true));
    const auto action =
        std::make_shared<const GroupAction>(group, std::vector<int>(static_cast<std::size_t>(n), 0),
                                            elements_of(group, torus_generators(a, b, c, false, false)));
    OrbitCounter counter(action, false);
    for (int k = 0; k <= std::min(n, 6); ++k) {
      const CompositionCounts counts{{{k, n - k}}};
      const auto enumerated = OrbitEnumerator(action, counts, {.superperiodic = false}).count({}, {});
      INFO(a << "x" << b << "x" << c << " with " << k);
      CHECK(counter.count(counts) == OrbitCount{enumerated.labelled, enumerated.orbits});
    }
  }
}

TEST_CASE("necklaces and Lyndon words are counted as the formulas say", "[enumerator][count]") {
  // Binary necklaces of length 12: 352; Lyndon words (aperiodic necklaces) of length 12: 335 (OEIS A000031, A001037).
  const auto group = generated(12, torus_generators(1, 1, 12, false, false));
  std::vector<std::size_t> all(group.order());
  std::iota(all.begin(), all.end(), std::size_t{0});
  const auto action = std::make_shared<const GroupAction>(group, std::vector<int>(12, 0), all);
  OrbitCounter necklaces(action, true), lyndon(action, false);
  BigInteger necklace_sum = 0, lyndon_sum = 0;
  for (int k = 0; k <= 12; ++k) {
    necklace_sum += necklaces.count({{{k, 12 - k}}}).inequivalent;
    lyndon_sum += lyndon.count({{{k, 12 - k}}}).inequivalent;
  }
  CHECK(necklace_sum == 352);
  CHECK(lyndon_sum == 335);
}

TEST_CASE("counts have no upper limit", "[enumerator][count]") {
  const int n = 256;
  const auto group = generated(n, torus_generators(4, 8, 8, true, true));
  const auto action = std::make_shared<const GroupAction>(group, std::vector<int>(n, 0));

  const auto count = count_orbits(action, {{{64, 64, 64, 64}}});

  REQUIRE(count.has_value());
  BigInteger factorial = 1, quarter = 1;
  for (int i = 1; i <= n; ++i) factorial *= i;
  for (int i = 1; i <= 64; ++i) quarter *= i;
  CHECK(count->total == factorial / (quarter * quarter * quarter * quarter));
  CHECK(count->inequivalent > count->total / group.order());
  CHECK(count->inequivalent < count->total / group.order() * 101 / 100);
}

TEST_CASE("with forbidden pairs there is no exact count", "[enumerator][count]") {
  const auto group = generated(4, torus_generators(1, 1, 4, true, false));
  const auto action = std::make_shared<const GroupAction>(group, std::vector<int>(4, 0));
  auto forbidden = std::make_shared<ForbiddenPairs>();
  forbidden->sites.push_back({0, 0});
  CHECK_FALSE(count_orbits(action, {{{2, 2}}}, {.forbidden = forbidden}).has_value());
}

}  // namespace
}  // namespace hullscan
