/// @file
/// Exact integer algebra of 3 × 3 lattices: determinant, adjugate, Hermite normal form, cells modulo a lattice.
#pragma once

#include <Eigen/Core>
#include <cstdint>

namespace hullscan::detail {

using Matrix3l = Eigen::Matrix<std::int64_t, 3, 3>;
using Vector3l = Eigen::Matrix<std::int64_t, 3, 1>;

std::int64_t determinant(const Matrix3l& m);
/// m * adjugate(m) = determinant(m) * 1.
Matrix3l adjugate(const Matrix3l& m);
/// The normal form of the lattice that the rows span; see supercells.hpp. Precondition: not singular.
Matrix3l hermite_normal_form(Matrix3l rows);
/// The Hermite normal form of the lattice that the rows of one and a further vector span.
Matrix3l joined(const Matrix3l& hermite, Vector3l vector);

/// The classes of integer vectors modulo the lattice spanned by the rows of a Hermite normal form, numbered from 0.
class CellIndex {
 public:
  /// @param hermite a lower triangular Hermite normal form.
  explicit CellIndex(const Matrix3l& hermite) : h_(hermite) {}
  [[nodiscard]] std::int64_t size() const { return h_(0, 0) * h_(1, 1) * h_(2, 2); }
  /// The member of the class with 0 <= n_i < H(i,i).
  [[nodiscard]] Vector3l reduced(Vector3l n) const;
  [[nodiscard]] std::int64_t operator()(const Vector3l& n) const;  ///< number of the class, 0 for the zero vector
  [[nodiscard]] Vector3l cell(std::int64_t index) const;           ///< reduced member of a class

 private:
  Matrix3l h_;
};

}  // namespace hullscan::detail
