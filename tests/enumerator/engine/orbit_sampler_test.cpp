#include "enumerator/sampling/orbit_sampler.hpp"

#include <catch2/catch.hpp>
#include <map>

#include "small_spaces.hpp"

namespace hullscan {
namespace {

using namespace hullscan::test;

/// chi^2 per degree of freedom of the draws against the expected shares.
double chi_square(OrbitSampler& sampler, SampleMethod method, const OrbitEnumerator& enumerator, std::uint64_t draws) {
  std::map<std::vector<std::uint8_t>, double, Before> expected, found;
  double sum = 0;
  (void)enumerator.run({}, {}, [&](const Orbit& orbit) {
    const double weight = method == SampleMethod::kOrbit ? 1.0 : static_cast<double>(orbit.degeneracy);
    expected[{orbit.occupation.begin(), orbit.occupation.end()}] = weight;
    sum += weight;
    return true;
  });
  for (std::uint64_t i = 0; i < draws; ++i) {
    const auto drawn = sampler.draw(method, 7, i);
    REQUIRE(drawn.has_value());
    REQUIRE(expected.count(drawn->occupation) == 1);
    found[drawn->occupation] += 1;
  }
  double chi = 0;
  for (const auto& [form, weight] : expected) {
    const double mean = static_cast<double>(draws) * weight / sum;
    chi += (found[form] - mean) * (found[form] - mean) / mean;
  }
  return chi / static_cast<double>(expected.size() - 1);
}

TEST_CASE("draws are uniform over orbits and over configurations", "[enumerator][sample][slow]") {
  // chi^2/df has mean 1 and standard deviation sqrt(2/df); the seeds are fixed, so these limits hold or not for ever.
  struct Space {
    std::vector<Permutation> generators, translations;
    std::vector<int> sublattices;
    CompositionCounts counts;
  };
  const std::vector<int> one(12, 0);
  std::vector<int> two(12, 0);
  for (std::size_t i = 6; i < 12; ++i) two[i] = 1;
  std::vector<Permutation> both = torus_generators(1, 1, 6, true, false);  // acting alike on two rings of six
  for (Permutation& p : both) {
    for (std::size_t i = 0; i < 6; ++i) p.push_back(static_cast<std::uint16_t>(p[i] + 6));
  }
  const Space spaces[] = {
      {torus_generators(2, 2, 3, true, true), torus_generators(2, 2, 3, false, false), one, {{{4, 8}}}},
      {torus_generators(1, 3, 4, true, true), torus_generators(1, 3, 4, false, false), one, {{{2, 3, 7}}}},
      {both, {both[0], both[1], both[2]}, two, {{{2, 4}, {3, 2, 1}}}},
  };
  for (const Space& space : spaces) {
    const auto group = generated(12, space.generators);
    const auto action =
        std::make_shared<const GroupAction>(group, space.sublattices, elements_of(group, space.translations));
    for (const bool superperiodic : {true, false}) {
      const EnumerationOptions options{.superperiodic = superperiodic};
      const OrbitEnumerator enumerator(action, space.counts, options);
      OrbitSampler sampler(action, space.counts, options);
      const double df = static_cast<double>(enumerator.count({}, {}).orbits) - 1;
      for (const auto method : {SampleMethod::kOrbit, SampleMethod::kConfiguration}) {
        INFO(df + 1 << " orbits");
        CHECK(std::abs(chi_square(sampler, method, enumerator, 20'000) - 1) < 4 * std::sqrt(2 / df));
      }
    }
  }
}

TEST_CASE("a draw depends on its number alone", "[enumerator][sample]") {
  const auto action = std::make_shared<const GroupAction>(generated(16, torus_generators(1, 4, 4, true, true)),
                                                          std::vector<int>(16, 0));
  OrbitSampler one(action, {{{5, 11}}}), other(action, {{{5, 11}}});
  std::vector<std::vector<std::uint8_t>> forward;
  for (std::uint64_t i = 0; i < 50; ++i) forward.push_back(one.draw(SampleMethod::kOrbit, 3, i)->occupation);
  for (std::uint64_t i = 50; i-- > 0;) {
    CHECK(other.draw(SampleMethod::kOrbit, 3, i)->occupation == forward[static_cast<std::size_t>(i)]);
  }
}

TEST_CASE("a sampler that nothing can satisfy says so", "[enumerator][sample]") {
  const auto group = generated(2, {});
  auto forbidden = std::make_shared<ForbiddenPairs>();
  forbidden->sites = {{0, 0}, {1, 0}};
  OrbitSampler sampler(std::make_shared<const GroupAction>(group, std::vector<int>(2, 0)), {{{1, 1}}},
                       {.forbidden = forbidden});
  CHECK_FALSE(sampler.draw(SampleMethod::kConfiguration, 1, 0).has_value());
}

}  // namespace
}  // namespace hullscan
