/// @file
/// A Bravais lattice by three vectors, and the two kinds of coordinates in it, which do not mix.
#pragma once

#include <Eigen/Core>

namespace hullscan {

/// Coordinates along the lattice vectors; no unit.
struct Fractional {
  Eigen::Vector3d x = Eigen::Vector3d::Zero();
  friend bool operator==(const Fractional&, const Fractional&) = default;
};

/// Coordinates in space, Å.
struct Cartesian {
  Eigen::Vector3d x = Eigen::Vector3d::Zero();
  friend bool operator==(const Cartesian&, const Cartesian&) = default;
};

/// Every coordinate into [0, 1). Values within 1e-9 of 1 become 0, so that rounding does not move an atom by a cell.
Fractional wrapped(const Fractional& position);

class Lattice {
 public:
  /// @param rows the three lattice vectors as rows, Å. @throws FormatError if not finite or of no volume.
  explicit Lattice(const Eigen::Matrix3d& rows);
  /// Standard setting: a along x, b in the xy plane. Lengths Å, angles degrees. @throws FormatError if impossible.
  static Lattice from_parameters(double a, double b, double c, double alpha, double beta, double gamma);

  [[nodiscard]] const Eigen::Matrix3d& rows() const { return rows_; }  ///< vectors as rows, Å
  [[nodiscard]] Eigen::Matrix3d reciprocal_rows() const;               ///< b_i · a_j = 2π δ_ij, as rows, 1/Å
  [[nodiscard]] double volume_cubic_angstrom() const;                  ///< always > 0, also for a left-handed cell
  [[nodiscard]] Eigen::Vector3d lengths_angstrom() const;
  [[nodiscard]] Eigen::Vector3d angles_degree() const;  ///< alpha, beta, gamma
  [[nodiscard]] Cartesian to_cartesian(const Fractional& position) const;
  [[nodiscard]] Fractional to_fractional(const Cartesian& position) const;
  /// Between nearest images. Exact for skewed cells too.
  [[nodiscard]] double distance_angstrom(const Fractional& a, const Fractional& b) const;
  /// Length of the shortest nonzero lattice vector, Å.
  [[nodiscard]] double shortest_vector_angstrom() const;
  /// How many cells along each vector a sphere of this radius about any point of the home cell can reach.
  [[nodiscard]] Eigen::Vector3i cells_within(double radius_angstrom) const;

  friend bool operator==(const Lattice& a, const Lattice& b) { return a.rows_ == b.rows_; }

 private:
  Eigen::Matrix3d rows_;
  Eigen::Matrix3d inverse_;
};

}  // namespace hullscan
