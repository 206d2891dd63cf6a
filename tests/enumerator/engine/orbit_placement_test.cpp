// Which orbit a structure is: every enumerated orbit is found again from its atoms alone, however they are written.
#include "enumerator/mapping/orbit_placement.hpp"

#include <Eigen/Geometry>
#include <catch2/catch.hpp>
#include <random>

#include "campaign_spaces.hpp"
#include "core/lattice_departure.hpp"
#include "enumerator/mapping/primitive_structure.hpp"

namespace hullscan {
namespace {

using Catch::Contains;
using test::space_from;

/// The same crystal as somebody else would write it: turned, stretched, shifted, its atoms in another order.
Structure rewritten(const Structure& structure, std::mt19937& random) {
  std::uniform_real_distribution<double> uniform(-1, 1);
  const Eigen::Vector3d axis = Eigen::Vector3d(uniform(random), uniform(random), uniform(random)).normalized();
  const Eigen::Matrix3d turn = Eigen::AngleAxisd(3 * uniform(random), axis).toRotationMatrix();
  Structure other{Lattice(1.03 * structure.lattice.rows() * turn.transpose()), {}, {}};
  const Eigen::Vector3d shift(uniform(random), uniform(random), uniform(random));
  std::vector<std::size_t> order(structure.atom_count());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::shuffle(order.begin(), order.end(), random);
  for (const std::size_t i : order) {
    other.species.push_back(structure.species[i]);
    const Eigen::Vector3d jitter(uniform(random), uniform(random), uniform(random));
    other.positions.push_back(wrapped({structure.positions[i].x + shift + 0.002 * jitter}));
  }
  return other;
}

/// Atom by atom its sites are next to it, and they are those of the same orbit.
void departs_as_little_as_it_was_moved(OrbitPlacer& placer, const Structure& given, std::size_t sites) {
  const auto placed = placer.place_atoms(given);
  REQUIRE(std::holds_alternative<OnLattice>(placed));
  const auto& found = std::get<OnLattice>(placed);
  REQUIRE(found.orbit.occupation.size() == sites);
  CHECK(found.relaxed == given);
  CHECK(found.sites.species == given.species);
  const auto departure = lattice_departure(found.sites, found.relaxed);
  REQUIRE(departure);
  CHECK(departure->rms_displacement_angstrom == Approx(found.orbit.rms_displacement_angstrom).margin(1e-6));
  CHECK(departure->shear_strain == Approx(found.orbit.shear_strain).margin(1e-6));
  const auto again = placer.place(found.sites);
  REQUIRE(std::holds_alternative<PlacedOrbit>(again));
  CHECK(std::get<PlacedOrbit>(again).occupation == found.orbit.occupation);
  CHECK(std::get<PlacedOrbit>(again).rms_displacement_angstrom < 1e-6);
}

/// Of every orbit of the space.
void each_orbit_is_found_again(const SearchSpace& space) {
  const std::vector<SearchSpace> spaces = {space};
  OrbitPlacer placer(spaces);
  std::mt19937 random(7);
  int orbits = 0;
  for (const SpaceStratum& stratum : Strata(spaces)) {
    const Supercell& supercell = *space.supercells()[stratum.supercell()];
    stratum.enumerator().run({}, {}, [&](const Orbit& orbit) {
      const std::vector<std::uint8_t> occupation(orbit.occupation.begin(), orbit.occupation.end());
      if (supercell.structure(occupation).atom_count() == 0) return true;
      const Structure given = rewritten(supercell.structure(occupation), random);
      const auto placed = placer.place(given);
      INFO(stratum.formula());
      REQUIRE(std::holds_alternative<PlacedOrbit>(placed));
      const auto& found = std::get<PlacedOrbit>(placed);
      CHECK(found.stratum == stratum.key);
      CHECK(found.occupation == occupation);
      CHECK(found.degeneracy == orbit.degeneracy);
      CHECK(found.rms_displacement_angstrom < 0.1);
      departs_as_little_as_it_was_moved(placer, given, occupation.size());
      return ++orbits < 400;
    });
  }
  CHECK(orbits > 10);
}

TEST_CASE("every orbit of fcc cells of one to six atoms is found again from its atoms", "[enumerator][placement]") {
  each_orbit_is_found_again(space_from(R"(
structure = "Al-fcc.cif"
primitive = true
volume = [1, 6]
superperiodic = false
[[space.sublattice]]
sites = "Al"
species = { Al = "rest", Cu = "0%..100%" }
)"));
}

TEST_CASE("every orbit of a conventional cell with vacancies is found again", "[enumerator][placement]") {
  each_orbit_is_found_again(space_from(R"(
structure = "LiNiO2-R-3m.cif"
supercell = [1, 1, 1]
[[space.sublattice]]
sites = "Li"
species = { Li = "rest", Va = "0%..100%" }
[[space.sublattice]]
sites = "Ni"
species = { Ni = "rest", Co = "0%..100%", Al = "0%..50%" }
)"));
}

TEST_CASE("every orbit of a cell of 32 varied sites is found again", "[enumerator][placement][slow]") {
  each_orbit_is_found_again(space_from(R"(
structure = "KFeO2-Pbca.cif"
supercell = [1, 1, 1]
[[space.sublattice]]
sites = "Fe"
species = { Fe = "rest", Ti = [1, 2] }
[[space.sublattice]]
sites = "K"
species = { K = "rest", Va = [1, 2] }
)"));
}

TEST_CASE("a repeated cell is reduced to the cell that it repeats, and one that is primitive stays",
          "[enumerator][placement]") {
  const std::vector<SearchSpace> spaces = {space_from(R"(
structure = "Al-fcc.cif"
primitive = true
volume = [1, 6]
superperiodic = false
[[space.sublattice]]
sites = "Al"
species = { Al = "rest", Cu = "0%..100%" }
)")};
  OrbitPlacer placer(spaces);
  std::mt19937 random(3);
  const Eigen::Matrix3i multiples = (Eigen::Matrix3i() << 1, 1, 0, 0, 2, 1, -1, 0, 1).finished();  // determinant 1
  const Eigen::Matrix3i twice = (Eigen::Matrix3i() << 1, 1, 0, -1, 1, 0, 0, 1, 2).finished();      // determinant 4
  for (const SpaceStratum& stratum : Strata(spaces)) {
    const Supercell& supercell = *spaces[0].supercells()[stratum.supercell()];
    stratum.enumerator().run({}, {}, [&](const Orbit& orbit) {
      const Structure given = rewritten(
          supercell.structure(std::vector<std::uint8_t>(orbit.occupation.begin(), orbit.occupation.end())), random);
      CHECK(primitive_structure(given).structure == given);  // not superperiodic: nothing is smaller
      Structure repeated{Lattice((twice * multiples).cast<double>() * given.lattice.rows()), {}, {}};
      for (int i = -9; i <= 9; ++i) {
        for (int j = -9; j <= 9; ++j) {
          for (int k = -9; k <= 9; ++k) {
            for (std::size_t a = 0; a < given.atom_count(); ++a) {
              const Cartesian place = given.lattice.to_cartesian({given.positions[a].x + Eigen::Vector3d(i, j, k)});
              const Fractional inside = repeated.lattice.to_fractional(place);
              if (inside.x.minCoeff() < 0 || inside.x.maxCoeff() >= 1) continue;
              repeated.species.push_back(given.species[a]);
              repeated.positions.push_back(inside);
            }
          }
        }
      }
      REQUIRE(repeated.atom_count() == 4 * given.atom_count());
      const PrimitiveStructure primitive = primitive_structure(repeated);
      CHECK(primitive.structure.composition() == given.composition());
      const auto placed = placer.place(primitive.structure);
      REQUIRE(std::holds_alternative<PlacedOrbit>(placed));
      CHECK(std::get<PlacedOrbit>(placed).occupation ==
            std::vector<std::uint8_t>(orbit.occupation.begin(), orbit.occupation.end()));
      return true;
    });
  }
}

const std::string kLargeCellsOnly = R"(
structure = "Al-fcc.cif"
supercell = [2, 1, 1]
[[space.sublattice]]
sites = "Al"
species = { Al = "rest", Cu = 0, Ni = [4] }
)";

TEST_CASE("a structure of a smaller cell repeats inside the supercell, and what no supercell holds is said",
          "[enumerator][placement]") {
  const std::vector<SearchSpace> spaces = {space_from(kLargeCellsOnly)};
  OrbitPlacer placer(spaces);
  // L1_0: two atoms, along any of the three axes.
  Structure layered{Lattice(Eigen::Vector3d(4.05 / std::sqrt(2.0), 4.05 / std::sqrt(2.0), 4.05).asDiagonal()), {}, {}};
  layered.species = {Species::from_symbol("Al"), Species::from_symbol("Ni")};
  layered.positions = {{Eigen::Vector3d::Zero()}, {Eigen::Vector3d::Constant(0.5)}};
  const auto placed = placer.place(layered);
  REQUIRE(std::holds_alternative<PlacedOrbit>(placed));
  const auto& orbit = std::get<PlacedOrbit>(placed);
  CHECK(std::count(orbit.occupation.begin(), orbit.occupation.end(), 2) == 4);

  layered.positions[1].x += Eigen::Vector3d(0.01, 0, 0.02);
  const auto atoms = placer.place_atoms(layered);
  REQUIRE(std::holds_alternative<OnLattice>(atoms));
  const auto& copies = std::get<OnLattice>(atoms);
  CHECK(copies.orbit.copies == 4);
  CHECK(copies.relaxed.composition() == Composition::from_formula("Al4Ni4"));
  CHECK(copies.relaxed.shortest_distance_angstrom() == Approx(layered.shortest_distance_angstrom()));
  const auto departure = lattice_departure(copies.sites, copies.relaxed);
  REQUIRE(departure);
  CHECK(departure->rms_displacement_angstrom == Approx(copies.orbit.rms_displacement_angstrom).margin(1e-6));

  const auto reason = [&](const Structure& structure) {
    const auto refused = placer.place(structure);
    REQUIRE(std::holds_alternative<NotMapped>(refused));
    return std::get<NotMapped>(refused).reason;
  };
  Structure pure{Lattice(Eigen::Vector3d::Constant(4.05).asDiagonal()), {}, {}};
  for (const auto& x :
       {Eigen::Vector3d(0, 0, 0), Eigen::Vector3d(0, .5, .5), Eigen::Vector3d(.5, 0, .5), Eigen::Vector3d(.5, .5, 0)}) {
    pure.species.push_back(Species::from_symbol("Al"));
    pure.positions.push_back({x});
  }
  CHECK_THAT(reason(pure), Contains("its composition is not among those of space \"test\""));
  Structure threefold = pure;
  threefold.lattice = Lattice(Eigen::Vector3d(3 * 4.05, 4.05, 4.05).asDiagonal());
  threefold.species.clear();
  threefold.positions.clear();
  for (int cell = 0; cell < 3; ++cell) {
    for (std::size_t i = 0; i < 4; ++i) {
      threefold.species.push_back(Species::from_symbol(cell == 0 && i == 0 ? "Ni" : "Al"));
      threefold.positions.push_back(
          {(pure.positions[i].x + Eigen::Vector3d(cell, 0, 0)).cwiseQuotient(Eigen::Vector3d(3, 1, 1))});
    }
  }
  CHECK_THAT(reason(threefold), Contains("none of the supercells of space \"test\""));
  Structure foreign = layered;
  foreign.species[0] = Species::from_symbol("U");
  CHECK_THAT(reason(foreign), Contains("U may not be on any site"));
}

}  // namespace
}  // namespace hullscan
