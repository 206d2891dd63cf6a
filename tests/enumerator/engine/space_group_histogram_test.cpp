#include "enumerator/space/space_group_histogram.hpp"

#include <catch2/catch.hpp>
#include <set>

#include "campaign_spaces.hpp"
#include "enumerator/space/stratum_counter.hpp"

namespace hullscan {
namespace {

using test::space_from;

TEST_CASE("the cubic fcc cell holds L1_0 in its six orientations and nothing else at AlCu", "[enumerator][symmetry]") {
  const auto space = space_from(
      "structure = \"Al-fcc.cif\"\n[[space.sublattice]]\nsites = \"Al\"\nspecies = { Al = \"rest\", Cu = 2 }\n");
  ConfigurationSymmetry symmetry(space, 0);

  // Two of four sites: 6 colourings, all of them L1_0 (P4/mmm, 123): three axes, two origins.
  CHECK(space_group_histogram(space, 0, 0, symmetry) == std::map<int, SpaceGroupShare>{{123, {1, 6}}});
}

TEST_CASE("space groups share out all orbits and all configurations", "[enumerator][symmetry]") {
  const auto space = space_from(
      "structure = \"gamma-CsPbI3-Pnma.cif\"\nsupercell = [2, 2, 1]\n"
      "[[space.sublattice]]\nsites = \"Pb\"\nspecies = { Pb = \"rest\", Cd = \"0..8\" }\n");
  ConfigurationSymmetry symmetry(space, 0);
  StratumCounter counter(space, 0);
  for (std::size_t c = 0; c < space.compositions(0).size(); ++c) {
    OrbitCount sum{0, 0};
    for (const auto& [number, share] : space_group_histogram(space, 0, c, symmetry)) {
      CHECK(number <= 62);
      sum.total += share.labelled;
      sum.inequivalent += share.orbits;
    }
    CHECK(*counter.count(space.compositions(0)[c]) == sum);
  }
}

TEST_CASE("mirror images are counted as one space group in a crystal that has mirrors", "[enumerator][symmetry]") {
  const auto space = space_from(
      "structure = \"LiNiO2-R-3m.cif\"\nsupercell = [2, 2, 1]\n"
      "[[space.sublattice]]\nsites = \"Li\"\nspecies = { Li = \"rest\", Va = \"3..6\" }\n");
  ConfigurationSymmetry symmetry(space, 0);
  std::set<int> chiral;  // of canonical forms: which hand they have is chance
  for (std::size_t c = 0; c < space.compositions(0).size(); ++c) {
    (void)space.enumerator(0, c).run({}, {}, [&](const Orbit& orbit) {
      const int number = symmetry.space_group_number(orbit.occupation);
      if (number == 152 || number == 154) chiral.insert(number);
      return true;
    });
    CHECK(space_group_histogram(space, 0, c, symmetry).count(154) == 0);
  }
  CHECK_FALSE(chiral.empty());
}

}  // namespace
}  // namespace hullscan
