/// @file
/// The translations of a periodic cell as a product of three cyclic groups, whatever the shape of the cell: sites are
/// numbered so that a neighbour is found by three sums.
#pragma once

#include <Eigen/Core>
#include <array>
#include <cstddef>

namespace hullscan {

/// y = x V maps primitive vectors to coordinates in which the lattice of the cell is diagonal: L V = U D with V and U
/// unimodular, so x is in the lattice exactly if y_i = 0 mod D_i. Diagonal cells keep their axes (V = 1).
/// Source: the diagonal form of an integer matrix, Cohen, A Course in Computational Algebraic Number Theory
/// (1993), 2.4.
class CellTranslations {
 public:
  /// @param rows cell vectors in units of the primitive vectors; not singular.
  explicit CellTranslations(const Eigen::Matrix3i& rows);

  [[nodiscard]] const std::array<int, 3>& order() const { return order_; }
  [[nodiscard]] std::size_t count() const;  ///< primitive cells of the cell
  /// Coordinates of a primitive cell, each in [0, order).
  [[nodiscard]] std::array<int, 3> coordinates(const std::array<int, 3>& primitive_cell) const;
  [[nodiscard]] std::size_t index(const std::array<int, 3>& coordinates) const {
    return (static_cast<std::size_t>(coordinates[0]) * static_cast<std::size_t>(order_[1]) +
            static_cast<std::size_t>(coordinates[1])) *
               static_cast<std::size_t>(order_[2]) +
           static_cast<std::size_t>(coordinates[2]);
  }

 private:
  std::array<int, 3> order_{};
  Eigen::Matrix<std::int64_t, 3, 3> to_diagonal_;
};

}  // namespace hullscan
