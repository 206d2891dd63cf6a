// The list of strata: complete, in order, and its books close with binomial coefficients.
#include "enumerator/space/strata.hpp"

#include <catch2/catch.hpp>
#include <set>

#include "campaign_spaces.hpp"
#include "core/errors.hpp"

namespace hullscan {
namespace {

using Catch::Contains;
using test::space_from;

/// fcc, whose supercells of 1 to 3 cells hold 1, 2 and 3 sites.
const std::string kAlloy = R"(
structure = "Al-fcc.cif"
primitive = true
volume = [1, 3]
superperiodic = true
[[space.sublattice]]
sites = "Al"
species = { Al = "rest", Cu = "0%..100%" }
)";

/// 32 sites of Fe with up to two Ti, 32 of K with one vacancy.
const std::string kFerrite = R"(
structure = "KFeO2-Pbca.cif"
supercell = [2, 1, 1]
[[space.sublattice]]
sites = "Fe"
species = { Fe = "rest", Ti = [0, 1, 2] }
[[space.sublattice]]
sites = "K"
species = { K = "rest", Va = 1 }
)";
const std::string kMarkedPaths = "[[space.marker]]\npair = [\"K\", \"K\"]\nmax_distance = 4.2\n";
const std::string kIronPairs = "[[space.marker]]\npair = [\"Fe\", \"Fe\"]\nmax_distance = 3.5\n";

BigInteger binomial(int n, int k) {
  BigInteger value = 1;
  for (int i = 0; i < k; ++i) value = value * (n - i) / (i + 1);
  return value;
}

/// Of both sublattices of the ferrite, coloured independently.
BigInteger colourings(const CompositionCounts& counts) {
  BigInteger product = 1;
  for (const auto& row : counts.of_sublattice) product *= binomial(row[0] + row[1], row[1]);
  return product;
}

TEST_CASE("two spaces with several supercells make one sorted list that finds each by its key",
          "[enumerator][strata]") {
  const std::vector<SearchSpace> spaces = {space_from(kAlloy), space_from(kFerrite)};
  const Strata strata(spaces);

  // A supercell of n sites has n + 1 compositions; the ferrite has three.
  std::size_t expected = 3;
  for (const auto& supercell : spaces[0].supercells()) expected += supercell->varied_sites().size() + 1;
  CHECK(spaces[0].supercells().size() > 3);
  CHECK(strata.size() == expected);
  const SpaceStratum* before = nullptr;
  for (const SpaceStratum& stratum : strata) {
    if (before != nullptr) CHECK(before->key < stratum.key);
    before = &stratum;
    CHECK(strata.find(stratum.key) == &stratum);
    CHECK(stratum.space == &spaces[stratum.key.space]);
    CHECK(!stratum.marker);
    CHECK(stratum.composition == stratum.key.index_in_supercell);
    CHECK(stratum.enumerator().counts() == stratum.counts());
  }
  CHECK(strata.at({1, 0, 0}).formula() == "K31Fe30Ti2O64");
  CHECK(strata.at({1, 0, 0}).named_counts() ==
        std::map<std::string, std::int64_t>{{"Fe.Fe", 30}, {"Fe.Ti", 2}, {"K.K", 31}, {"K.Va", 1}});
  CHECK(strata.at({1, 0, 2}).named_counts().at("Fe.Ti") == 0);

  const auto last = static_cast<std::uint32_t>(spaces[0].supercells().size());
  for (const Stratum& missing : {Stratum{1, 0, 3}, Stratum{1, 1, 0}, Stratum{2, 0, 0}, Stratum{0, last, 0}}) {
    CHECK(strata.find(missing) == nullptr);
    CHECK_THROWS_WITH(strata.at(missing), Contains("there is no stratum"));
  }
}

TEST_CASE("a list of no spaces is empty", "[enumerator][strata]") {
  const Strata strata(std::span<const SearchSpace>{});
  CHECK(strata.begin() == strata.end());
  CHECK(strata.by_composition().empty());
  CHECK(strata.find({0, 0, 0}) == nullptr);
  CHECK(exact_count(strata) == OrbitCount{0, 0});
}

TEST_CASE("the strata of an unmarked supercell hold 2 to the sites colourings", "[enumerator][strata]") {
  const std::vector<SearchSpace> spaces = {space_from(kAlloy)};
  const Strata strata(spaces);
  StratumCounts counts;
  BigInteger all = 0;
  for (std::size_t i = 0; i < spaces[0].supercells().size(); ++i) {
    const auto sites = static_cast<int>(spaces[0].supercells()[i]->varied_sites().size());
    BigInteger sum = 0;
    for (const SpaceStratum& stratum : strata.of(0, i)) {
      const OrbitCount count = *counts.of(stratum);
      CHECK(count.total == binomial(sites, stratum.counts().of_sublattice[0][1]));
      CHECK(count == *counts.of_composition(stratum));
      sum += count.total;
    }
    CHECK(sum == BigInteger(1) << sites);
    all += sum;
  }
  CHECK(exact_count(strata)->total == all);
}

TEST_CASE("strata round marked pairs are numbered through, and their sizes sum to objects times colourings",
          "[enumerator][strata][marker]") {
  const std::vector<SearchSpace> spaces = {space_from(kFerrite + kMarkedPaths)};
  const Strata strata(spaces);
  REQUIRE(spaces[0].markers(0).size() == 5);  // 64 paths: 8 + 8 + 16 + 16 + 16
  REQUIRE(strata.size() == 3 * 5);

  StratumCounts counts;
  std::uint32_t index = 0;
  for (const auto& together : strata.by_composition(0, 0)) {
    REQUIRE(together.size() == 5);
    BigInteger total = 0, inequivalent = 0;
    for (const SpaceStratum& stratum : together) {
      CHECK(stratum.key == Stratum{0, 0, index});
      CHECK(stratum.composition == index / 5);  // the index of a stratum is not one of compositions
      CHECK(stratum.marker == index % 5);
      const OrbitCount count = *counts.of(stratum);
      CHECK(count.total == spaces[0].markers(0)[*stratum.marker].size * colourings(stratum.counts()));
      total += count.total;
      inequivalent += count.inequivalent;
      ++index;
    }
    CHECK(total == 64 * colourings(together.front().counts()));
    CHECK(*counts.of_composition(together.front()) == OrbitCount{total, inequivalent});
  }
  // Compositions ascend in Fe: 30, 31, 32, of five strata each.
  CHECK(strata.at({0, 0, 4}).formula() == "K31Fe30Ti2O64");
  CHECK(strata.at({0, 0, 4}).named_counts().at("Fe.Ti") == 2);
  CHECK(strata.at({0, 0, 5}).named_counts().at("Fe.Ti") == 1);
}

TEST_CASE("a composition that only some marked orbits leave room for has their strata alone",
          "[enumerator][strata][marker]") {
  const std::vector<SearchSpace> spaces = {space_from(kFerrite + kMarkedPaths + kIronPairs)};
  const Strata strata(spaces);
  const auto& markers = spaces[0].markers(0);

  std::size_t expected = 0;
  for (const CompositionCounts& counts : spaces[0].compositions(0)) {
    for (const MarkerOrbit& marker : markers) expected += marker.holds(counts) ? 1 : 0;
  }
  CHECK(strata.size() == expected);
  CHECK(strata.by_composition().size() == spaces[0].compositions(0).size());
  std::set<std::pair<std::size_t, std::size_t>> kinds;  // marker of the campaign, sites of Fe left to colour
  for (const SpaceStratum& stratum : strata) {
    const MarkerOrbit& marker = markers[*stratum.marker];
    CHECK(marker.holds(stratum.counts()));
    const auto& iron = stratum.counts().of_sublattice[0];
    kinds.emplace(marker.marker, static_cast<std::size_t>(iron[0] + iron[1]));
  }
  CHECK(kinds == std::set<std::pair<std::size_t, std::size_t>>{{0, 32}, {1, 30}});
}

TEST_CASE("minimum distances leave strata without an exact count", "[enumerator][strata]") {
  const std::vector<SearchSpace> spaces = {
      space_from(kFerrite + "[[space.min_distance]]\npair = [\"Ti\", \"Ti\"]\nangstrom = 4.0\n")};
  const Strata strata(spaces);
  StratumCounts counts;
  CHECK(!counts.of(strata.at({0, 0, 2})));
  CHECK(!exact_count(strata));
}

}  // namespace
}  // namespace hullscan
