#include "core/layer.hpp"

#include <Eigen/Geometry>  // cross
#include <algorithm>
#include <cmath>

namespace hullscan {
namespace {

constexpr double kSameThicknessAngstrom = 2;
constexpr double kSameHeight = 1e-3;  ///< relative
constexpr double kUpright = 1e-3;     ///< of the vector's length, what it may lie along the layer

Eigen::RowVector3d normal_of(const Structure& structure, int axis) {
  const Eigen::Matrix3d& rows = structure.lattice.rows();
  const Eigen::RowVector3d normal = rows.row((axis + 1) % 3).cross(rows.row((axis + 2) % 3)).normalized();
  return normal.dot(rows.row(axis)) < 0 ? Eigen::RowVector3d(-normal) : normal;
}

bool is_upright(const Structure& structure, int axis) {
  const Eigen::RowVector3d across = structure.lattice.rows().row(axis), normal = normal_of(structure, axis);
  return (across - across.dot(normal) * normal).norm() < kUpright * across.norm();
}

}  // namespace

std::optional<LayerShape> layer_shape(const Structure& structure) {
  if (structure.atom_count() == 0) return std::nullopt;
  std::optional<LayerShape> found;
  for (int axis = 0; axis < 3; ++axis) {
    const double height = normal_of(structure, axis).dot(structure.lattice.rows().row(axis));
    if (height < kVacuumAngstrom) continue;
    std::vector<double> along;
    for (const Fractional& position : structure.positions) along.push_back(wrapped(position).x[axis]);
    std::sort(along.begin(), along.end());
    double widest = along.front() + 1 - along.back(), bottom = along.front();
    for (std::size_t i = 1; i < along.size(); ++i) {
      if (along[i] - along[i - 1] <= widest) continue;
      widest = along[i] - along[i - 1];
      bottom = along[i];
    }
    if (widest * height < kVacuumAngstrom) continue;
    if (found) return std::nullopt;
    found = LayerShape{axis, height, widest * height, bottom};
  }
  return found;
}

Structure with_height_of(const Structure& structure, const Structure& model) {
  const auto own = layer_shape(structure), wanted = layer_shape(model);
  if (!own || !wanted) return structure;
  const double thickness = own->height_angstrom - own->vacuum_angstrom;
  const double models = wanted->height_angstrom - wanted->vacuum_angstrom;
  const bool made_upright = is_upright(model, wanted->axis) && !is_upright(structure, own->axis);
  const bool as_high = std::abs(own->height_angstrom / wanted->height_angstrom - 1) < kSameHeight;
  if (std::abs(thickness - models) > kSameThicknessAngstrom || (as_high && !made_upright)) return structure;

  Eigen::Matrix3d rows = structure.lattice.rows();
  if (is_upright(model, wanted->axis)) {
    rows.row(own->axis) = wanted->height_angstrom * normal_of(structure, own->axis);
  } else {
    rows.row(own->axis) *= wanted->height_angstrom / own->height_angstrom;
  }
  Structure made{Lattice(rows), structure.species, {}};
  constexpr double kBelow = 1e-9;  // rounding must not send the lowest atom to the top
  for (const Fractional& position : structure.positions) {
    Fractional above = position;
    double& along = above.x[own->axis];
    along -= std::floor(along - own->bottom + kBelow);
    made.positions.push_back(made.lattice.to_fractional(structure.lattice.to_cartesian(above)));
  }
  return made;
}

}  // namespace hullscan
