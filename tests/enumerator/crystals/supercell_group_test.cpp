#include "enumerator/crystal/supercell_group.hpp"

#include <rapidcheck/catch.h>
#include <Eigen/Geometry>
#include <catch2/catch.hpp>
#include <chrono>
#include <iostream>
#include <set>

#include "crystals.hpp"
#include "enumerator/crystal/supercells.hpp"

using namespace hullscan;
using namespace hullscan::test;

namespace {

SupercellMatrix diagonal(int a, int b, int c) { return Eigen::Vector3i(a, b, c).asDiagonal(); }

SupercellGroup group(const std::shared_ptr<const ParentCrystal>& parent, const SupercellMatrix& matrix) {
  return group_of(Supercell(parent, matrix));
}

void check_is_group(const SupercellGroup& group) {
  const PermutationGroup& p = group.permutations;
  std::set<std::vector<std::uint16_t>> elements;
  for (std::size_t g = 0; g < p.order(); ++g) elements.emplace(p.element(g).begin(), p.element(g).end());
  REQUIRE(elements.size() == p.order());
  for (std::size_t i = 0; i < p.degree; ++i) REQUIRE(p.element(0)[i] == i);
  for (std::size_t g = 1; g < p.order(); ++g) {
    REQUIRE(std::lexicographical_compare(p.element(g - 1).begin(), p.element(g - 1).end(), p.element(g).begin(),
                                         p.element(g).end()));
  }
  std::vector<std::uint16_t> product(p.degree);
  for (std::size_t g = 0; g < p.order(); ++g) {
    for (std::size_t h = 0; h < p.order(); ++h) {
      for (std::size_t i = 0; i < p.degree; ++i) product[i] = p.element(g)[p.element(h)[i]];
      REQUIRE(elements.contains(product));
    }
  }
  CHECK(group.operation_of.size() == p.order());
  CHECK(group.operation_count == p.order() * group.kernel.size());
}

/// Where an operation takes varied site i, by coordinates: an independent check of the integer arithmetic.
std::size_t image_by_coordinates(const Supercell& supercell, const SymmetryOperation& operation, std::size_t i) {
  const Lattice primitive = supercell.parent().primitive_lattice();
  const auto varied = [&](std::size_t v) {
    return supercell.sites()[static_cast<std::size_t>(supercell.varied_sites()[v])].position;
  };
  const Eigen::Vector3d x = primitive.to_fractional(supercell.lattice().to_cartesian(varied(i))).x;
  const Cartesian image = primitive.to_cartesian({operation.rotation.cast<double>() * x + operation.translation});
  const Fractional in_supercell = supercell.lattice().to_fractional(image);
  for (std::size_t v = 0; v < supercell.varied_sites().size(); ++v) {
    if (supercell.lattice().distance_angstrom(in_supercell, varied(v)) < 1e-3) return v;
  }
  return supercell.varied_sites().size();
}

}  // namespace

TEST_CASE("group orders are point operations kept times primitive cells", "[enumerator][group]") {
  const auto perovskite = parent_of("gamma-CsPbI3-Pnma.cif", space({{{"Pb"}, {"Pb", "Zn"}}}));
  const auto layered = parent_of("LiNiO2-R-3m.cif", space({{{"Ni"}, {"Ni", "Mn"}}}));
  const auto monolayer = parent_of("MoS2-monolayer.cif", space({{{"S"}, {"S", "Se"}}}));
  const auto fcc = parent_of("Al-fcc.cif", space({{{"Al"}, {"Al", "Ni"}}}));

  const SupercellGroup a = group(perovskite, diagonal(2, 2, 2)), b = group(layered, diagonal(2, 2, 1));
  const SupercellGroup c = group(monolayer, diagonal(8, 8, 1)), d = group(fcc, diagonal(3, 3, 3));

  CHECK(a.operation_count == 64);
  CHECK(a.permutations.order() == 64);
  CHECK(b.operation_count == 144);
  CHECK(c.operation_count == 768);
  CHECK(c.permutations.order() == 768);
  CHECK(c.permutations.degree == 128);
  CHECK(d.operation_count == 5184);
  CHECK(d.permutations.order() == 5184);
  CHECK(a.translations.size() == 8);
  CHECK(b.translations.size() == 12);
  CHECK(c.translations.size() == 64);
  CHECK(d.translations.size() == 108);
  for (const SupercellGroup* g : {&a, &b, &c, &d}) CHECK(g->translations.front() == 0);
}

TEST_CASE("fcc 4 × 4 × 4 with 12,288 operations takes no time worth naming", "[enumerator][group][speed]") {
  const auto fcc = parent_of("Al-fcc.cif", space({{{"Al"}, {"Al", "Ni"}}}));
  const Supercell supercell(fcc, diagonal(4, 4, 4));

  const auto start = std::chrono::steady_clock::now();
  const SupercellGroup found = group_of(supercell);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();

  CHECK(found.operation_count == 12288);
  CHECK(found.permutations.order() == 12288);
  std::cout << "group of fcc 4x4x4: " << seconds << " s\n";
  CHECK(seconds < 2.0);  // 0.05 s on an idle core
}

TEST_CASE("the permutations are a group", "[enumerator][group]") {
  check_is_group(group(parent_of("gamma-CsPbI3-Pnma.cif", space({{{"Pb"}, {"Pb", "Zn"}}, {{"I"}, {"I", "Br"}}})),
                       diagonal(2, 1, 2)));
  check_is_group(
      group(parent_of("LiNiO2-R-3m.cif", space({{{"Ni"}, {"Ni", "Mn"}}, {{"Li"}, {"Li", "Va"}}})), diagonal(2, 2, 1)));
  check_is_group(group(parent_of("Al-fcc.cif", space({{{"Al"}, {"Al", "Ni"}}})), diagonal(2, 1, 1)));
  check_is_group(group(parent_of("MoS2-monolayer.cif", space({{{"Mo"}, {"Mo", "W"}}})), diagonal(3, 3, 1)));
}

TEST_CASE("every supercell's permutations are a group and do to the sites what their operations do",
          "[enumerator][group][property][slow]") {
  const std::vector<std::shared_ptr<const ParentCrystal>> parents = {
      parent_of("Al-fcc.cif", space({{{"Al"}, {"Al", "Ni"}}})),
      parent_of("gamma-CsPbI3-Pbnm.cif", space({{{"Cs", "I2"}, {"Cs", "I"}}})),
      parent_of("LiNiO2-R-3m.cif", space({{{"O"}, {"O", "F"}}, {{"Li"}, {"Li", "Va"}}})),
      parent_of("MoS2-monolayer.cif", space({{{"S"}, {"S", "Se"}}}))};
  rc::prop("for any integer matrix", [&] {
    const auto& parent = parents[*rc::gen::inRange<std::size_t>(0, parents.size())];
    // A Hermite normal form in another basis: every lattice of up to 6 cells.
    const auto forms = hermite_normal_forms(*rc::gen::inRange(1, 7));
    SupercellMatrix matrix = forms[*rc::gen::inRange<std::size_t>(0, forms.size())];
    matrix.row(0) += *rc::gen::inRange(-2, 3) * matrix.row(1);
    matrix.row(1) += *rc::gen::inRange(-2, 3) * matrix.row(2);
    if (*rc::gen::arbitrary<bool>()) matrix.row(2) *= -1;
    const Supercell supercell(parent, matrix);

    const SupercellGroup found = group_of(supercell);

    check_is_group(found);
    for (std::size_t g = 0; g < found.permutations.order(); g += 1 + found.permutations.order() / 12) {
      const auto permutation = found.permutations.element(g);
      for (std::size_t i = 0; i < permutation.size(); ++i) {
        RC_ASSERT(permutation[i] == image_by_coordinates(supercell, found.operation_of[g], i));
      }
    }
    for (const SymmetryOperation& operation : found.kernel) {
      RC_ASSERT(image_by_coordinates(supercell, operation, 0) == 0U);
    }
    for (const std::size_t t : found.translations) {
      // A translation moves every site or none.
      const auto permutation = found.permutations.element(t);
      for (std::size_t i = 0; i < permutation.size(); ++i) RC_ASSERT((permutation[i] == i) == (t == 0));
    }
  });
}

TEST_CASE("the same crystal typed as 2×1×1 and repeated 1×2×2 has the group of 2×2×2, with any origin and orientation",
          "[enumerator][group]") {
  const Crystal given = read_crystal(structure_file("gamma-CsPbI3-Pnma.cif"));
  const Eigen::Matrix3d turn = Eigen::AngleAxisd(1.1, Eigen::Vector3d(3, -1, 2).normalized()).toRotationMatrix();
  const auto spec = space({{{"Pb"}, {"Pb", "Zn"}}});
  Crystal doubled{
      Lattice(Eigen::Vector3d(2, 1, 1).asDiagonal() * given.lattice.rows() * turn.transpose()), {}, "doubled"};
  for (const CrystalSite& site : given.sites) {
    for (int i = 0; i < 2; ++i) {
      CrystalSite copy = site;
      const Eigen::Vector3d x = site.position.x + Eigen::Vector3d(0.0711 + i, 0.3123, 0.1517);
      copy.position = wrapped({Eigen::Vector3d(x[0] / 2, x[1], x[2])});
      doubled.sites.push_back(copy);
    }
  }

  const auto parent = parent_of(doubled, spec);
  const SupercellGroup found = group(parent, diagonal(1, 2, 2));

  CHECK(parent->space_group_number == 62);
  CHECK(found.operation_count == 64);
  CHECK(found.permutations.order() == 64);
  CHECK(found.translations.size() == 8);
  check_is_group(found);
}

TEST_CASE("operations that act alike are merged into one permutation with a kernel", "[enumerator][group]") {
  // The mirror plane of the monolayer leaves every Mo in place: 12 * 9 operations, half as many permutations.
  const SupercellGroup found =
      group(parent_of("MoS2-monolayer.cif", space({{{"Mo"}, {"Mo", "W"}}})), diagonal(3, 3, 1));

  CHECK(found.operation_count == 108);
  CHECK(found.permutations.order() == 54);
  CHECK(found.kernel.size() == 2);
  CHECK(found.kernel[0].rotation.isIdentity());
  CHECK_FALSE(found.kernel[1].rotation.isIdentity());
}

TEST_CASE("a supercell without varied sites has the trivial group of permutations", "[enumerator][group]") {
  const SupercellGroup found = group(parent_of("Al-fcc.cif", space({})), diagonal(1, 1, 1));

  CHECK(found.permutations.order() == 1);
  CHECK(found.operation_count == 192);
  CHECK(found.kernel.size() == 192);
}

TEST_CASE("a supercell that lowers the lattice's symmetry keeps only what maps it to itself", "[enumerator][group]") {
  const auto fcc = parent_of("Al-fcc.cif", space({{{"Al"}, {"Al", "Ni"}}}));

  CHECK(group(fcc, diagonal(1, 1, 2)).operation_count == 16 * 8);
  CHECK(group(fcc, diagonal(1, 2, 3)).operation_count == 8 * 24);
}
