#include "core/supercell.hpp"

#include <rapidcheck.h>

#include <Eigen/LU>
#include <catch2/catch.hpp>
#include <cmath>

#include "core/errors.hpp"

namespace hullscan {
namespace {

/// CsCl-like: site 0 varied by {Ni, Al, vacancy}, site 1 fixed.
std::shared_ptr<const ParentCrystal> two_site_parent() {
  ParentCrystal parent{
      .lattice = Lattice(Eigen::Matrix3d::Identity() * 3.0),
      .sites = {{.label = "A", .position = {}, .sublattice = 0, .fixed_species = {}},
                {.label = "B",
                 .position = {Eigen::Vector3d(0.5, 0.5, 0.5)},
                 .fixed_species = Species::from_symbol("O")}},
      .sublattices = {{"A", {Species::from_symbol("Ni"), Species::from_symbol("Al"), Species::vacancy()}, {0}}},
      .operations = {},
      .source = {}};
  return std::make_shared<const ParentCrystal>(std::move(parent));
}

SupercellMatrix matrix(std::initializer_list<int> rows) {
  SupercellMatrix m;
  auto next = rows.begin();
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) m(i, j) = *next++;
  }
  return m;
}

}  // namespace

TEST_CASE("sites stand by parent site, then by cell in lexicographic order", "[core][supercell]") {
  const Supercell supercell(two_site_parent(), matrix({2, 0, 0, 0, 1, 0, 0, 0, 2}));

  REQUIRE(supercell.sites().size() == 8);
  CHECK(supercell.volume_factor() == 4);
  const std::vector<Eigen::Vector3i> cells = {{0, 0, 0}, {0, 0, 1}, {1, 0, 0}, {1, 0, 1}};
  for (std::size_t i = 0; i < 8; ++i) {
    CHECK(supercell.sites()[i].parent_site == static_cast<int>(i / 4));
    CHECK(supercell.sites()[i].cell == cells[i % 4]);
  }
  CHECK(supercell.sites()[3].position.x == Eigen::Vector3d(0.5, 0, 0.5));
  CHECK(supercell.sites()[4].position.x == Eigen::Vector3d(0.25, 0.5, 0.25));
  CHECK(supercell.varied_sites() == std::vector<int>{0, 1, 2, 3});
  CHECK(supercell.sublattice_of(2) == 0);
  CHECK(supercell.sublattice_site_count(0) == 4);
}

TEST_CASE("a supercell holds |det| copies of every site, all different", "[core][supercell][property]") {
  CHECK(rc::check("any matrix, left-handed and skewed ones too", [] {
    SupercellMatrix m;
    for (int i = 0; i < 9; ++i) m(i / 3, i % 3) = *rc::gen::inRange(-3, 4);
    const auto det = static_cast<int>(std::lround(m.cast<double>().determinant()));
    if (det == 0) {
      RC_ASSERT_THROWS_AS(Supercell(two_site_parent(), m), InputError);
      return;
    }
    const Supercell supercell(two_site_parent(), m);
    RC_ASSERT(supercell.volume_factor() == std::abs(det));
    RC_ASSERT(supercell.sites().size() == static_cast<std::size_t>(2 * std::abs(det)));
    RC_ASSERT(std::abs(supercell.lattice().volume_cubic_angstrom() - 27.0 * std::abs(det)) < 1e-6);
    const std::vector<std::uint8_t> all_nickel(supercell.varied_sites().size(), 0);
    // Nearest neighbours of CsCl with a = 3: half the body diagonal. A doubled or missing site would change it.
    RC_ASSERT(std::abs(supercell.structure(all_nickel).shortest_distance_angstrom() - 1.5 * std::sqrt(3.0)) < 1e-9);
    for (const SupercellSite& site : supercell.sites()) {
      for (int i = 0; i < 3; ++i) RC_ASSERT((site.position.x[i] >= 0.0 && site.position.x[i] < 1.0));
    }
  }));
}

TEST_CASE("positions in the supercell are those of parent and cell", "[core][supercell][property]") {
  CHECK(rc::check("lattice point by lattice point, up to supercell vectors", [] {
    SupercellMatrix m = SupercellMatrix::Identity();
    for (int i = 0; i < 3; ++i) {
      m(i, i) = *rc::gen::inRange(1, 4);
      for (int j = 0; j < i; ++j) m(i, j) = *rc::gen::inRange(-3, 4);
    }
    const Supercell supercell(two_site_parent(), m);
    for (const SupercellSite& site : supercell.sites()) {
      const auto& parent = supercell.parent();
      const Fractional in_parent{parent.sites[static_cast<std::size_t>(site.parent_site)].position.x +
                                 site.cell.cast<double>()};
      const Fractional expected = supercell.lattice().to_fractional(parent.lattice.to_cartesian(in_parent));
      RC_ASSERT(supercell.lattice().distance_angstrom(expected, site.position) < 1e-9);
    }
  }));
}

TEST_CASE("a structure leaves vacancies out, a composition counts them", "[core][supercell]") {
  const Supercell supercell(two_site_parent(), matrix({2, 0, 0, 0, 2, 0, 0, 0, 1}));
  const std::vector<std::uint8_t> occupation = {0, 2, 1, 0};

  const Structure structure = supercell.structure(occupation);

  REQUIRE(structure.atom_count() == 7);
  CHECK(structure.species[0] == Species::from_symbol("Ni"));
  CHECK(structure.species[1] == Species::from_symbol("Al"));
  CHECK(structure.positions[1].x == supercell.sites()[2].position.x);
  CHECK(structure.composition() == Composition::from_formula("Ni2AlO4"));
  CHECK(supercell.composition(occupation) == Composition::from_formula("Ni2AlVaO4"));
}

TEST_CASE("the shortest distance counts an atom's own images", "[core][supercell]") {
  Eigen::Matrix3d rows;
  rows << 2.5, 0, 0, 0, 9, 0, 0, 0, 9;
  const Structure alone{Lattice(rows), {Species::from_symbol("Ni")}, {{}}};

  CHECK(alone.shortest_distance_angstrom() == Approx(2.5));
  CHECK(std::isinf(Structure{Lattice(rows), {}, {}}.shortest_distance_angstrom()));
}

}  // namespace hullscan
