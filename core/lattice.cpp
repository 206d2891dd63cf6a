#include "core/lattice.hpp"

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "core/errors.hpp"

namespace hullscan {

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
  for (int i = 0; i < 3; ++i) cells[i] = static_cast<int>(std::ceil(radius_angstrom * inverse_.col(i).norm()));
  return cells;
}

double Lattice::distance_angstrom(const Fractional& a, const Fractional& b) const {
  Eigen::Vector3d difference = b.x - a.x;
  for (int i = 0; i < 3; ++i) difference[i] -= std::round(difference[i]);
  // The rounded image bounds the distance; only cells inside that sphere can hold a nearer one.
  double nearest = (rows_.transpose() * difference).norm();
  const Eigen::Vector3i reach = cells_within(nearest);
  for (int i = -reach[0]; i <= reach[0]; ++i) {
    for (int j = -reach[1]; j <= reach[1]; ++j) {
      for (int k = -reach[2]; k <= reach[2]; ++k) {
        const Eigen::Vector3d image = difference + Eigen::Vector3d(i, j, k);
        nearest = std::min(nearest, (rows_.transpose() * image).norm());
      }
    }
  }
  return nearest;
}

double Lattice::shortest_vector_angstrom() const {
  double shortest = lengths_angstrom().minCoeff();
  const Eigen::Vector3i reach = cells_within(shortest);
  for (int i = -reach[0]; i <= reach[0]; ++i) {
    for (int j = -reach[1]; j <= reach[1]; ++j) {
      for (int k = -reach[2]; k <= reach[2]; ++k) {
        if (i == 0 && j == 0 && k == 0) continue;
        shortest = std::min(shortest, (rows_.transpose() * Eigen::Vector3d(i, j, k)).norm());
      }
    }
  }
  return shortest;
}

}  // namespace hullscan
