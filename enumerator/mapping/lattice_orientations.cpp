#include "enumerator/mapping/lattice_orientations.hpp"

#include <Eigen/Eigenvalues>
#include <Eigen/LU>
#include <algorithm>
#include <array>
#include <cmath>

#include "enumerator/crystal/detail/integer_lattice.hpp"

namespace hullscan {
namespace {

using detail::determinant;

constexpr double kNotTurned = 0.02;  ///< relative length of what separates the vectors from those of the parent
constexpr double kNotSheared = 1e-3;
constexpr std::size_t kMostOrientations = 48;

Eigen::Matrix3d square_root(const Eigen::Matrix3d& positive) {
  const Eigen::SelfAdjointEigenSolver<Eigen::Matrix3d> solver(positive);
  return solver.eigenvectors() * solver.eigenvalues().cwiseMax(0.0).cwiseSqrt().asDiagonal() *
         solver.eigenvectors().transpose();
}

/// Vectors of a lattice whose lengths are nearly those of some others: [other] its candidates.
/// @param slack relative.
std::array<std::vector<Eigen::Vector3i>, 3> of_like_length(const Eigen::Matrix3d& lattice, const Eigen::Matrix3d& rows,
                                                           double slack) {
  const Eigen::Vector3d lengths = rows.rowwise().norm();
  const Eigen::Vector3i reach = Lattice(lattice).cells_within(lengths.maxCoeff() * (1 + slack));
  const double least = lengths.minCoeff() * (1 - slack), most = lengths.maxCoeff() * (1 + slack);
  std::array<std::vector<Eigen::Vector3i>, 3> found;
  for (int i = -reach[0]; i <= reach[0]; ++i) {
    for (int j = -reach[1]; j <= reach[1]; ++j) {
      for (int k = -reach[2]; k <= reach[2]; ++k) {
        const double length = (i * lattice.row(0) + j * lattice.row(1) + k * lattice.row(2)).norm();
        if (length < least || length > most) continue;
        for (int r = 0; r < 3; ++r) {
          const double ratio = length / lengths[r];
          if (ratio < 1 + slack && ratio > 1 - slack) found[static_cast<std::size_t>(r)].emplace_back(i, j, k);
        }
      }
    }
  }
  return found;
}

}  // namespace

LatticeOrientations::LatticeOrientations(const Eigen::Matrix3d& rows, const ParentCrystal& parent, double largest_shear)
    : rows_(rows), primitive_(parent.primitive_lattice().rows()), parent_(parent), largest_shear_(largest_shear) {}

LatticeOrientation LatticeOrientations::orientation(const Eigen::Matrix3i& cells) const {
  const Eigen::Matrix3d deformation = (cells.cast<double>() * primitive_).inverse() * rows_;
  const Eigen::Matrix3d stretch = square_root(deformation * deformation.transpose());
  const double shear = (stretch / std::cbrt(stretch.determinant()) - Eigen::Matrix3d::Identity()).norm();
  return {cells, shear, stretch, stretch.inverse() * deformation};
}

bool LatticeOrientations::first_of_its_kind(const Eigen::Vector3i& vector) const {
  for (const SymmetryOperation& operation : parent_.operations) {
    const Eigen::Vector3i image = operation.rotation * vector;
    if (std::lexicographical_compare(vector.data(), vector.data() + 3, image.data(), image.data() + 3)) return false;
  }
  return true;
}

std::vector<LatticeOrientation> LatticeOrientations::within(double most_shear, int volume) const {
  const double parent_volume = std::abs(primitive_.determinant());
  const Eigen::Matrix3d parent_rows = std::cbrt(std::abs(rows_.determinant()) / (volume * parent_volume)) * primitive_;
  const bool mirrored = (rows_.determinant() < 0) != (parent_rows.determinant() < 0);
  const int wanted = mirrored ? -volume : volume;

  // As it stands: structures are seldom rotated. Nearly without shear it is the one only if nothing is turned: a
  // supercell's lattice may have symmetries that the crystal does not have.
  std::vector<LatticeOrientation> found;
  const Eigen::Matrix3d rounded = (rows_ * parent_rows.inverse()).array().round();
  const Eigen::Matrix3i upright = rounded.cast<int>();
  if (determinant(upright.cast<std::int64_t>()) == wanted) {
    const LatticeOrientation as_it_stands = orientation(upright);
    if (as_it_stands.shear <= most_shear || most_shear >= largest_shear_) found.push_back(as_it_stands);
    const double away = (rounded * parent_rows - rows_).norm() / rows_.norm();
    if (!found.empty() && as_it_stands.shear < kNotSheared && away < kNotTurned) return found;
  }

  // Every triple of parent vectors with nearly the lengths and angles. A stretch 1 + E with |E| <= s changes a length
  // by s of it at most, and a product of two vectors by (2 s + s²) of their lengths, of the shorter ones' 1/(1 - s)².
  const double slack = std::min(most_shear * (1 + 1e-9) + 1e-12, largest_shear_);
  const double angle_slack =
      std::min(slack * (2 + slack) / std::pow(1 - std::min(slack, 0.5), 2) + 1e-9, largest_shear_);
  const auto candidates = of_like_length(
      parent_rows, rows_, slack / (1 - std::min(slack, 0.5)) < largest_shear_ ? slack / (1 - slack) : largest_shear_);
  const Eigen::Matrix3d metric = parent_rows * parent_rows.transpose(), wanted_metric = rows_ * rows_.transpose();
  const auto angle_fits = [&](const Eigen::Vector3d& a_metric, const Eigen::Vector3i& b, int i, int j) {
    return std::abs(a_metric.dot(b.cast<double>()) - wanted_metric(i, j)) <
           angle_slack * std::sqrt(wanted_metric(i, i) * wanted_metric(j, j));
  };
  for (const Eigen::Vector3i& a : candidates[0]) {
    if (!first_of_its_kind(a)) continue;
    const Eigen::Vector3d a_metric = metric * a.cast<double>();
    for (const Eigen::Vector3i& b : candidates[1]) {
      if (!angle_fits(a_metric, b, 0, 1)) continue;
      const Eigen::Vector3d b_metric = metric * b.cast<double>();
      const Eigen::Vector3i across = a.cross(b);
      for (const Eigen::Vector3i& c : candidates[2]) {
        if (across.dot(c) != wanted) continue;
        if (!angle_fits(a_metric, c, 0, 2) || !angle_fits(b_metric, c, 1, 2)) continue;
        Eigen::Matrix3i cells;
        cells << a.transpose(), b.transpose(), c.transpose();
        const LatticeOrientation candidate = orientation(cells);
        if (candidate.shear <= most_shear) found.push_back(candidate);
      }
    }
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const LatticeOrientation& a, const LatticeOrientation& b) { return a.shear < b.shear; });
  if (found.size() > kMostOrientations) found.resize(kMostOrientations);
  return found;
}

}  // namespace hullscan
