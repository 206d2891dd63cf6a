// Standard settings of ordered structures, by spglib.
#include <catch2/catch.hpp>

#include "enumerator/crystal/standard_cell.hpp"

using namespace hullscan;

namespace {

Species sp(const char* symbol) { return Species::from_symbol(symbol); }

/// L1_2 in a cell of two: AlNi3 doubled along x, its lattice strained by less than the tolerance.
Structure doubled_aluminium_nickel() {
  Eigen::Matrix3d rows;
  rows << 7.2, 0, 0, 0, 3.6001, 0, 0, 0, 3.6;
  Structure structure{Lattice(rows), {}, {}};
  for (int half = 0; half < 2; ++half) {
    const auto add = [&](const char* symbol, double x, double y, double z) {
      structure.species.push_back(sp(symbol));
      structure.positions.push_back({Eigen::Vector3d((x + half) / 2, y, z)});
    };
    add("Al", 0, 0, 0);
    add("Ni", 0, 0.5, 0.5);
    add("Ni", 0.5, 0, 0.5);
    add("Ni", 0.5, 0.5, 0);
  }
  return structure;
}

}  // namespace

TEST_CASE("a doubled L1_2 cell is Pm-3m, and its standard cell has four atoms in an exact cube",
          "[crystal][standard]") {
  std::string why;
  const Structure doubled = doubled_aluminium_nickel();

  const auto standard = standardised(doubled, StandardCell::kConventional, 0.01, why);

  CHECK(space_group_number(doubled, 0.01) == 221);
  REQUIRE(standard);
  CHECK(standard->composition() == Composition::from_formula("AlNi3"));
  const Eigen::Vector3d lengths = standard->lattice.lengths_angstrom();
  CHECK(lengths.maxCoeff() - lengths.minCoeff() < 1e-9);
  CHECK(lengths[0] == Approx(3.6).margin(1e-3));
  CHECK((standard->lattice.angles_degree().array() - 90).abs().maxCoeff() < 1e-9);
}

TEST_CASE("the strain counts where the tolerance is smaller", "[crystal][standard]") {
  CHECK(space_group_number(doubled_aluminium_nickel(), 1e-6) == 123);
}

TEST_CASE("a conventional cell of fcc has four atoms and a primitive one has one", "[crystal][standard]") {
  Eigen::Matrix3d rows;
  rows << 0, 2, 2, 2, 0, 2, 2, 2, 0;
  const Structure fcc{Lattice(rows), {sp("Cu")}, {Fractional{}}};
  std::string why;

  const auto conventional = standardised(fcc, StandardCell::kConventional, 0.01, why);
  REQUIRE(conventional);
  CHECK(conventional->atom_count() == 4);
  const auto primitive = standardised(*conventional, StandardCell::kPrimitive, 0.01, why);
  REQUIRE(primitive);
  CHECK(primitive->atom_count() == 1);
  CHECK(primitive->lattice.volume_cubic_angstrom() == Approx(16));
}

TEST_CASE("what has no atoms has no standard cell, and the reason is given", "[crystal][standard]") {
  std::string why;
  CHECK_FALSE(
      standardised(Structure{Lattice(Eigen::Matrix3d::Identity()), {}, {}}, StandardCell::kPrimitive, 0.01, why));
  CHECK_FALSE(why.empty());
}
