#include "dft_adapters/reduced_cell.hpp"

#include <rapidcheck.h>

#include <Eigen/LU>
#include <catch2/catch.hpp>

using namespace hullscan;

namespace {

const Species kAluminium = Species::from_symbol("Al");
const Species kNickel = Species::from_symbol("Ni");

/// Al at the origin, Ni on the fcc site (1/2 1/2 0).
Structure on_fcc(const Eigen::Matrix3d& steps) {
  Eigen::Matrix3d fcc;
  fcc << 0, 0.5, 0.5, 0.5, 0, 0.5, 0.5, 0.5, 0;
  Structure structure{Lattice(steps * fcc * 3.7), {kAluminium, kNickel}, {Fractional{}, Fractional{}}};
  structure.positions[1] = wrapped(structure.lattice.to_fractional(Cartesian{{1.85, 1.85, 0}}));
  return structure;
}

}  // namespace

TEST_CASE("a long Hermite normal form becomes the short cell of the same crystal", "[dft_adapters]") {
  Eigen::Matrix3d straight, skewed;
  straight << 1, 0, 0, 0, 1, 0, 0, 0, 2;
  skewed << 1, 0, 0, 0, 1, 0, 1, 1, 2;  // the same lattice

  const Structure a = with_reduced_cell(on_fcc(straight));
  const Structure b = with_reduced_cell(on_fcc(skewed));

  // L1_1: (111) layers; the three shortest independent vectors are two of length a/sqrt(2) and one of a*sqrt(3/2).
  for (const Structure* one : {&a, &b}) {
    const auto lengths = one->lattice.lengths_angstrom();
    CHECK(lengths.minCoeff() == Approx(3.7 / std::sqrt(2)));
    CHECK(lengths.maxCoeff() == Approx(3.7 * std::sqrt(1.5)));
    CHECK(one->lattice.volume_cubic_angstrom() == Approx(3.7 * 3.7 * 3.7 / 2));
    CHECK(one->shortest_distance_angstrom() == Approx(3.7 / std::sqrt(2)));
  }
}

TEST_CASE("a cell that is reduced stays as it is", "[dft_adapters]") {
  const Structure cubic{Lattice(Eigen::Matrix3d::Identity() * 3.0), {kAluminium}, {Fractional{{0.1, 0.2, 0.3}}}};
  const Structure fcc = on_fcc(Eigen::Matrix3d::Identity());

  CHECK(with_reduced_cell(cubic) == cubic);
  CHECK(with_reduced_cell(fcc) == fcc);
}

TEST_CASE("reduction keeps the crystal", "[dft_adapters][property]") {
  CHECK(rc::check("volume, handedness and all distances", [] {
    Eigen::Matrix3d rows = Eigen::Matrix3d::Identity() * 3.0;
    for (int i = 0; i < 3; ++i) {
      for (int j = 0; j < 3; ++j) rows(i, j) += *rc::gen::inRange(-8, 9) * 0.5;
    }
    RC_PRE(std::abs(rows.determinant()) > 1.0);
    Structure before{Lattice(rows), {kAluminium, kNickel, kNickel}, {}};
    for (int i = 0; i < 3; ++i)
      before.positions.push_back(Fractional{{0.1 * i, *rc::gen::inRange(0, 10) * 0.1, 0.25 * i}});

    const Structure after = with_reduced_cell(before);

    RC_ASSERT(std::abs(after.lattice.rows().determinant() - rows.determinant()) < 1e-6 * std::abs(rows.determinant()));
    RC_ASSERT(after.species == before.species);
    for (std::size_t i = 0; i < 3; ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        const double was = before.lattice.distance_angstrom(before.positions[i], before.positions[j]);
        const double is = after.lattice.distance_angstrom(after.positions[i], after.positions[j]);
        RC_ASSERT(std::abs(was - is) < 1e-6);
      }
    }
    RC_ASSERT(std::abs(after.lattice.shortest_vector_angstrom() - after.lattice.lengths_angstrom().minCoeff()) < 1e-6);
  }));
}
