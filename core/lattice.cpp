#include "core/lattice.hpp"

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "core/errors.hpp"

namespace hullscan {
namespace {

/// A longer vector is not a crystal's, and its square would soon leave a double.
constexpr double kLongest_angstrom = 1e8;

/// Cells along a vector up to which nearest images are looked for by these vectors.
constexpr int kPlainReach = 4;

/// Takes from a row the whole multiple of another that makes it shortest. @returns whether it became shorter.
bool shorten_by_multiple(Eigen::Matrix3d& rows, int row, int other) {
  const double multiple = std::round(rows.row(row).dot(rows.row(other)) / rows.row(other).squaredNorm());
  const Eigen::RowVector3d shorter = rows.row(row) - multiple * rows.row(other);
  if (!(shorter.squaredNorm() < rows.row(row).squaredNorm() * (1 - 1e-9))) return false;
  rows.row(row) = shorter;
  return true;
}

/// Replaces a row by its shortest sum with -1, 0 or 1 times the other two. @returns whether it became shorter.
bool shorten_by_sum(Eigen::Matrix3d& rows, int row) {
  Eigen::RowVector3d best = rows.row(row);
  for (int p = -1; p <= 1; ++p) {
    for (int q = -1; q <= 1; ++q) {
      const Eigen::RowVector3d sum = rows.row(row) + p * rows.row((row + 1) % 3) + q * rows.row((row + 2) % 3);
      if (sum.squaredNorm() < best.squaredNorm() * (1 - 1e-9)) best = sum;
    }
  }
  if (best == rows.row(row)) return false;
  rows.row(row) = best;
  return true;
}

/// Vectors of the same lattice that are Minkowski-reduced: Gauss's steps, which take any shear off at once, then sums
/// with coefficients -1, 0 and 1, which suffice in three dimensions (Nguyen & Stehlé, ACM Trans. Algorithms 5, 46
/// (2009)).
Eigen::Matrix3d reduced_rows(Eigen::Matrix3d rows) {
  for (bool changed = true; changed;) {
    changed = false;
    for (int row = 0; row < 3; ++row) {
      for (int other = 0; other < 3; ++other) {
        if (other != row) changed = shorten_by_multiple(rows, row, other) || changed;
      }
      changed = shorten_by_sum(rows, row) || changed;
    }
  }
  return rows;
}

/// @param difference fractional; @param reach cells on each side of it along each vector.
double shortest_of_images(const Eigen::Matrix3d& rows, const Eigen::Vector3d& difference,
                          const Eigen::Vector3i& reach) {
  double nearest = (rows.transpose() * difference).norm();
  for (int i = -reach[0]; i <= reach[0]; ++i) {
    for (int j = -reach[1]; j <= reach[1]; ++j) {
      for (int k = -reach[2]; k <= reach[2]; ++k) {
        const Eigen::Vector3d image = difference + Eigen::Vector3d(i, j, k);
        nearest = std::min(nearest, (rows.transpose() * image).norm());
      }
    }
  }
  return nearest;
}

}  // namespace

Fractional wrapped(const Fractional& position) {
  Fractional result;
  for (int i = 0; i < 3; ++i) {
    double value = position.x[i] - std::floor(position.x[i]);
    if (value > 1.0 - 1e-9 || value < 1e-12) value = 0.0;
    result.x[i] = value;
  }
  return result;
}

Lattice::Lattice(const Eigen::Matrix3d& rows) : rows_(rows) {
  if (!rows.allFinite()) throw FormatError("lattice vectors are not finite numbers");
  if (!(rows.array().abs().maxCoeff() < kLongest_angstrom)) throw FormatError("lattice vectors are longer than 10^8 Å");
  const double volume = std::abs(rows.determinant());
  if (!(volume > 1e-3))
    throw FormatError("lattice vectors span a volume of " + std::to_string(volume) + " Å^3, must be positive");
  inverse_ = rows.inverse();
}

Lattice Lattice::from_parameters(double a, double b, double c, double alpha, double beta, double gamma) {
  const auto cosine = [](double degrees) {
    // Right angles and 120° are exact, so that a hexagonal cell keeps its symmetry.
    if (degrees == 90.0) return 0.0;
    if (degrees == 120.0) return -0.5;
    if (degrees == 60.0) return 0.5;
    return std::cos(degrees * std::numbers::pi / 180.0);
  };
  const double ca = cosine(alpha), cb = cosine(beta), cg = cosine(gamma);
  const double sg = std::sqrt(1.0 - cg * cg);
  const double cy = (ca - cb * cg) / sg;
  const double cz2 = 1.0 - cb * cb - cy * cy;
  if (!(a > 0 && b > 0 && c > 0) || !(sg > 0) || !(cz2 > 0)) {
    throw FormatError("cell parameters do not form a cell: lengths must be positive and the angles possible");
  }
  Eigen::Matrix3d rows;
  rows << a, 0, 0, b * cg, b * sg, 0, c * cb, c * cy, c * std::sqrt(cz2);
  return Lattice(rows);
}

Eigen::Matrix3d Lattice::reciprocal_rows() const { return 2.0 * std::numbers::pi * inverse_.transpose(); }

double Lattice::volume_cubic_angstrom() const { return std::abs(rows_.determinant()); }

Eigen::Vector3d Lattice::lengths_angstrom() const { return rows_.rowwise().norm(); }

Eigen::Vector3d Lattice::angles_degree() const {
  const auto angle = [&](int i, int j) {
    const double cosine = rows_.row(i).dot(rows_.row(j)) / (rows_.row(i).norm() * rows_.row(j).norm());
    return std::acos(std::clamp(cosine, -1.0, 1.0)) * 180.0 / std::numbers::pi;
  };
  return {angle(1, 2), angle(0, 2), angle(0, 1)};
}

Cartesian Lattice::to_cartesian(const Fractional& position) const { return {rows_.transpose() * position.x}; }

Fractional Lattice::to_fractional(const Cartesian& position) const { return {inverse_.transpose() * position.x}; }

Eigen::Vector3i Lattice::cells_within(double radius_angstrom) const {
  Eigen::Vector3i cells;
  constexpr double kMost = 1e9;  // beyond what anybody walks through, and within an int
  for (int i = 0; i < 3; ++i) {
    cells[i] = static_cast<int>(std::min(kMost, std::ceil(radius_angstrom * inverse_.col(i).norm())));
  }
  return cells;
}

double Lattice::distance_angstrom(const Fractional& a, const Fractional& b) const {
  Eigen::Vector3d difference = b.x - a.x;
  for (int i = 0; i < 3; ++i) difference[i] -= std::round(difference[i]);
  // The rounded image bounds the distance; only cells inside that sphere can hold a nearer one.
  const Eigen::Vector3d image = rows_.transpose() * difference;
  const Eigen::Vector3i reach = cells_within(image.norm());
  if (reach.maxCoeff() <= kPlainReach) return shortest_of_images(rows_, difference, reach);
  // A sheared or stretched cell: the same lattice by shorter vectors.
  const Eigen::Matrix3d reduced = reduced_rows(rows_);
  difference = reduced.transpose().partialPivLu().solve(image);
  for (int i = 0; i < 3; ++i) difference[i] -= std::round(difference[i]);
  return shortest_of_images(reduced, difference, Eigen::Vector3i::Constant(2));
}

double Lattice::shortest_vector_angstrom() const { return reduced_rows(rows_).rowwise().norm().minCoeff(); }

}  // namespace hullscan
