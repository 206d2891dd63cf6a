#include "surrogates/features/cluster_orbits.hpp"

#include <rapidcheck.h>
#include <catch2/catch.hpp>
#include <map>

#include "core/errors.hpp"
#include "symmetric_crystals.hpp"

using namespace hullscan;
using namespace hullscan::test;

namespace {

std::map<std::size_t, int> orbits_by_size(const ClusterOrbits& orbits) {
  std::map<std::size_t, int> sizes;
  for (const DecoratedOrbit& orbit : orbits.orbits()) ++sizes[orbit.sites.size()];
  return sizes;
}

SupercellMatrix matrix(std::initializer_list<int> entries) {
  SupercellMatrix result;
  int i = 0;
  for (const int entry : entries) {
    result(i / 3, i % 3) = entry;
    ++i;
  }
  return result;
}

/// Counts per primitive cell times a common denominator, so that supercells of different size compare exactly.
std::vector<std::int64_t> scaled_counts(const ClusterOrbits& orbits, const Configuration& configuration,
                                        int denominator) {
  std::vector<std::int64_t> counts = orbits.counts(configuration);
  for (std::int64_t& count : counts) count *= denominator / primitive_cell_count(*configuration.supercell);
  return counts;
}

}  // namespace

TEST_CASE("the trial search finds the 48 operations of the cubic crystals", "[surrogates][orbits]") {
  CHECK(fcc({"Al", "Ni"})->operations.size() == 48);
  CHECK(perovskite({"O", "Va"})->operations.size() == 48);
  CHECK(rock_salt({"Ti", "Va"}, {"C", "N"})->operations.size() == 48);
}

TEST_CASE("fcc has one pair orbit for each of its first eight shells and two for the ninth", "[surrogates][orbits]") {
  // Shell n lies at a sqrt(n / 2); its coordination numbers are 12 6 24 12 24 8 48 6, and the ninth mixes (330) with
  // (411).
  const int coordination[] = {12, 6, 24, 12, 24, 8, 48, 6};
  const ClusterOrbits orbits(fcc({"Al", "Ni"}), {4.0 * 2.05, 0, 0});

  REQUIRE(orbits.orbits().size() == 1 + 8);
  for (int shell = 1; shell <= 8; ++shell) {
    const DecoratedOrbit& orbit = orbits.orbits()[static_cast<std::size_t>(shell)];
    CHECK(orbit.diameter_angstrom == Approx(4.0 * std::sqrt(shell / 2.0)));
    CHECK(orbit.multiplicity == coordination[shell - 1] / 2);
  }
  CHECK(ClusterOrbits(fcc({"Al", "Ni"}), {4.0 * 2.13, 0, 0}).orbits().size() == 1 + 8 + 2);
}

TEST_CASE("decorations of the nearest-neighbour clusters of fcc are multisets of occupants", "[surrogates][orbits]") {
  // Every permutation of a pair, triangle or tetrahedron is a symmetry, so k occupants on n sites give C(k + n - 1, n).
  const double nearest = 2.9;
  CHECK(orbits_by_size(ClusterOrbits(fcc({"Al", "Ni"}), {nearest, nearest, nearest})) ==
        std::map<std::size_t, int>{{1, 1}, {2, 1}, {3, 1}, {4, 1}});
  CHECK(orbits_by_size(ClusterOrbits(fcc({"Al", "Ni", "Cu"}), {nearest, nearest, nearest})) ==
        std::map<std::size_t, int>{{1, 2}, {2, 3}, {3, 4}, {4, 5}});
  CHECK(orbits_by_size(ClusterOrbits(fcc({"Al", "Ni", "Cu", "Va"}), {nearest, nearest, nearest})) ==
        std::map<std::size_t, int>{{1, 3}, {2, 6}, {3, 10}, {4, 15}});
}

TEST_CASE("an isosceles triangle keeps the decorations that its mirror tells apart", "[surrogates][orbits]") {
  // Up to the second shell fcc has the equilateral triangle and the 1-1-2 triangle. With two occupants the first has
  // 4 decorations; in the second only the two ends of the long side swap: 2 * 3 = 6.
  const ClusterOrbits orbits(fcc({"Al", "Ni", "Cu"}), {4.1, 4.1, 0});

  CHECK(orbits_by_size(orbits) == std::map<std::size_t, int>{{1, 2}, {2, 6}, {3, 10}});
}

TEST_CASE("pairs of one length through different neighbours are different orbits in a perovskite",
          "[surrogates][orbits]") {
  // Oxygen to oxygen over one lattice constant: along the Cu-O-Cu axis, or across it.
  const ClusterOrbits orbits(perovskite({"O", "Va"}), {4.1, 0, 0});

  std::vector<int> at_lattice_constant;
  for (const DecoratedOrbit& orbit : orbits.orbits()) {
    if (std::abs(orbit.diameter_angstrom - 4.0) < 1e-6) at_lattice_constant.push_back(orbit.multiplicity);
  }
  std::sort(at_lattice_constant.begin(), at_lattice_constant.end());
  CHECK(at_lattice_constant == std::vector<int>{3, 6});
}

TEST_CASE("two varied sublattices have pairs within and between them", "[surrogates][orbits]") {
  // Rock salt, a = 4 Å: between at a/2 (6 per cation), within each fcc sublattice at a/sqrt(2) (12 / 2 per site).
  const ClusterOrbits orbits(rock_salt({"Ti", "Va"}, {"C", "N"}), {2.9, 0, 0});

  REQUIRE(orbits.orbits().size() == 2 + 1 + 2);
  CHECK(orbits.point_count() == 2);
  CHECK(orbits.orbits()[2].multiplicity == 6);
  CHECK(orbits.orbits()[3].multiplicity == 6);
  CHECK(orbits.orbits()[4].multiplicity == 6);
  CHECK(orbits.description(2) == "pair Va(A)-N(B) 2.00 Å (6 per cell)");
}

TEST_CASE("a site pairs with its own images", "[surrogates][orbits]") {
  // One atom of the other kind in every cell: every cluster of every orbit is realised once per member.
  const auto parent = fcc({"Al", "Ni"});
  const ClusterOrbits orbits(parent, {8.1, 4.95, 4.95});
  const Configuration pure{std::make_shared<const Supercell>(parent, SupercellMatrix::Identity()), {1}};

  const std::vector<std::int64_t> counts = orbits.counts(pure);

  for (std::size_t i = 0; i < counts.size(); ++i) CHECK(counts[i] == orbits.orbits()[i].multiplicity);
}

TEST_CASE("the pair counts of L1_2 are those of simple cubic", "[surrogates][orbits]") {
  // Ni on the corners of the conventional cell: no nearest pair, 6 / 2 second, 0 third, 12 / 2 fourth neighbours per
  // Ni.
  const auto parent = fcc({"Al", "Ni"});
  const ClusterOrbits orbits(parent, {5.7, 0, 0});
  const auto conventional = std::make_shared<const Supercell>(parent, matrix({-1, 1, 1, 1, -1, 1, 1, 1, -1}));
  REQUIRE(conventional->varied_sites().size() == 4);

  CHECK(orbits.counts({conventional, {1, 0, 0, 0}}) == std::vector<std::int64_t>{1, 0, 3, 0, 6});
}

TEST_CASE("counts do not change under the group of the supercell", "[surrogates][orbits][property]") {
  struct Case {
    std::shared_ptr<const ParentCrystal> parent;
    SupercellMatrix matrix;
    ClusterCutoffs cutoffs;
  };
  const std::vector<Case> cases = {
      {fcc({"Cu", "Ag", "Au"}), matrix({2, 0, 0, 0, 2, 0, 0, 0, 2}), {6.0, 4.9, 4.1}},
      {fcc({"Cu", "Ag", "Au"}), matrix({-1, 1, 1, 1, -1, 1, 1, 1, -1}), {6.0, 4.9, 4.1}},
      {fcc({"Cu", "Ag"}), matrix({1, 0, 0, 0, 3, 0, 1, 0, 2}), {8.1, 5.7, 0}},
      {perovskite({"O", "Va"}), matrix({2, 0, 0, 0, 2, 0, 0, 0, 1}), {8.1, 5.7, 4.1}},
      {perovskite({"O", "F", "Va"}), matrix({1, 1, 0, 1, -1, 0, 0, 0, 1}), {5.7, 4.1, 0}},
      {rock_salt({"Ti", "Zr", "Va"}, {"C", "N"}), matrix({2, 0, 0, 0, 2, 0, 0, 0, 1}), {4.1, 4.1, 2.9}},
  };
  for (const Case& c : cases) {
    const ClusterOrbits orbits(c.parent, c.cutoffs);
    const auto supercell = std::make_shared<const Supercell>(c.parent, c.matrix);
    const auto group = supercell_group(*supercell);
    REQUIRE(group.size() >= static_cast<std::size_t>(supercell->volume_factor()));
    CHECK(rc::check("an operation moves the occupants, not the counts", [&] {
      const auto occupation = random_occupation(*supercell, *rc::gen::arbitrary<std::uint64_t>());
      const auto& operation = *rc::gen::elementOf(group);
      RC_ASSERT(orbits.counts({supercell, occupation}) == orbits.counts({supercell, moved(occupation, operation)}));
    }));
  }
}

TEST_CASE("counts do not depend on how a crystal is written", "[surrogates][orbits][property]") {
  const auto primitive = fcc({"Cu", "Ag", "Au"});
  const Eigen::Matrix3i conventional = matrix({-1, 1, 1, 1, -1, 1, 1, 1, -1});
  const auto cubic = in_larger_cell(*primitive, conventional);
  const ClusterCutoffs cutoffs{8.1, 4.95, 4.1};
  const ClusterOrbits of_primitive(primitive, cutoffs), of_cubic(cubic, cutoffs);
  REQUIRE(of_primitive.fingerprint() == of_cubic.fingerprint());

  const auto small = std::make_shared<const Supercell>(primitive, matrix({1, 0, 0, 0, 2, 0, 0, 1, 2}));
  const auto skewed =
      std::make_shared<const Supercell>(primitive, matrix({1, 2, 0, 2, 6, 0, 3, 9, 2}));  // the same lattice
  const auto doubled =
      std::make_shared<const Supercell>(primitive, matrix({2, 0, 0, 0, 2, 0, 0, 1, 2}));  // twice as large
  REQUIRE(small->volume_factor() == skewed->volume_factor());
  const auto cube = std::make_shared<const Supercell>(primitive, conventional);
  const auto cell = std::make_shared<const Supercell>(cubic, SupercellMatrix::Identity());
  const auto repeated = std::make_shared<const Supercell>(cubic, matrix({2, 0, 0, 0, 1, 0, 1, 0, 1}));

  CHECK(rc::check("the same colouring has the same counts per primitive cell", [&] {
    const auto seed = *rc::gen::arbitrary<std::uint64_t>();
    const auto of_small = random_occupation(*small, seed);
    const auto expected = scaled_counts(of_primitive, {small, of_small}, 8);
    RC_ASSERT(scaled_counts(of_primitive, {skewed, rewritten(*small, of_small, *skewed)}, 8) == expected);
    RC_ASSERT(scaled_counts(of_primitive, {doubled, rewritten(*small, of_small, *doubled)}, 8) == expected);

    const auto of_cube = random_occupation(*cube, seed);
    const auto of_cube_expected = scaled_counts(of_primitive, {cube, of_cube}, 8);
    RC_ASSERT(scaled_counts(of_cubic, {cell, rewritten(*cube, of_cube, *cell)}, 8) == of_cube_expected);
    RC_ASSERT(scaled_counts(of_cubic, {repeated, rewritten(*cube, of_cube, *repeated)}, 8) == of_cube_expected);
  }));
}

TEST_CASE("a parent whose operations do not fit its sites is refused", "[surrogates][orbits]") {
  ParentCrystal broken = *perovskite({"O", "Va"});
  broken.operations[1].translation += Eigen::Vector3d(0.1, 0, 0);

  CHECK_THROWS_AS(ClusterOrbits(std::make_shared<const ParentCrystal>(broken), {4.1, 0, 0}), InputError);
}

TEST_CASE("a cutoff that would give too many clusters is refused", "[surrogates][orbits][slow]") {
  CHECK_THROWS_AS(ClusterOrbits(fcc({"Al", "Ni"}), {8, 30, 0}), InputError);
}
