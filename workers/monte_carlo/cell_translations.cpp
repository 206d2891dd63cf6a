#include "workers/monte_carlo/cell_translations.hpp"

#include <cstdint>
#include <cstdlib>
#include <utility>

namespace hullscan {

CellTranslations::CellTranslations(const Eigen::Matrix3i& rows) {
  using Matrix = Eigen::Matrix<std::int64_t, 3, 3>;
  Matrix left = rows.cast<std::int64_t>();
  Matrix right = Matrix::Identity();
  for (int pivot = 0; pivot < 3; ++pivot) {
    while (true) {
      if (left(pivot, pivot) == 0) {  // brings any other entry of the row or column here
        for (int other = pivot + 1; other < 3 && left(pivot, pivot) == 0; ++other) {
          if (left(other, pivot) != 0) left.row(pivot).swap(left.row(other));
        }
        for (int other = pivot + 1; other < 3 && left(pivot, pivot) == 0; ++other) {
          if (left(pivot, other) == 0) continue;
          left.col(pivot).swap(left.col(other));
          right.col(pivot).swap(right.col(other));
        }
        if (left(pivot, pivot) == 0) {  // both are empty, the rest is not: the cell has a volume
          left.row(pivot) += left.row(pivot + 1);
          continue;
        }
      }
      bool done = true;
      for (int other = pivot + 1; other < 3; ++other) {
        left.row(other) -= left(other, pivot) / left(pivot, pivot) * left.row(pivot);
        if (left(other, pivot) == 0) continue;
        left.row(pivot).swap(left.row(other));
        done = false;
      }
      for (int other = pivot + 1; other < 3; ++other) {
        const std::int64_t times = left(pivot, other) / left(pivot, pivot);
        left.col(other) -= times * left.col(pivot);
        right.col(other) -= times * right.col(pivot);
        if (left(pivot, other) == 0) continue;
        left.col(pivot).swap(left.col(other));
        right.col(pivot).swap(right.col(other));
        done = false;
      }
      if (done) break;
    }
  }
  for (int i = 0; i < 3; ++i) order_[static_cast<std::size_t>(i)] = static_cast<int>(std::abs(left(i, i)));
  to_diagonal_ = right;
}

std::size_t CellTranslations::count() const {
  return static_cast<std::size_t>(order_[0]) * static_cast<std::size_t>(order_[1]) *
         static_cast<std::size_t>(order_[2]);
}

std::array<int, 3> CellTranslations::coordinates(const std::array<int, 3>& primitive_cell) const {
  std::array<int, 3> result{};
  for (int i = 0; i < 3; ++i) {
    std::int64_t sum = 0;
    for (int j = 0; j < 3; ++j) sum += primitive_cell[static_cast<std::size_t>(j)] * to_diagonal_(j, i);
    const std::int64_t order = order_[static_cast<std::size_t>(i)];
    result[static_cast<std::size_t>(i)] = static_cast<int>((sum % order + order) % order);
  }
  return result;
}

}  // namespace hullscan
