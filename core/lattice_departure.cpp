#include "core/lattice_departure.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "core/layer.hpp"

namespace hullscan {

std::optional<LatticeDeparture> lattice_departure(const Structure& sites, const Structure& given) {
  if (sites.species != given.species || sites.species.empty()) return std::nullopt;
  const Structure relaxed = with_height_of(given, sites);
  const Eigen::Matrix3d& ideal = sites.lattice.rows();
  const double scale = std::cbrt(relaxed.lattice.volume_cubic_angstrom() / sites.lattice.volume_cubic_angstrom());
  // Rows of the relaxed cell are whole multiples of the strained rows: relaxed = basis * strained.
  const Eigen::Matrix3d basis = (relaxed.lattice.rows() * ideal.inverse() / scale).array().round();
  if (std::abs(std::abs(basis.determinant()) - 1) > 0.5) return std::nullopt;
  const Eigen::Matrix3d strained = basis.inverse() * relaxed.lattice.rows();

  const Eigen::Matrix3d gradient = ideal.inverse() * strained / scale;
  const Eigen::Matrix3d square = gradient * gradient.transpose();
  const Eigen::Matrix3d stretch = Eigen::SelfAdjointEigenSolver<Eigen::Matrix3d>(square).operatorSqrt();
  LatticeDeparture departure;
  departure.shear_strain = (stretch - Eigen::Matrix3d::Identity()).norm();

  // Against the first atom's, so that a common shift of any size does not count; then against the mean.
  std::vector<Eigen::RowVector3d> moved;
  Eigen::RowVector3d mean = Eigen::RowVector3d::Zero();
  const auto shift = [&](std::size_t i) -> Eigen::RowVector3d {
    return relaxed.positions[i].x.transpose() * basis - sites.positions[i].x.transpose();
  };
  for (std::size_t i = 0; i < sites.species.size(); ++i) {
    const Eigen::RowVector3d fractional = shift(i) - shift(0);
    const Eigen::RowVector3d nearest = fractional - Eigen::RowVector3d(fractional.array().round());
    moved.push_back(nearest * strained);
    mean += moved.back();
  }
  mean /= static_cast<double>(moved.size());
  double sum = 0;
  double largest = 0;
  for (const Eigen::RowVector3d& displacement : moved) {
    const double distance2 = (displacement - mean).squaredNorm();
    sum += distance2;
    largest = std::max(largest, distance2);
  }
  departure.largest_displacement_angstrom = std::sqrt(largest);
  departure.rms_displacement_angstrom = std::sqrt(sum / static_cast<double>(moved.size()));
  return departure;
}

bool left_lattice(const std::optional<LatticeDeparture>& departure) {
  return !departure || departure->rms_displacement_angstrom > kOffLatticeAngstrom ||
         departure->shear_strain > kOffLatticeShear;
}

}  // namespace hullscan
