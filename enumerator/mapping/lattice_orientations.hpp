/// @file
/// The ways in which a cell can lie on a parent's lattice: which whole combinations of its primitive vectors come near
/// to the cell's, whatever the rotation.
#pragma once

#include <Eigen/Core>
#include <vector>

#include "core/parent_crystal.hpp"

namespace hullscan {

struct LatticeOrientation {
  Eigen::Matrix3i cells = Eigen::Matrix3i::Identity();  ///< rows: the cell's vectors in primitive vectors
  double shear = 0;                                     ///< as LatticeMapping::shear_strain
  Eigen::Matrix3d stretch = Eigen::Matrix3d::Identity();
  Eigen::Matrix3d rotation = Eigen::Matrix3d::Identity();
};

class LatticeOrientations {
 public:
  /// @param rows the cell's vectors, Å. @param parent must outlive it.
  /// @param largest_shear of all that are ever asked for.
  LatticeOrientations(const Eigen::Matrix3d& rows, const ParentCrystal& parent, double largest_shear);

  /// Those of a volume with at most this shear, the least first; of each set that the parent's symmetry makes equal the
  /// first. At most 48. The cell as it stands is among them whatever its shear, where `most_shear` is the largest; it
  /// is the only one where it is neither sheared nor turned.
  /// @param volume primitive cells, > 0. Cost: number of vectors within `most_shear` of the lengths of the cell's,
  /// cubed at worst; a small `most_shear` makes it cheap in large cells.
  [[nodiscard]] std::vector<LatticeOrientation> within(double most_shear, int volume) const;

 private:
  [[nodiscard]] LatticeOrientation orientation(const Eigen::Matrix3i& cells) const;
  [[nodiscard]] bool first_of_its_kind(const Eigen::Vector3i& vector) const;

  Eigen::Matrix3d rows_, primitive_;
  const ParentCrystal& parent_;
  double largest_shear_;
};

}  // namespace hullscan
