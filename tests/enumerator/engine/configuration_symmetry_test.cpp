#include "enumerator/configuration_symmetry.hpp"

#include <catch2/catch.hpp>
#include <map>

#include "enumerator/detail/spglib.hpp"
#include "enumerator/search_space.hpp"

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

}  // namespace
}  // namespace hullscan
