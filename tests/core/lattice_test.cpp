#include "core/lattice.hpp"

#include <rapidcheck.h>

#include <Eigen/LU>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <numbers>

#include "core/errors.hpp"

namespace hullscan {
namespace {

double real(double low, double high) {
  return low + (high - low) * static_cast<double>(*rc::gen::inRange(0, 1'000'001)) * 1e-6;
}

/// A compact cell sheared by integers: the same lattice, ever more skewed vectors.
Lattice skewed_lattice(int shear) {
  Eigen::Matrix3d rows;
  rows << real(3, 6), 0, 0, real(-1, 1), real(3, 6), 0, real(-1, 1), real(-1, 1), real(3, 6);
  const auto draw = [&] { return static_cast<double>(*rc::gen::inRange(-shear, shear + 1)); };
  Eigen::Matrix3d lower = Eigen::Matrix3d::Identity(), upper = Eigen::Matrix3d::Identity();
  lower(1, 0) = draw();
  lower(2, 0) = draw();
  lower(2, 1) = draw();
  upper(0, 1) = draw();
  return Lattice(upper * lower * rows);
}

Fractional any_position() { return {Eigen::Vector3d(real(-1, 2), real(-1, 2), real(-1, 2))}; }

double brute_force_distance(const Lattice& lattice, const Fractional& a, const Fractional& b, int reach) {
  double nearest = std::numeric_limits<double>::infinity();
  for (int i = -reach; i <= reach; ++i) {
    for (int j = -reach; j <= reach; ++j) {
      for (int k = -reach; k <= reach; ++k) {
        const Fractional image{b.x + Eigen::Vector3d(i, j, k)};
        nearest = std::min(nearest, (lattice.to_cartesian(image).x - lattice.to_cartesian(a).x).norm());
      }
    }
  }
  return nearest;
}

}  // namespace

TEST_CASE("the distance in a skewed cell is that of the nearest of all images", "[core][lattice][property]") {
  // Sheared by one, the nearest image of a compact cell is at most 15 cells away; by more, brute force would miss it.
  CHECK(rc::check("against brute force over 41^3 images", [] {
    const Lattice lattice = skewed_lattice(1);
    const Fractional a = any_position(), b = any_position();
    RC_ASSERT(std::abs(lattice.distance_angstrom(a, b) - brute_force_distance(lattice, a, b, 20)) < 1e-9);
  }));
}

TEST_CASE("a cell sheared or stretched beyond reason has the distances of its compact cell",
          "[core][lattice][property]") {
  CHECK(rc::check("sheared by up to 10^6 cells, stretched up to 10^5 Å", [] {
    Eigen::Matrix3d rows;
    rows << real(2, 6), 0, 0, real(-3, 3), real(2, 6), 0, real(-3, 3), real(-3, 3), real(2, 100'000);
    Eigen::Matrix3d shear = Eigen::Matrix3d::Identity();
    shear(0, 1) = *rc::gen::inRange(-1'000'000, 1'000'000);
    const Lattice compact(rows), sheared(shear * rows);
    const Fractional a = any_position(), b = any_position();
    const auto in_compact = [&](const Fractional& p) { return compact.to_fractional(sheared.to_cartesian(p)); };
    const double distance = sheared.distance_angstrom(a, b);
    RC_ASSERT(std::abs(distance - compact.distance_angstrom(in_compact(a), in_compact(b))) < 1e-6 * (1 + distance));
    RC_ASSERT(std::abs(sheared.shortest_vector_angstrom() - compact.shortest_vector_angstrom()) < 1e-6);
  }));
}

TEST_CASE("vectors that no crystal has are refused", "[core][lattice]") {
  Eigen::Matrix3d rows = Eigen::Matrix3d::Identity();
  rows(0, 1) = 1e12;
  CHECK_THROWS_AS(Lattice(rows), FormatError);
}

TEST_CASE("the distance does not depend on order, images or a common shift", "[core][lattice][property]") {
  CHECK(rc::check("distance(a, b) = distance(b + n, a) = distance(a + s, b + s)", [] {
    const Lattice lattice = skewed_lattice(4);
    const Fractional a = any_position(), b = any_position();
    const Eigen::Vector3d n(*rc::gen::inRange(-3, 4), *rc::gen::inRange(-3, 4), *rc::gen::inRange(-3, 4));
    const Eigen::Vector3d s = any_position().x;
    const double distance = lattice.distance_angstrom(a, b);
    RC_ASSERT(std::abs(distance - lattice.distance_angstrom({b.x + n}, a)) < 1e-9);
    RC_ASSERT(std::abs(distance - lattice.distance_angstrom({a.x + s}, {b.x + s})) < 1e-9);
  }));
}

TEST_CASE("the shortest vector does not depend on how skewed the cell is written", "[core][lattice]") {
  // fcc with a = 4: nearest neighbours at a / sqrt(2).
  Eigen::Matrix3d fcc;
  fcc << 0, 2, 2, 2, 0, 2, 2, 2, 0;
  Eigen::Matrix3d shear;
  shear << 1, 5, -7, 0, 1, 4, 0, 0, 1;

  CHECK(Lattice(fcc).shortest_vector_angstrom() == Approx(4 / std::sqrt(2.0)));
  CHECK(Lattice(shear * fcc).shortest_vector_angstrom() == Approx(4 / std::sqrt(2.0)));
}

TEST_CASE("cell parameters survive the way to vectors and back", "[core][lattice][property]") {
  CHECK(rc::check("from_parameters, then lengths and angles", [] {
    const Eigen::Vector3d lengths(real(2, 20), real(2, 20), real(2, 20));
    const Eigen::Vector3d angles(real(70, 110), real(70, 110), real(70, 110));
    const auto lattice = Lattice::from_parameters(lengths[0], lengths[1], lengths[2], angles[0], angles[1], angles[2]);
    RC_ASSERT((lattice.lengths_angstrom() - lengths).norm() < 1e-9);
    RC_ASSERT((lattice.angles_degree() - angles).norm() < 1e-7);
    RC_ASSERT(lattice.rows()(0, 1) == 0.0);
    RC_ASSERT(lattice.rows()(1, 2) == 0.0);
  }));
}

TEST_CASE("a hexagonal cell has the volume of its formula", "[core][lattice]") {
  const auto lattice = Lattice::from_parameters(3.0, 3.0, 5.0, 90, 90, 120);

  CHECK(lattice.volume_cubic_angstrom() == Approx(std::sqrt(3.0) / 2 * 9 * 5));
  CHECK(lattice.angles_degree()[2] == Approx(120.0));
}

TEST_CASE("cells that are none are refused", "[core][lattice]") {
  Eigen::Matrix3d flat;
  flat << 1, 0, 0, 0, 1, 0, 1, 1, 0;
  Eigen::Matrix3d infinite = Eigen::Matrix3d::Identity();
  infinite(0, 0) = std::numeric_limits<double>::infinity();

  CHECK_THROWS_AS(Lattice(flat), FormatError);
  CHECK_THROWS_AS(Lattice(infinite), FormatError);
  CHECK_THROWS_AS(Lattice::from_parameters(3, 3, 3, 170, 10, 10), FormatError);
  CHECK_THROWS_AS(Lattice::from_parameters(3, 0, 3, 90, 90, 90), FormatError);
}

TEST_CASE("reciprocal vectors are dual to the lattice vectors", "[core][lattice][property]") {
  CHECK(rc::check("a_i b_j = 2 pi delta_ij", [] {
    const Lattice lattice = skewed_lattice(2);
    const Eigen::Matrix3d product = lattice.rows() * lattice.reciprocal_rows().transpose() / (2 * std::numbers::pi);
    RC_ASSERT((product - Eigen::Matrix3d::Identity()).norm() < 1e-9);
  }));
}

TEST_CASE("a left-handed cell has a positive volume", "[core][lattice]") {
  Eigen::Matrix3d rows;
  rows << 0, 2, 0, 2, 0, 0, 0, 0, 2;

  CHECK(Lattice(rows).volume_cubic_angstrom() == Approx(8.0));
}

TEST_CASE("coordinates survive the way to space and back", "[core][lattice][property]") {
  CHECK(rc::check("to_fractional(to_cartesian(x)) = x", [] {
    const Lattice lattice = skewed_lattice(3);
    const Fractional position = any_position();
    RC_ASSERT((lattice.to_fractional(lattice.to_cartesian(position)).x - position.x).norm() < 1e-9);
  }));
}

TEST_CASE("wrapping leads into the home cell and rounding does not move an atom by a cell", "[core][lattice]") {
  const Fractional wrapped_position = wrapped({Eigen::Vector3d(-0.25, 1.0 - 1e-12, 7.5)});

  CHECK(wrapped_position.x[0] == 0.75);
  CHECK(wrapped_position.x[1] == 0.0);
  CHECK(wrapped_position.x[2] == 0.5);
  CHECK(wrapped({Eigen::Vector3d(-1e-15, 0, 0)}).x[0] == 0.0);
}

}  // namespace hullscan
