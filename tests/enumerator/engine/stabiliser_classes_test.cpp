#include "enumerator/sampling/stabiliser_classes.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <map>

#include "enumerator/orbits/detail/random_stream.hpp"
#include "enumerator/orbits/orbit_count.hpp"
#include "enumerator/orbits/orbit_enumerator.hpp"
#include "small_spaces.hpp"

namespace hullscan {
namespace {

using namespace hullscan::test;
using Colouring = std::vector<std::uint8_t>;
using OrbitsOfOrder = std::map<std::uint64_t, std::uint64_t>;

OrbitsOfOrder enumerated_by_order(const std::shared_ptr<const GroupAction>& action, const CompositionCounts& counts,
                                  bool superperiodic) {
  OrbitsOfOrder orbits;
  (void)OrbitEnumerator(action, counts, {.superperiodic = superperiodic}).run({}, {}, [&](const Orbit& orbit) {
    ++orbits[action->order() / orbit.degeneracy];
    return true;
  });
  return orbits;
}

OrbitsOfOrder counted(const StabiliserClasses& found) {
  OrbitsOfOrder orbits;
  for (const auto& c : found.classes()) orbits[c.stabiliser_order] = c.orbits.convert_to<std::uint64_t>();
  return orbits;
}

TEST_CASE("orbits of every order of the stabiliser are as many as brute force finds", "[enumerator][sample]") {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const SmallSpace space = random_space(seed, 12, 3);
    const BruteForce brute(space.group, all_colourings(space.sublattice_of_site, space.counts));
    OrbitsOfOrder expected;
    for (const std::size_t size : brute.size) ++expected[space.group.order() / size];

    const auto found = StabiliserClasses::find(space.action(), space.counts);

    INFO("seed " << seed);
    REQUIRE(found.has_value());
    CHECK(counted(*found) == expected);
  }
}

TEST_CASE("tori have the symmetry classes that enumeration finds, with and without their superperiodic colourings",
          "[enumerator][sample]") {
  struct Torus {
    int a, b, c;
    CompositionCounts counts;
  };
  for (const Torus& t : {Torus{2, 2, 4, {{{6, 10}}}}, Torus{2, 2, 3, {{{4, 4, 4}}}}, Torus{1, 4, 4, {{{8, 8}}}},
                         Torus{3, 3, 2, {{{6, 12}}}}}) {
    const auto group =
        generated(static_cast<std::size_t>(t.a * t.b * t.c), torus_generators(t.a, t.b, t.c, true, true));
    const auto translations = elements_of(group, torus_generators(t.a, t.b, t.c, false, false));
    const auto action = std::make_shared<const GroupAction>(group, std::vector<int>(group.degree, 0), translations);
    for (const bool superperiodic : {true, false}) {
      const auto found = StabiliserClasses::find(action, t.counts, superperiodic);
      REQUIRE(found.has_value());
      CHECK(counted(*found) == enumerated_by_order(action, t.counts, superperiodic));
    }
  }
}

TEST_CASE("draws of a symmetry class are uniform over its orbits", "[enumerator][sample][slow]") {
  // chi^2/df has mean 1 and standard deviation sqrt(2/df); the seeds are fixed, so the limits hold or not for ever.
  const auto group = generated(16, torus_generators(1, 4, 4, true, true));
  const auto action = std::make_shared<const GroupAction>(group, std::vector<int>(16, 0));
  const CompositionCounts counts{{{8, 8}}};
  std::map<std::uint64_t, std::map<Colouring, double>> drawn;  // order of the stabiliser -> orbits
  (void)OrbitEnumerator(action, counts).run({}, {}, [&](const Orbit& orbit) {
    drawn[action->order() / orbit.degeneracy][{orbit.occupation.begin(), orbit.occupation.end()}] = 0;
    return true;
  });
  auto found = StabiliserClasses::find(action, counts);
  REQUIRE(found.has_value());
  REQUIRE(found->classes().size() == drawn.size());
  CHECK(drawn.size() > 5);
  for (std::size_t c = 0; c < found->classes().size(); ++c) {
    auto& orbits = drawn[found->classes()[c].stabiliser_order];
    const double draws = 300.0 * static_cast<double>(orbits.size());
    double taken = 0;
    for (std::uint64_t i = 0; taken < draws; ++i) {
      detail::RandomStream random(5, c, i);
      const auto form = found->draw(c, random);
      if (!form) continue;
      REQUIRE(orbits.count(form->occupation) == 1);
      orbits[form->occupation] += 1;
      ++taken;
    }
    double chi = 0;
    for (const auto& [form, number] : orbits) chi += (number - 300) * (number - 300) / 300;
    const double df = static_cast<double>(orbits.size()) - 1;
    INFO("stabilisers of order " << found->classes()[c].stabiliser_order << ": " << df + 1 << " orbits");
    if (df > 0) CHECK(std::abs(chi / df - 1) < 4 * std::sqrt(2 / df));
  }
}

TEST_CASE("more subgroups than the limit are refused", "[enumerator][sample]") {
  const auto action = std::make_shared<const GroupAction>(generated(16, torus_generators(1, 4, 4, true, true)),
                                                          std::vector<int>(16, 0));
  CHECK_FALSE(StabiliserClasses::find(action, {{{8, 8}}}, true, {.subgroups = 20}).has_value());
}

}  // namespace
}  // namespace hullscan
