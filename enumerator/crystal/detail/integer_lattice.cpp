#include "enumerator/crystal/detail/integer_lattice.hpp"

#include <cassert>

namespace hullscan::detail {
namespace {

std::int64_t floor_divide(std::int64_t a, std::int64_t b) {
  const std::int64_t quotient = a / b;
  return quotient - ((a % b != 0 && (a < 0) != (b < 0)) ? 1 : 0);
}

}  // namespace

std::int64_t determinant(const Matrix3l& m) {
  return m(0, 0) * (m(1, 1) * m(2, 2) - m(1, 2) * m(2, 1)) - m(0, 1) * (m(1, 0) * m(2, 2) - m(1, 2) * m(2, 0)) +
         m(0, 2) * (m(1, 0) * m(2, 1) - m(1, 1) * m(2, 0));
}

Matrix3l adjugate(const Matrix3l& m) {
  Matrix3l a;
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) {
      const int r0 = (j + 1) % 3, r1 = (j + 2) % 3, c0 = (i + 1) % 3, c1 = (i + 2) % 3;
      a(i, j) = m(r0, c0) * m(r1, c1) - m(r0, c1) * m(r1, c0);
    }
  }
  return a;
}

Matrix3l hermite_normal_form(Matrix3l rows) {
  for (int column = 2; column >= 0; --column) {
    // Euclid over rows 0..column until only row `column` has an entry in this column.
    for (int row = 0; row < column; ++row) {
      while (rows(row, column) != 0) {
        const std::int64_t quotient = floor_divide(rows(column, column), rows(row, column));
        rows.row(column) -= quotient * rows.row(row);
        rows.row(row).swap(rows.row(column));
      }
    }
    assert(rows(column, column) != 0);
    if (rows(column, column) < 0) rows.row(column) *= -1;
  }
  for (int row = 1; row < 3; ++row) {
    for (int column = row - 1; column >= 0; --column) {
      rows.row(row) -= floor_divide(rows(row, column), rows(column, column)) * rows.row(column);
    }
  }
  return rows;
}

Matrix3l joined(const Matrix3l& hermite, Vector3l vector) {
  Matrix3l rows = hermite;
  for (int column = 2; column >= 0; --column) {
    // Euclid between the row that ends in this column and the vector, until the vector has no entry there.
    Vector3l row = rows.row(column).transpose();
    while (vector[column] != 0) {
      row -= floor_divide(row[column], vector[column]) * vector;
      row.swap(vector);
    }
    rows.row(column) = row.transpose();
  }
  return hermite_normal_form(rows);
}

Vector3l CellIndex::reduced(Vector3l n) const {
  for (int i = 2; i >= 0; --i) n -= floor_divide(n[i], h_(i, i)) * h_.row(i).transpose();
  return n;
}

std::int64_t CellIndex::operator()(const Vector3l& n) const {
  const Vector3l r = reduced(n);
  return (r[0] * h_(1, 1) + r[1]) * h_(2, 2) + r[2];
}

Vector3l CellIndex::cell(std::int64_t index) const {
  return {index / (h_(1, 1) * h_(2, 2)), index / h_(2, 2) % h_(1, 1), index % h_(2, 2)};
}

}  // namespace hullscan::detail
