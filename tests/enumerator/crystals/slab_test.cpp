/// @file
/// Surfaces of the elements, whose planes and sites every textbook has.
#include "enumerator/crystal/slab.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>

#include "crystals.hpp"

using namespace hullscan;
using namespace hullscan::test;

namespace {

std::shared_ptr<const ParentCrystal> crystal_of(const Eigen::Matrix3d& rows, const std::string& element,
                                                const std::vector<Eigen::Vector3d>& positions) {
  Crystal crystal{Lattice(rows), {}, "made"};
  for (const Eigen::Vector3d& x : positions) {
    crystal.sites.push_back({element + std::to_string(crystal.sites.size() + 1),
                             Fractional{x},
                             {{Species::from_symbol(element), 1.0, {}}}});
  }
  Problems problems;
  auto parent = build_parent(crystal, SpaceSpec{}, problems);
  problems.throw_if_any();
  return parent;
}

std::shared_ptr<const ParentCrystal> copper() {
  return crystal_of(Eigen::Matrix3d::Identity() * 3.615, "Cu",
                    {{0, 0, 0}, {0, 0.5, 0.5}, {0.5, 0, 0.5}, {0.5, 0.5, 0}});
}
std::shared_ptr<const ParentCrystal> iron() {
  return crystal_of(Eigen::Matrix3d::Identity() * 2.866, "Fe", {{0, 0, 0}, {0.5, 0.5, 0.5}});
}
std::shared_ptr<const ParentCrystal> magnesium() {
  Eigen::Matrix3d rows;
  rows << 3.209, 0, 0, -3.209 / 2, 3.209 * std::sqrt(3.0) / 2, 0, 0, 0, 5.211;
  return crystal_of(rows, "Mg", {{1.0 / 3, 2.0 / 3, 0.25}, {2.0 / 3, 1.0 / 3, 0.75}});
}

/// Sites in a 1 x 1 cell by class.
std::map<std::string, int> sites_of(const ParentCrystal& parent, const Eigen::Vector3i& hkl) {
  const Surface surface(parent, hkl);
  std::map<std::string, int> found;
  const int top = surface.terminations().front();
  for (const auto& site : surface.adsorption_sites(top, surface.slab(top, 5, 12), 2.0)) ++found[site.name];
  return found;
}

}  // namespace

TEST_CASE("planes with indices up to 2 are 6 of fcc, 6 of bcc and 12 of hcp", "[enumerator][slab]") {
  CHECK(distinct_miller_indices(*copper(), 2).size() == 6);
  CHECK(distinct_miller_indices(*iron(), 2).size() == 6);
  CHECK(distinct_miller_indices(*magnesium(), 2).size() == 12);
}

TEST_CASE("families of cubic planes have 6, 12, 8, 24, 24 and 24 members and the spacings of their lattice",
          "[enumerator][slab]") {
  const auto planes = distinct_miller_indices(*copper(), 2);

  std::map<std::string, std::pair<int, double>> found;
  for (const MillerClass& plane : planes) {
    found[std::to_string(plane.hkl[0]) + std::to_string(plane.hkl[1]) + std::to_string(plane.hkl[2])] = {
        plane.members, plane.spacing_angstrom};
  }
  const std::map<std::string, int> members{{"100", 6}, {"110", 12}, {"111", 8}, {"210", 24}, {"211", 24}, {"221", 24}};
  REQUIRE(found.size() == members.size());
  for (const auto& [hkl, number] : members) {
    INFO(hkl);
    CHECK(found.at(hkl).first == number);
    // Lattice planes of fcc: a / |hkl| if the indices are all odd, half of that if they are mixed.
    double squares = 0;
    int odd = 0;
    for (const char c : hkl) {
      squares += (c - '0') * (c - '0');
      odd += (c - '0') % 2;
    }
    CHECK(found.at(hkl).second == Approx(3.615 / std::sqrt(squares) / (odd == 3 ? 1 : 2)));
  }
}

TEST_CASE("Cu(111) has four kinds of sites, Cu(100) three, Cu(110) four", "[enumerator][slab]") {
  CHECK(sites_of(*copper(), {1, 1, 1}) ==
        std::map<std::string, int>{{"top1", 1}, {"bridge1", 3}, {"hollow1", 1}, {"hollow2", 1}});
  CHECK(sites_of(*copper(), {1, 0, 0}) == std::map<std::string, int>{{"top1", 1}, {"bridge1", 2}, {"hollow1", 1}});
  CHECK(sites_of(*copper(), {1, 1, 0}) ==
        std::map<std::string, int>{{"top1", 1}, {"bridge1", 1}, {"bridge2", 1}, {"hollow1", 1}});
}

TEST_CASE("hcp(0001) ends in one way and has two kinds of hollows; the prism plane ends in two", "[enumerator][slab]") {
  CHECK(Surface(*magnesium(), {0, 0, 1}).terminations().size() == 1);
  CHECK(sites_of(*magnesium(), {0, 0, 1}) ==
        std::map<std::string, int>{{"top1", 1}, {"bridge1", 3}, {"hollow1", 1}, {"hollow2", 1}});
  // (10-10): the distances between planes alternate, one third and two thirds of the spacing.
  CHECK(Surface(*magnesium(), {1, 0, 0}).terminations().size() == 2);
}

TEST_CASE("a slab has the density of the crystal, and its surface atoms the neighbours that the cut leaves them",
          "[enumerator][slab]") {
  const Surface surface(*copper(), {1, 1, 1});
  const int top = surface.terminations().front();
  const auto slab = surface.slab(top, 6, 12);

  CHECK(slab.structure.atom_count() == 6);
  CHECK(slab.top_angstrom == Approx(5 * 3.615 / std::sqrt(3.0)));
  CHECK(surface.area_square_angstrom() == Approx(3.615 * 3.615 * std::sqrt(3.0) / 4));
  CHECK(slab.structure.shortest_distance_angstrom() == Approx(3.615 / std::sqrt(2.0)));
}

TEST_CASE("an adsorbate stands at its bond length from the atoms of its site", "[enumerator][slab]") {
  const Surface surface(*copper(), {1, 1, 1});
  const int top = surface.terminations().front();
  const auto slab = surface.slab(top, 4, 12);

  for (const auto& site : surface.adsorption_sites(top, slab, 2.0)) {
    INFO(site.name);
    int nearest = 0;
    for (std::size_t i = 0; i < slab.structure.atom_count(); ++i) {
      for (int a = -2; a <= 2; ++a) {
        for (int b = -2; b <= 2; ++b) {
          const Eigen::Vector3d apart = slab.structure.positions[i].x + Eigen::Vector3d(a, b, 0) - site.position.x;
          const double distance = slab.structure.lattice.to_cartesian(Fractional{apart}).x.norm();
          CHECK(distance > 2.0 - 1e-6);
          nearest += std::abs(distance - 2.0) < 1e-6 ? 1 : 0;
        }
      }
    }
    CHECK(nearest == site.neighbours);
  }
}

TEST_CASE("on a torus there are as many bridges as tops and hollows together, in long surface cells too",
          "[enumerator][slab]") {
  // Euler: corners - edges + cells = 0 for the Voronoi diagram of a plane's lattice.
  const auto closes = [](const ParentCrystal& parent, const Eigen::Vector3i& hkl) {
    const Surface surface(parent, hkl);
    std::map<int, int> found;  // neighbours (3 and more together): sites
    const int top = surface.terminations().front();
    for (const auto& site : surface.adsorption_sites(top, surface.slab(top, 4, 12), 2.0)) {
      ++found[std::min(site.neighbours, 3)];
    }
    INFO(hkl.transpose() << ": " << found[1] << " tops, " << found[2] << " bridges, " << found[3] << " hollows");
    CHECK(found[1] >= 1);
    CHECK(found[2] == found[1] + found[3]);
  };
  // Of no symmetry: in a cubic crystal a bridge may coincide with a hollow, the centre of a right-angled triangle.
  Eigen::Matrix3d rows;
  rows << 3.1, 0, 0, 0.7, 3.7, 0, 0.4, 0.9, 4.3;
  const auto triclinic = crystal_of(rows, "Fe", {{0, 0, 0}, {0.31, 0.47, 0.58}});
  for (const Eigen::Vector3i& hkl : {Eigen::Vector3i(2, 1, 0), Eigen::Vector3i(3, 2, 1), Eigen::Vector3i(7, 5, 3),
                                     Eigen::Vector3i(1, 20, 0), Eigen::Vector3i(1, 71, 0)}) {
    closes(*triclinic, hkl);
  }
  for (const Eigen::Vector3i& hkl : {Eigen::Vector3i(1, 1, 1), Eigen::Vector3i(1, 1, 0), Eigen::Vector3i(2, 1, 1)})
    closes(*copper(), hkl);
  rows << 3.1, 0, 0, 0.7, 3.7, 0, 64.4, 0.9, 4.3;  // the same kind of crystal in a cell that leans twenty cells far
  closes(*crystal_of(rows, "Fe", {{0, 0, 0}, {0.31, 0.47, 0.58}}), {1, 1, 0});
}
