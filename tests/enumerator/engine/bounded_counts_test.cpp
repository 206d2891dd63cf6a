#include "enumerator/orbits/bounded_counts.hpp"

#include <catch2/catch.hpp>
#include <set>

#include "campaign_spaces.hpp"
#include "core/errors.hpp"
#include "enumerator/space/stratum_counter.hpp"

namespace hullscan {
namespace {

using namespace hullscan::test;
using Catch::Contains;

std::set<std::vector<std::vector<int>>> all_generated(const std::vector<SublatticeChoices>& choices,
                                                      const std::vector<LinearBound>& bounds) {
  std::set<std::vector<std::vector<int>>> found;
  const GeneratorEnd end = generate_counts(choices, bounds, 1'000'000, [&](const CompositionCounts& counts) {
    CHECK(found.insert(counts.of_sublattice).second);
    return true;
  });
  CHECK(end == GeneratorEnd::kAll);
  return found;
}

TEST_CASE("counts under bounds are those that trying all leaves", "[enumerator][compositions]") {
  // Two sublattices of three species; every choice of coefficients from a small linear congruential sequence.
  std::uint32_t state = 7;
  const auto next = [&](std::uint32_t n) {
    return static_cast<int>((state = state * 1664525U + 1013904223U) >> 16U) % static_cast<int>(n);
  };
  for (int trial = 0; trial < 200; ++trial) {
    std::vector<SublatticeChoices> choices;
    for (int s = 0; s < 2; ++s) {
      SublatticeChoices& one = choices.emplace_back();
      one.sites = 1 + next(6);
      for (int i = 0; i < 3; ++i) {
        CountChoices& species = one.of_species.emplace_back();
        for (int n = 0; n <= one.sites; ++n) {
          if (next(3) != 0) species.counts.push_back(n);
        }
        if (species.counts.empty()) species.counts = {0};
        species.rest = i == 1 && next(2) == 0;
      }
    }
    std::vector<LinearBound> bounds(2);
    for (LinearBound& bound : bounds) {
      for (int s = 0; s < 2; ++s) bound.coefficients.push_back({next(5) - 2, next(5) - 2, next(5) - 2});
      if (next(2) == 0) bound.low = next(7) - 3;
      if (next(2) == 0) bound.high = next(7) - 1;
    }
    std::set<std::vector<std::vector<int>>> expected;
    std::vector<std::vector<int>> rows(2);
    std::vector<std::vector<std::vector<int>>> of_sublattice(2);
    for (std::size_t s = 0; s < 2; ++s) {
      const int sites = choices[s].sites;
      for (int a = 0; a <= sites; ++a) {
        for (int b = 0; a + b <= sites; ++b) {
          const std::vector<int> row{a, b, sites - a - b};
          bool allowed = true;
          for (std::size_t i = 0; i < 3; ++i) {
            const auto& counts = choices[s].of_species[i].counts;
            allowed =
                allowed && (choices[s].of_species[i].rest || std::count(counts.begin(), counts.end(), row[i]) == 1);
          }
          if (allowed) of_sublattice[s].push_back(row);
        }
      }
      CHECK(choices[s].row_count() == of_sublattice[s].size());
    }
    for (const auto& a : of_sublattice[0]) {
      for (const auto& b : of_sublattice[1]) {
        bool allowed = true;
        for (const LinearBound& bound : bounds) {
          std::int64_t sum = 0;
          for (std::size_t i = 0; i < 3; ++i) sum += bound.coefficients[0][i] * a[i] + bound.coefficients[1][i] * b[i];
          allowed = allowed && bound.low <= sum && sum <= bound.high;
        }
        if (allowed) expected.insert({a, b});
      }
    }
    INFO("trial " << trial);
    CHECK(all_generated(choices, bounds) == expected);
  }
}

TEST_CASE("constraints are met before compositions are listed", "[enumerator][compositions]") {
  // Six species on 256 sites have C(261, 5) = 9.8e9 rows; five equations leave one.
  const SearchSpace space = space_from(
      "structure = \"Cu-fcc-conventional.vasp\"\nsupercell = [4, 4, 4]\nconstraints = [\"Ag == 10\", \"Au == 2*Ag\", "
      "\"Pd == "
      "Ag\", \"Pt - Pd == 5\", \"Ni <= Pd - 9\", \"Ni >= 1\"]\n[[space.sublattice]]\nsites = \"Cu\"\nspecies = { Cu = "
      "\"rest\", Ag = "
      "\"0%..100%\", Au = \"0%..100%\", Pd = \"0%..100%\", Pt = \"0%..100%\", Ni = \"0%..100%\" }\n");
  REQUIRE(space.compositions(0).size() == 1);
  CHECK(space.compositions(0)[0].of_sublattice[0] == std::vector<int>{200, 10, 20, 10, 15, 1});
}

TEST_CASE("too many compositions name the sublattice that makes them", "[enumerator][compositions]") {
  const auto build = [] {
    return space_from(
        "structure = \"Cu-fcc-conventional.vasp\"\nsupercell = [4, 4, 4]\n[[space.sublattice]]\nsites = "
        "\"Cu\"\nspecies = { Cu = "
        "\"rest\", Ag = \"0%..100%\", Au = \"0%..100%\", Pd = \"0..200\" }\n");
  };
  // C(259, 3) rows with any Pd, less those with more than 200: C(58, 3).
  CHECK_THROWS_WITH(build(), Contains("more than 2000000 compositions") && Contains("sublattice \"Cu\"") &&
                                 Contains("Pd = 0..200") &&
                                 Contains(std::to_string(259 * 258 * 257 / 6 - 58 * 57 * 56 / 6)));
}

}  // namespace
}  // namespace hullscan
