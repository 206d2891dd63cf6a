#include "dft_adapters/reduced_cell.hpp"

#include <Eigen/LU>

namespace hullscan {
namespace {

/// Shorter by more than rounding: symmetry makes many vectors equally long.
bool shorter(const Eigen::Vector3d& a, const Eigen::Vector3d& b) {
  return a.squaredNorm() < b.squaredNorm() * (1 - 1e-9);
}

/// Replaces row i by its best sum with -1, 0 or 1 times the other two. @returns false if none is shorter.
bool shorten(int i, const Eigen::Matrix3d& rows, Eigen::Matrix3i& steps) {
  const int j = (i + 1) % 3, k = (i + 2) % 3;
  const Eigen::Matrix3d now = steps.cast<double>() * rows;
  Eigen::Vector3d best = now.row(i);
  Eigen::RowVector3i best_steps = steps.row(i);
  for (int p = -1; p <= 1; ++p) {
    for (int q = -1; q <= 1; ++q) {
      const Eigen::Vector3d candidate = now.row(i) + p * now.row(j) + q * now.row(k);
      if (!shorter(candidate, best)) continue;
      best = candidate;
      best_steps = steps.row(i) + p * steps.row(j) + q * steps.row(k);
    }
  }
  if (best_steps == steps.row(i)) return false;
  steps.row(i) = best_steps;
  return true;
}

}  // namespace

Structure with_reduced_cell(const Structure& structure) {
  const Eigen::Matrix3d& rows = structure.lattice.rows();
  Eigen::Matrix3i steps = Eigen::Matrix3i::Identity();
  for (bool changed = true; changed;) {
    changed = false;
    for (const int i : {2, 1, 0}) changed = shorten(i, rows, steps) || changed;
  }
  if (steps == Eigen::Matrix3i::Identity()) return structure;
  Structure reduced{Lattice(steps.cast<double>() * rows), structure.species, structure.positions};
  // det(steps) = 1, so the inverse is of integers: rounding makes it exact.
  const Eigen::Matrix3d inverse = steps.cast<double>().inverse().array().round();
  for (Fractional& position : reduced.positions) {
    position = wrapped(Fractional{(position.x.transpose() * inverse).transpose()});
  }
  return reduced;
}

}  // namespace hullscan
