// Spaces that groups have published, from the text of a campaign file to the numbers of their papers.
#include <catch2/catch.hpp>
#include <map>

#include "campaign_spaces.hpp"
#include "enumerator/orbits/orbit_count.hpp"

namespace hullscan {
namespace {

using test::space_from;

TEST_CASE("defects of an MoS2 layer of 8x8 cells are as many as published", "[enumerator][space][slow]") {
  // Huang et al., npj 2D Mater. Appl. 7, 6 (2023): defect types of the 2DMD dataset, symmetric copies left out.
  const auto space = space_from(R"(
structure = "MoS2-monolayer.cif"
supercell = [8, 8, 1]
[[space.sublattice]]
sites = "Mo"
species = { Mo = "rest", Va = "0..1" }
[[space.sublattice]]
sites = "S"
species = { S = "rest", Va = "0..2", Se = "0..1" }
)");
  CHECK(space.group(0).operation_count == 768);

  std::map<std::string, std::string> inequivalent;  // V_Mo V_S Se_S
  for (std::size_t c = 0; c < space.compositions(0).size(); ++c) {
    const auto& counts = space.compositions(0)[c].of_sublattice;
    const auto count = count_orbits(space.action(0), space.compositions(0)[c]);
    const auto outcome = space.enumerator(0, c).count({}, {});
    CHECK(*count == OrbitCount{outcome.labelled, outcome.orbits});
    inequivalent[std::to_string(counts[0][1]) + std::to_string(counts[1][1]) + std::to_string(counts[1][2])] =
        count->inequivalent.str();
  }
  CHECK(inequivalent.at("020") == "19");
  CHECK(inequivalent.at("011") == "29");
  CHECK(inequivalent.at("110") == "15");
  CHECK(inequivalent.at("120") == "743");
  CHECK(inequivalent.at("111") == "1415");
}

TEST_CASE("a WSe2 layer with two mixed sublattices closes over all its compositions", "[enumerator][space][slow]") {
  const auto space = space_from(R"(
structure = "WSe2-monolayer.cif"
supercell = [2, 2, 1]
[[space.sublattice]]
sites = "W"
species = { W = "rest", Mo = "0..4", Va = "0..2" }
[[space.sublattice]]
sites = "Se"
species = { Se = "rest", S = "0..8", Va = "0..4" }
)");
  CHECK(space.group(0).operation_count == 48);
  CHECK(space.compositions(0).size() == 420);

  BigInteger total = 0, inequivalent = 0;
  std::map<std::uint64_t, int> degeneracies;
  OrbitCounter counter(space.action(0));
  for (std::size_t c = 0; c < space.compositions(0).size(); ++c) {
    const auto expected = counter.count(space.compositions(0)[c]);
    total += expected.total;
    inequivalent += expected.inequivalent;
    const auto outcome = space.enumerator(0, c).run({}, {}, [&](const Orbit& orbit) {
      ++degeneracies[orbit.degeneracy];
      return true;
    });
    CHECK(expected == OrbitCount{outcome.labelled, outcome.orbits});
  }
  CHECK(total == 430'848);
  CHECK(inequivalent == 11'159);
  CHECK(degeneracies ==
        std::map<std::uint64_t, int>{{1, 4}, {2, 6}, {4, 32}, {6, 36}, {8, 180}, {12, 356}, {24, 3391}, {48, 7154}});
}

}  // namespace
}  // namespace hullscan
