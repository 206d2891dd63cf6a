// Samples against the enumerated composition. chi^2/df has mean 1 and standard deviation sqrt(2/df); the seeds are
// fixed, so the limits hold or not for ever.
#include "enumerator/sampling/composition_sampler.hpp"
#include "enumerator/sampling/sample_shares.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include "campaign_spaces.hpp"
#include "enumerator/orbits/orbit_count.hpp"

namespace hullscan {
namespace {

using test::space_from;
using Key = std::tuple<std::uint64_t, int, std::vector<std::uint8_t>>;  // degeneracy, marker or -1, occupation

const std::string kPerovskite =
    "structure = \"gamma-CsPbI3-Pnma.cif\"\nsupercell = [2, 2, 1]\n"
    "[[space.sublattice]]\nsites = \"Pb\"\nspecies = { Pb = \"rest\", Cd = 6 }\n";
const std::string kPaths =
    "structure = \"Al-fcc.cif\"\nsupercell = [2, 2, 1]\n"
    "[[space.sublattice]]\nsites = \"Al\"\nspecies = { Al = \"rest\", Cu = 3 }\n"
    "[[space.marker]]\npair = [\"Al\", \"Al\"]\nmax_distance = 2.9\n";

std::set<Key> all_orbits(const SearchSpace& space) {
  std::set<Key> all;
  const auto visit = [&](const OrbitEnumerator& enumerator, int marker) {
    (void)enumerator.run({}, {}, [&](const Orbit& orbit) {
      all.insert({orbit.degeneracy, marker, {orbit.occupation.begin(), orbit.occupation.end()}});
      return true;
    });
  };
  if (space.markers(0).empty()) visit(space.enumerator(0, 0), -1);
  for (std::size_t m = 0; m < space.markers(0).size(); ++m) visit(space.enumerator(0, 0, m), static_cast<int>(m));
  return all;
}

struct Sample {
  std::vector<Key> orbits;
  SampleOutcome outcome;
};

Sample sample(const SearchSpace& space, const std::string& method, std::int64_t number, std::uint64_t seed) {
  Sample result;
  const SampleSpec spec{number, false, method, {"campaign.toml", 7, 1}};
  result.outcome = sample_composition(space, 0, 0, spec, seed, [&](const SampledOrbit& orbit) {
    result.orbits.emplace_back(orbit.form.degeneracy, orbit.marker ? static_cast<int>(*orbit.marker) : -1,
                               orbit.form.occupation);
  });
  return result;
}

/// Draws `taken` different members of a class of `size`, `times` times: is every member taken as often?
void check_uniform(const std::map<Key, double>& found, double size, double taken, double times) {
  if (taken == size) {
    for (const auto& [key, number] : found) CHECK(number == times);
    return;
  }
  const double p = taken / size;
  double chi = (size - static_cast<double>(found.size())) * (times * p) / (1 - p);  // those never taken
  for (const auto& [key, number] : found) chi += (number - times * p) * (number - times * p) / (times * p * (1 - p));
  INFO(taken << " of " << size);
  CHECK(std::abs(chi / size - 1) < 4 * std::sqrt(2 / (size - 1)));
}

TEST_CASE("a stratified sample is uniform within every symmetry class and takes the small classes whole",
          "[enumerator][sample]") {
  for (const std::string& text : {kPerovskite, kPaths}) {
    const auto space = space_from(text);
    const auto all = all_orbits(space);
    std::map<std::uint64_t, std::uint64_t> size;
    for (const Key& key : all) ++size[std::get<0>(key)];
    CHECK(size.size() >= 3);
    constexpr int kAsked = 40, kTimes = 400;

    std::map<std::uint64_t, std::map<Key, double>> found;  // degeneracy -> orbit -> times taken
    SampleOutcome outcome;
    for (int seed = 0; seed < kTimes; ++seed) {
      const Sample drawn = sample(space, "stratified", kAsked, static_cast<std::uint64_t>(seed));
      outcome = drawn.outcome;
      REQUIRE(drawn.orbits.size() == kAsked);
      REQUIRE(std::set<Key>(drawn.orbits.begin(), drawn.orbits.end()).size() == kAsked);
      for (const Key& key : drawn.orbits) {
        REQUIRE(all.count(key) == 1);
        found[std::get<0>(key)][key] += 1;
      }
    }

    REQUIRE(outcome.classes.size() == size.size());
    std::uint64_t left = kAsked;
    for (std::size_t c = 0; c < outcome.classes.size(); ++c) {
      const SampledClass& of_class = outcome.classes[c];
      const std::uint64_t classes = outcome.classes.size() - c;
      CHECK(of_class.orbits == BigInteger(size[of_class.degeneracy]));
      CHECK(of_class.drawn == std::min(size[of_class.degeneracy], (left + classes - 1) / classes));
      left -= of_class.drawn;
      check_uniform(found[of_class.degeneracy], static_cast<double>(size[of_class.degeneracy]),
                    static_cast<double>(of_class.drawn), kTimes);
    }
  }
}

TEST_CASE("a stratified sample with minimum distances is uniform too", "[enumerator][sample]") {
  const auto space = space_from(
      "structure = \"gamma-CsPbI3-Pnma.cif\"\nsupercell = [2, 2, 1]\n"
      "min_distance = [{ pair = [\"Cd\", \"Cd\"], angstrom = 6.5 }]\n"
      "[[space.sublattice]]\nsites = \"Pb\"\nspecies = { Pb = \"rest\", Cd = 4 }\n");
  const auto all = all_orbits(space);
  std::map<std::uint64_t, std::uint64_t> size;
  for (const Key& key : all) ++size[std::get<0>(key)];
  constexpr int kTimes = 300;
  const auto asked = static_cast<std::int64_t>(all.size() / 2);
  REQUIRE(asked > 3);
  std::map<std::uint64_t, std::map<Key, double>> found;
  SampleOutcome outcome;
  for (int seed = 0; seed < kTimes; ++seed) {
    const Sample drawn = sample(space, "stratified", asked, static_cast<std::uint64_t>(seed));
    outcome = drawn.outcome;
    for (const Key& key : drawn.orbits) {
      REQUIRE(all.count(key) == 1);
      found[std::get<0>(key)][key] += 1;
    }
  }
  CHECK(outcome.drawn == static_cast<std::uint64_t>(asked));
  for (const SampledClass& c : outcome.classes) {
    CHECK(c.orbits == BigInteger(size[c.degeneracy]));
    check_uniform(found[c.degeneracy], static_cast<double>(size[c.degeneracy]), static_cast<double>(c.drawn), kTimes);
  }
}

/// Boron triangles of WB4.2: of 134,596 ways to place six borons on 24 sites 28 are two whole triangles, and one of
/// these stands at the two vacant metal sites.
const std::string kTriangles =
    "structure = \"WB4.2-P63mmc.cif\"\nsupercell = [2, 2, 1]\nconstraints = [\"triangle.B == 3*hole.Va\"]\n"
    "min_distance = [{ pair = [\"W\", \"B\"], angstrom = 1.5 }, { pair = [\"Ta\", \"B\"], angstrom = 1.5 }]\n"
    "[[space.sublattice]]\nname = \"M\"\nsites = \"W1\"\nspecies = { W = \"rest\", Ta = 4 }\n"
    "[[space.sublattice]]\nname = \"hole\"\nsites = \"W2\"\nspecies = { W = \"rest\", Ta = 2, Va = 2 }\n"
    "[[space.sublattice]]\nname = \"triangle\"\nsites = \"B2\"\nspecies = { Va = \"rest\", B = 6 }\n";

TEST_CASE("where almost no random colouring keeps the distances, samples are uniform over what is allowed",
          "[enumerator][sample][slow]") {
  const auto space = space_from(kTriangles);
  const auto all = all_orbits(space);
  double labelled = 0;
  for (const Key& key : all) labelled += static_cast<double>(std::get<0>(key));
  CHECK(labelled == 70 * 28 * 15);  // C(8,4) Ta on one, C(8,2) holes and C(6,2) Ta on the other metal sites

  std::map<Key, double> found;
  constexpr int kTimes = 300, kAsked = 60;
  for (int seed = 0; seed < kTimes; ++seed) {
    const Sample drawn = sample(space, "orbit", kAsked, static_cast<std::uint64_t>(seed));
    REQUIRE(drawn.orbits.size() == kAsked);
    REQUIRE(drawn.outcome.origin == SampleOrigin::kEnumeration);
    REQUIRE(drawn.outcome.orbits == all.size());
    for (const Key& key : drawn.orbits) {
      REQUIRE(all.count(key) == 1);
      found[key] += 1;
    }
  }
  check_uniform(found, static_cast<double>(all.size()), kAsked, kTimes);

  constexpr int kDraws = 40'000;
  found.clear();
  const Sample drawn = sample(space, "configuration", kDraws, 3);
  CHECK(drawn.outcome.origin == SampleOrigin::kEnumeration);
  REQUIRE(drawn.orbits.size() == kDraws);
  for (const Key& key : drawn.orbits) found[key] += 1;
  double chi = 0;
  for (const Key& key : all) {
    const double mean = kDraws * static_cast<double>(std::get<0>(key)) / labelled;
    chi += (found[key] - mean) * (found[key] - mean) / mean;
  }
  const double df = static_cast<double>(all.size()) - 1;
  CHECK(std::abs(chi / df - 1) < 4 * std::sqrt(2 / df));
  const std::vector<Key> first(drawn.orbits.begin(), drawn.orbits.begin() + 50);
  CHECK(sample(space, "configuration", 50, 3).orbits == first);

  const auto counted = count_by_enumeration(space, 0, 0);
  REQUIRE(counted);
  CHECK(counted->inequivalent == all.size());
  CHECK(counted->total == BigInteger(static_cast<std::int64_t>(labelled)));
}

TEST_CASE("a sample of more than there is says how many there are, also where distances forbid nothing after all",
          "[enumerator][sample]") {
  // No boron and no hole: the distances between metal and boron never matter.
  std::string text = kTriangles;
  for (const auto& [from, to] : {std::pair("Ta = 2, Va = 2", "Ta = 2, Va = 0"), {"B = 6", "B = 0"}})
    text.replace(text.find(from), std::string(from).size(), to);
  const auto space = space_from(text);
  const auto all = all_orbits(space);

  const Sample drawn = sample(space, "orbit", 10'000, 1);

  CHECK(std::set<Key>(drawn.orbits.begin(), drawn.orbits.end()) == all);
  CHECK(drawn.outcome.orbits == all.size());
  CHECK_FALSE(drawn.outcome.gave_up);
}

TEST_CASE("where distances forbid little, samples are drawn by rejection and are uniform", "[enumerator][sample]") {
  // 12 of 32 sites are not to be next to each other along the shortest Pb-Pb: too many orbits to be enumerated before
  // 300 draws are made, few enough to know them all.
  const auto space = space_from(
      "structure = \"gamma-CsPbI3-Pnma.cif\"\nsupercell = [2, 2, 2]\n"
      "min_distance = [{ pair = [\"Cd\", \"Cd\"], angstrom = 6.2 }]\n"
      "[[space.sublattice]]\nsites = \"Pb\"\nspecies = { Pb = \"rest\", Cd = 5 }\n");
  const auto all = all_orbits(space);
  CHECK(all.size() > 300);
  std::map<Key, double> found;
  constexpr int kTimes = 400, kAsked = 20;
  for (int seed = 0; seed < kTimes; ++seed) {
    const Sample drawn = sample(space, "orbit", kAsked, static_cast<std::uint64_t>(seed));
    REQUIRE(drawn.orbits.size() == kAsked);
    REQUIRE(drawn.outcome.origin == SampleOrigin::kRejection);
    for (const Key& key : drawn.orbits) found[key] += 1;
  }
  for (const auto& [key, number] : found) CHECK(all.count(key) == 1);
  check_uniform(found, static_cast<double>(all.size()), kAsked, kTimes);
}

// 60 of 256 sites, each of whose 12 neighbours must be free: no random colouring is allowed, and no search ends.
TEST_CASE("a sample that neither rejection nor enumeration can give is refused with an advice",
          "[.][long][enumerator][sample]") {
  const auto space = space_from(
      "structure = \"Al-fcc.cif\"\nsupercell = [4, 4, 4]\nmin_distance = [{ pair = [\"Cu\", \"Cu\"], angstrom = 4 "
      "}]\n"
      "[[space.sublattice]]\nsites = \"Al\"\nspecies = { Al = \"rest\", Cu = 60 }\n");
  CHECK_THROWS_WITH(sample(space, "orbit", 10, 1), Catch::Contains("campaign.toml:7:1: space.sample: ") &&
                                                       Catch::Contains("min_distance allows none of") &&
                                                       Catch::Contains("narrow the counts"));
}

TEST_CASE("samples with marked paths are uniform over orbits and over configurations", "[enumerator][sample]") {
  const auto space = space_from(kPaths);
  const auto all = all_orbits(space);
  double labelled = 0;
  for (const Key& key : all) labelled += static_cast<double>(std::get<0>(key));

  std::map<Key, double> found;
  constexpr int kTimes = 600, kAsked = 25;
  for (int seed = 0; seed < kTimes; ++seed) {
    for (const Key& key : sample(space, "orbit", kAsked, static_cast<std::uint64_t>(seed)).orbits) {
      REQUIRE(all.count(key) == 1);
      found[key] += 1;
    }
  }
  check_uniform(found, static_cast<double>(all.size()), kAsked, kTimes);

  constexpr int kDraws = 20'000;
  found.clear();
  for (const Key& key : sample(space, "configuration", kDraws, 3).orbits) found[key] += 1;
  double chi = 0;
  for (const Key& key : all) {
    const double mean = kDraws * static_cast<double>(std::get<0>(key)) / labelled;
    chi += (found[key] - mean) * (found[key] - mean) / mean;
  }
  const double df = static_cast<double>(all.size()) - 1;
  CHECK(df > 50);
  CHECK(std::abs(chi / df - 1) < 4 * std::sqrt(2 / df));
}

TEST_CASE("a stratified sample of a space that nobody could enumerate holds its most symmetric orbits",
          "[enumerator][sample]") {
  const auto space = space_from(
      "structure = \"gamma-CsPbI3-Pnma.cif\"\nsupercell = [2, 2, 2]\n"
      "[[space.sublattice]]\nsites = \"Pb\"\nspecies = { Pb = \"rest\", Cd = 8 }\n"
      "[[space.sublattice]]\nsites = \"I\"\nspecies = { I = \"rest\", Br = 16 }\n");

  const Sample one = sample(space, "stratified", 200, 5), other = sample(space, "stratified", 200, 5);

  CHECK(one.orbits == other.orbits);
  CHECK(one.outcome.drawn == 200);
  std::uint64_t least = ~std::uint64_t{0};
  BigInteger sum = 0, labelled = 0;
  for (const SampledClass& c : one.outcome.classes) {
    CHECK(c.drawn > 0);
    least = std::min(least, c.degeneracy);
    sum += *c.orbits;
    labelled += *c.orbits * c.degeneracy;
  }
  CHECK(least <= 4);  // of a group of order 64
  const OrbitCount count = *count_orbits(space.action(0), space.compositions(0)[0]);
  CHECK(sum == count.inequivalent);
  CHECK(labelled == count.total);
}

TEST_CASE("a sample that minimum distances cut short holds all there is", "[enumerator][sample]") {
  const auto space = space_from(
      "structure = \"Al-fcc.cif\"\nsupercell = [2, 2, 2]\nmin_distance = [{ pair = [\"Cu\", \"Cu\"], angstrom = 5 "
      "}]\n"
      "[[space.sublattice]]\nsites = \"Al\"\nspecies = { Al = \"rest\", Cu = 2 }\n");
  const auto all = all_orbits(space);
  for (const char* method : {"orbit", "stratified"}) {
    const Sample drawn = sample(space, method, 1000, 1);
    CHECK(std::set<Key>(drawn.orbits.begin(), drawn.orbits.end()) == all);
    CHECK(drawn.outcome.drawn == all.size());
    CHECK(drawn.outcome.orbits == all.size());
    CHECK_FALSE(drawn.outcome.gave_up);
  }
}

TEST_CASE("a sample of a space falls on compositions by size until they have no more", "[enumerator][sampling]") {
  // 20,000 draws among sizes 1 : 3 : 6: shares within four standard deviations of the multinomial distribution's.
  const std::vector<BigInteger> sizes{10, 30, 60};

  const auto shares = sample_shares(20'000, sizes, {}, 5);

  CHECK(shares[0] + shares[1] + shares[2] == 20'000);
  for (std::size_t i = 0; i < 3; ++i) {
    const double p = sizes[i].convert_to<double>() / 100;
    CHECK(static_cast<double>(shares[i]) == Approx(20'000 * p).margin(4 * std::sqrt(20'000 * p * (1 - p))));
  }
  CHECK(sample_shares(95, sizes, sizes, 5)[0] <= 10);
  CHECK(sample_shares(1000, sizes, sizes, 5) == std::vector<std::uint64_t>{10, 30, 60});
}

}  // namespace
}  // namespace hullscan
