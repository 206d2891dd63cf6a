#include "enumerator/orbits/orbit_enumerator.hpp"

#include <rapidcheck.h>

#include <catch2/catch.hpp>

#include "enumerator/orbits/canonical_form.hpp"
#include "small_spaces.hpp"

namespace hullscan {
namespace {

using namespace hullscan::test;

struct Visited {
  std::vector<std::uint8_t> occupation;
  std::uint64_t degeneracy = 0;
  friend bool operator==(const Visited&, const Visited&) = default;
};

std::vector<Visited> visit_all(const OrbitEnumerator& enumerator, const Cursor& begin = {}, const Cursor& end = {}) {
  std::vector<Visited> visited;
  const auto outcome = enumerator.run(begin, end, [&](const Orbit& orbit) {
    visited.push_back({{orbit.occupation.begin(), orbit.occupation.end()}, orbit.degeneracy});
    return true;
  });
  CHECK(outcome.finished);
  CHECK(outcome.orbits == visited.size());
  std::uint64_t labelled = 0;
  for (const Visited& v : visited) labelled += v.degeneracy;
  CHECK(outcome.labelled == labelled);
  return visited;
}

/// @returns what is wrong, or "".
std::string compared_with_brute_force(const SmallSpace& space, const EnumerationOptions& options = {}) {
  const auto action = space.action();
  const OrbitEnumerator enumerator(action, space.counts, options);
  const BruteForce brute(space.group, all_colourings(space.sublattice_of_site, space.counts));
  enum Fate { kOpen, kLeftOut, kVisited };
  std::vector<Fate> fate(brute.orbits(), kOpen);
  for (std::size_t i = 0; i < brute.colourings.size(); ++i) {
    const auto& colouring = brute.colourings[i];
    bool left_out = options.forbidden != nullptr && !options.forbidden->allows(colouring);
    if (!options.superperiodic) {
      for (const std::uint32_t g : stabiliser_of(*action, colouring)) left_out |= g != 0 && action->is_translation(g);
    }
    if (left_out) fate[brute.orbit_of[i]] = kLeftOut;
  }
  std::vector<std::vector<std::uint8_t>> form_of(brute.orbits());
  std::vector<std::uint32_t> last;
  for (const Visited& v : visit_all(enumerator)) {
    const std::size_t orbit = brute.orbit(v.occupation);
    if (fate[orbit] != kOpen) return fate[orbit] == kVisited ? "an orbit twice" : "an orbit that is left out";
    fate[orbit] = kVisited;
    if (brute.size[orbit] != v.degeneracy) return "wrong degeneracy";
    form_of[orbit] = v.occupation;
    const auto tuple = search_tuple(*action, enumerator.order(), v.occupation);
    if (!last.empty() && tuple <= last) return "not in search order";
    last = tuple;
  }
  if (std::count(fate.begin(), fate.end(), kOpen) != 0) return "an orbit was missed";
  for (std::size_t i = 0; i < brute.colourings.size(); i += 1 + brute.colourings.size() / 200) {
    if (fate[brute.orbit_of[i]] == kLeftOut) continue;
    const CanonicalForm form = canonical_form(*action, enumerator.order(), brute.colourings[i]);
    if (form.occupation != form_of[brute.orbit_of[i]]) return "canonical form disagrees";
    if (form.degeneracy != brute.size[brute.orbit_of[i]]) return "degeneracy of the canonical form disagrees";
  }
  return "";
}

TEST_CASE("every space of up to 12 sites is enumerated as brute force does", "[enumerator][engine][slow]") {
  for (std::uint64_t seed = 0; seed < 1500; ++seed) {
    const SmallSpace space = random_space(seed, 12, 4);
    INFO("seed " << seed << ", group order " << space.group.order());
    REQUIRE(compared_with_brute_force(space) == "");
  }
}

TEST_CASE("tori of 8 to 12 points are enumerated as brute force does", "[enumerator][engine]") {
  const int shapes[][3] = {{2, 2, 2}, {1, 1, 8}, {1, 3, 3}, {1, 1, 10}, {2, 2, 3}, {1, 1, 12}, {1, 3, 4}};
  for (const auto& [a, b, c] : shapes) {
    const int n = a * b * c;
    for (const bool reflections : {false, true}) {
      SmallSpace space;
      space.group = generated(static_cast<std::size_t>(n), torus_generators(a, b, c, reflections, reflections));
      space.translations = elements_of(space.group, torus_generators(a, b, c, false, false));
      space.sublattice_of_site.assign(static_cast<std::size_t>(n), 0);
      for (int k = 0; k <= n; ++k) {
        space.counts.of_sublattice = {{k, n - k}};
        INFO(a << "x" << b << "x" << c << " with " << k);
        REQUIRE(compared_with_brute_force(space) == "");
        REQUIRE(compared_with_brute_force(space, {.superperiodic = false}) == "");
        if (k < 2 || n - k < 2 || n > 10) continue;
        space.counts.of_sublattice = {{k / 2, n - k, k - k / 2}};
        REQUIRE(compared_with_brute_force(space) == "");
        REQUIRE(compared_with_brute_force(space, {.superperiodic = false}) == "");
      }
    }
  }
}

TEST_CASE("forbidden pairs are pruned as if every colouring had been looked at", "[enumerator][engine]") {
  for (std::uint64_t seed = 0; seed < 600; ++seed) {
    const SmallSpace space = random_space(seed, 9, 3);
    std::mt19937_64 random(seed);
    ForbiddenPairs forbidden;
    for (int i = 0; i < 2; ++i) {
      const auto n = space.group.degree;
      const auto species = [&] { return static_cast<std::uint8_t>(random() % 3); };
      const ForbiddenPairs::Pair seed_pair{{static_cast<std::uint16_t>(random() % n), species()},
                                           {static_cast<std::uint16_t>(random() % n), species()}};
      for (std::size_t g = 0; g < space.group.order(); ++g) {
        auto pair = seed_pair;
        pair.a.site = space.group.element(g)[pair.a.site];
        pair.b.site = space.group.element(g)[pair.b.site];
        if (pair.b.site < pair.a.site) std::swap(pair.a, pair.b);
        if (pair.a.site != pair.b.site)
          forbidden.pairs.push_back(pair);
        else if (i == 1 && pair.a.species == pair.b.species)
          forbidden.sites.push_back(pair.a);
      }
    }
    INFO("seed " << seed);
    REQUIRE(compared_with_brute_force(space, {.forbidden = std::make_shared<const ForbiddenPairs>(forbidden)}) == "");
  }
}

TEST_CASE("an interval cut anywhere gives the same orbits in the same order", "[enumerator][engine][slow]") {
  for (std::uint64_t seed = 0; seed < 120; ++seed) {
    const SmallSpace space = random_space(seed, 10, 3);
    const auto action = space.action();
    const OrbitEnumerator enumerator(action, space.counts);
    const auto all = visit_all(enumerator);
    std::vector<Cursor> cuts;
    for (const Visited& v : all) {
      Cursor tuple = search_tuple(*action, enumerator.order(), v.occupation);
      cuts.push_back(tuple);
      if (!tuple.empty()) {
        cuts.push_back(Cursor(tuple.begin(), tuple.end() - 1));
        ++tuple.back();
        cuts.push_back(tuple);
      }
      tuple.push_back(0);
      cuts.push_back(tuple);
    }
    std::erase(cuts, Cursor{});
    INFO("seed " << seed);
    for (const Cursor& cut : cuts) {
      auto both = visit_all(enumerator, {}, cut);
      const auto second = visit_all(enumerator, cut, {});
      both.insert(both.end(), second.begin(), second.end());
      REQUIRE(both == all);
    }
    if (cuts.size() > 4) {
      std::sort(cuts.begin(), cuts.end());
      std::vector<Visited> pieces;
      Cursor begin;
      cuts.push_back({});
      for (const Cursor& cut : cuts) {
        if (!cut.empty() && !begin.empty() && cut <= begin) continue;
        const auto piece = visit_all(enumerator, begin, cut);
        pieces.insert(pieces.end(), piece.begin(), piece.end());
        begin = cut;
      }
      REQUIRE(pieces == all);
    }
  }
}

TEST_CASE("a run that stops after every orbit resumes exactly there", "[enumerator][engine]") {
  for (std::uint64_t seed = 200; seed < 400; ++seed) {
    const SmallSpace space = random_space(seed, 10, 3);
    const OrbitEnumerator enumerator(space.action(), space.counts);
    const auto all = visit_all(enumerator);
    std::vector<Visited> visited;
    Cursor cursor;
    std::uint64_t orbits = 0, labelled = 0;
    for (std::size_t guard = 0; guard <= all.size() + 1; ++guard) {
      const auto outcome = enumerator.run(cursor, {}, [&](const Orbit& orbit) {
        visited.push_back({{orbit.occupation.begin(), orbit.occupation.end()}, orbit.degeneracy});
        return false;
      });
      orbits += outcome.orbits;
      labelled += outcome.labelled;
      cursor = outcome.reached;
      if (outcome.finished) break;
    }
    INFO("seed " << seed);
    REQUIRE(visited == all);
    REQUIRE(orbits == all.size());
    REQUIRE(labelled == all_colourings(space.sublattice_of_site, space.counts).size());
  }
}

TEST_CASE("split pieces together hold every orbit once", "[enumerator][engine]") {
  const std::size_t n = 24;
  const auto action =
      std::make_shared<const GroupAction>(generated(n, torus_generators(2, 3, 4, true, false)), std::vector<int>(n, 0));
  const OrbitEnumerator enumerator(action, {{{6, 18}}});
  const auto all = enumerator.count({}, {});

  const auto cuts = enumerator.split({}, {}, 10);

  REQUIRE(cuts.size() == 9);
  std::uint64_t sum = 0, largest = 0;
  Cursor begin;
  for (std::size_t i = 0; i <= cuts.size(); ++i) {
    const Cursor end = i < cuts.size() ? cuts[i] : Cursor{};
    if (!end.empty()) REQUIRE(begin < end);
    const auto piece = enumerator.count(begin, end);
    sum += piece.orbits;
    largest = std::max(largest, piece.orbits);
    begin = end;
  }
  CHECK(sum == all.orbits);
  CHECK(largest < 3 * all.orbits / 10);
  const auto inner = enumerator.split(cuts[4], cuts[5], 4);
  CHECK(!inner.empty());
  for (const Cursor& c : inner) CHECK((cuts[4] < c && c < cuts[5]));
}

}  // namespace
}  // namespace hullscan
