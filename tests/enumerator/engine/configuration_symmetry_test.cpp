#include "enumerator/space/configuration_symmetry.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <set>

#include "campaign_spaces.hpp"
#include "enumerator/crystal/detail/spglib.hpp"
#include "enumerator/space/search_space.hpp"

namespace hullscan {
namespace {

SearchSpace fcc(const SupercellMatrix& matrix, const std::string& other, int low, int high) {
  SpaceSpec spec;
  spec.name = "fcc";
  spec.structure = std::string(HULLSCAN_TEST_DATA) + "/structures/Al-fcc.cif";
  spec.supercell = matrix;
  CountRule rest, some;
  rest.species = Species::from_symbol("Al");
  rest.rest = true;
  some.species = Species::from_symbol(other);
  some.ranges.push_back({static_cast<double>(low), static_cast<double>(high), false});
  spec.sublattices.push_back({"Al", {"Al"}, {rest, some}, {}});
  return SearchSpace::build(spec);
}

std::map<int, int> space_groups(const SearchSpace& space, std::size_t composition) {
  std::map<int, int> numbers;
  ConfigurationSymmetry symmetry(space, 0);
  (void)space.enumerator(0, composition).run({}, {}, [&](const Orbit& orbit) {
    ++numbers[symmetry.space_group_number(orbit.occupation)];
    return true;
  });
  return numbers;
}

TEST_CASE("ordered fcc structures of four atoms have the space groups of the textbooks", "[enumerator][symmetry]") {
  const auto space = fcc(SupercellMatrix::Identity(), "Cu", 0, 4);

  // Compositions ascend in Al: Cu4 is A1 (Fm-3m, 225), AlCu3 is L1_2 (Pm-3m, 221), Al2Cu2 is L1_0 (P4/mmm, 123).
  REQUIRE(space.compositions(0).size() == 5);
  CHECK(space_groups(space, 0) == std::map<int, int>{{225, 1}});
  CHECK(space_groups(space, 1) == std::map<int, int>{{221, 1}});
  CHECK(space_groups(space, 2) == std::map<int, int>{{123, 1}});
  CHECK(space_groups(space, 3) == std::map<int, int>{{221, 1}});
  CHECK(space_groups(space, 4) == std::map<int, int>{{225, 1}});
}

TEST_CASE("one substituted atom leaves the site symmetry", "[enumerator][symmetry]") {
  SupercellMatrix matrix = SupercellMatrix::Zero();
  matrix.diagonal() << 2, 2, 2;
  const auto space = fcc(matrix, "Cu", 1, 3);

  // Compositions ascend in Al. One of 32: the site symmetry m-3m in a primitive cubic lattice, Pm-3m.
  CHECK(space_groups(space, 2) == std::map<int, int>{{221, 1}});
}

TEST_CASE("space groups are those that spglib finds in the structures", "[enumerator][symmetry]") {
  SupercellMatrix matrix = SupercellMatrix::Zero();
  matrix.diagonal() << 2, 2, 1;
  const auto space = fcc(matrix, "Cu", 2, 8);
  ConfigurationSymmetry symmetry(space, 0);
  for (std::size_t c = 0; c < space.compositions(0).size(); ++c) {
    (void)space.enumerator(0, c).run({}, {}, [&](const Orbit& orbit) {
      const Structure structure = space.supercells()[0]->structure(orbit.occupation);
      std::vector<int> types;
      for (const Species species : structure.species) types.push_back(species.atomic_number());
      std::string why;
      const auto found = detail::find_symmetry(structure.lattice, structure.positions, types, 1e-3, why);
      REQUIRE(found.has_value());
      CHECK(symmetry.space_group_number(orbit.occupation) == found->number);
      return true;
    });
  }
}

TEST_CASE("delithiated LiNiO2 has the space groups that spglib finds", "[enumerator][symmetry]") {
  const auto space = test::space_from(
      "structure = \"LiNiO2-R-3m.cif\"\nsupercell = [2, 2, 1]\n"
      "[[space.sublattice]]\nsites = \"Li\"\nspecies = { Li = \"rest\", Va = \"0..12\" }\n");
  ConfigurationSymmetry symmetry(space, 0);
  int orbits = 0;
  for (std::size_t c = 0; c < space.compositions(0).size(); ++c) {
    (void)space.enumerator(0, c).run({}, {}, [&](const Orbit& orbit) {
      const Structure structure = space.supercells()[0]->structure(orbit.occupation);
      std::vector<int> types;
      for (const Species species : structure.species) types.push_back(species.atomic_number());
      std::string why;
      const auto found = detail::find_symmetry(structure.lattice, structure.positions, types, 1e-3, why);
      REQUIRE(found.has_value());
      CHECK(symmetry.space_group_number(orbit.occupation) == found->number);
      ++orbits;
      return true;
    });
  }
  CHECK(orbits == 87);
}

/// The space group that spglib finds in the coloured crystal with the marked object: its ends are of kinds of their
/// own, and the middle of its line is an atom.
int by_spglib(const SearchSpace& space, const MarkerOrbit& marker, std::span<const std::uint8_t> occupation) {
  const Supercell& supercell = *space.supercells()[0];
  const ParentCrystal& parent = supercell.parent();
  std::vector<Fractional> positions;
  std::vector<int> kinds;
  std::size_t varied = 0;
  for (std::size_t s = 0; s < supercell.sites().size(); ++s) {
    const ParentSite& site = parent.sites[static_cast<std::size_t>(supercell.sites()[s].parent_site)];
    const int occupant = site.sublattice == kFixedSite ? site.fixed_species.code() : occupation[varied++];
    const bool marked = std::count(marker.sites.begin(), marker.sites.end(), static_cast<int>(s)) > 0;
    positions.push_back(supercell.sites()[s].position);
    kinds.push_back(2000 * (site.sublattice + 2) + 2 * occupant + (marked ? 1 : 0));
  }
  if (marker.sites.size() == 2) {
    const Eigen::Vector3d a = positions[static_cast<std::size_t>(marker.sites[0])].x;
    const Eigen::Vector3d b = positions[static_cast<std::size_t>(marker.sites[1])].x;
    int lines = 0;
    for (int image = 0; image < 27; ++image) {
      const Eigen::Vector3d on(image % 3 - 1, image / 3 % 3 - 1, image / 9 - 1);
      const double length = (supercell.lattice().rows().transpose() * (b + on - a)).norm();
      if (std::abs(length - marker.distance_angstrom) > 1e-6) continue;
      ++lines;
      if (lines == 1) positions.push_back(wrapped({(a + b + on) / 2}));
    }
    REQUIRE(lines == 1);
    kinds.push_back(1);
  }
  std::string why;
  const auto found = detail::find_symmetry(supercell.lattice(), positions, kinds, 1e-3, why);
  REQUIRE(found.has_value());
  return found->number;
}

TEST_CASE("space groups of marked configurations are those that spglib finds with the marked object",
          "[enumerator][symmetry][marker][slow]") {
  const std::string fcc =
      "structure = \"Al-fcc.cif\"\nsupercell = [2, 2, 2]\n"
      "[[space.sublattice]]\nsites = \"Al\"\nspecies = { Al = \"rest\", Cu = \"0..2\" }\n[[space.marker]]\n";
  const std::string kfeo2 =
      "structure = \"KFeO2-Pbca.cif\"\nsupercell = [2, 1, 1]\n"
      "[[space.sublattice]]\nsites = \"Fe\"\nspecies = { Fe = \"rest\", Ti = \"0..1\" }\n"
      "[[space.sublattice]]\nsites = \"K\"\nspecies = { K = \"rest\", Va = \"0..1\" }\n[[space.marker]]\n";
  std::set<int> numbers;
  for (const std::string& text : {fcc + "pair = [\"Al\", \"Al\"]\nmax_distance = 2.9\n", fcc + "site = \"Al\"\n",
                                  kfeo2 + "pair = [\"K\", \"K\"]\nmax_distance = 4.2\n"}) {
    const auto space = test::space_from(text);
    for (std::size_t m = 0; m < space.markers(0).size(); ++m) {
      ConfigurationSymmetry symmetry(space, 0, m);
      for (std::size_t c = 0; c < space.compositions(0).size(); ++c) {
        std::uint64_t visited = 0;
        (void)space.enumerator(0, c, m).run({}, {}, [&](const Orbit& orbit) {
          const int number = symmetry.space_group_number(orbit.occupation);
          CHECK(number == by_spglib(space, space.markers(0)[m], orbit.occupation));
          numbers.insert(number);
          return ++visited < 150;
        });
      }
    }
  }
  CHECK(numbers.size() > 10);
}

}  // namespace
}  // namespace hullscan
