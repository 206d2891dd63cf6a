#include "enumerator/mapping/assignment.hpp"

#include <limits>

namespace hullscan {

std::optional<std::vector<int>> cheapest_assignment(const Eigen::MatrixXd& cost) {
  const auto rows = static_cast<int>(cost.rows()), columns = static_cast<int>(cost.cols());
  constexpr double kInfinite = std::numeric_limits<double>::infinity();
  if (rows > columns) return std::nullopt;
  std::vector<double> row_price(static_cast<std::size_t>(rows), 0.0),
      column_price(static_cast<std::size_t>(columns), 0.0);
  std::vector<int> row_of(static_cast<std::size_t>(columns), -1);

  // Whoever can have what is cheapest for it takes that; only the others are searched for.
  std::vector<bool> placed(static_cast<std::size_t>(rows), false);
  for (int row = 0; row < rows; ++row) {
    const double least = cost.row(row).minCoeff();
    if (!(least < kInfinite)) return std::nullopt;
    row_price[static_cast<std::size_t>(row)] = least;
    for (int c = 0; c < columns && !placed[static_cast<std::size_t>(row)]; ++c) {
      if (cost(row, c) > least || row_of[static_cast<std::size_t>(c)] >= 0) continue;
      row_of[static_cast<std::size_t>(c)] = row;
      placed[static_cast<std::size_t>(row)] = true;
    }
  }

  for (int row = 0; row < rows; ++row) {
    if (placed[static_cast<std::size_t>(row)]) continue;
    std::vector<double> distance(static_cast<std::size_t>(columns), kInfinite);
    std::vector<int> previous(static_cast<std::size_t>(columns), -1);
    std::vector<bool> settled(static_cast<std::size_t>(columns), false);
    int at_row = row, at_column = -1;
    double travelled = 0;
    while (true) {
      int nearest = -1;
      for (int c = 0; c < columns; ++c) {
        const auto column = static_cast<std::size_t>(c);
        if (settled[column]) continue;
        const double step = cost(at_row, c) - row_price[static_cast<std::size_t>(at_row)] - column_price[column];
        if (travelled + step < distance[column]) {
          distance[column] = travelled + step;
          previous[column] = at_column;
        }
        if (distance[column] < kInfinite &&
            (nearest < 0 || distance[column] < distance[static_cast<std::size_t>(nearest)])) {
          nearest = c;
        }
      }
      if (nearest < 0) return std::nullopt;
      settled[static_cast<std::size_t>(nearest)] = true;
      travelled = distance[static_cast<std::size_t>(nearest)];
      at_column = nearest;
      if (row_of[static_cast<std::size_t>(nearest)] < 0) break;
      at_row = row_of[static_cast<std::size_t>(nearest)];
    }
    // Prices of everything settled move so that reduced costs stay nonnegative and the path's become zero.
    row_price[static_cast<std::size_t>(row)] += travelled;
    for (int c = 0; c < columns; ++c) {
      const auto column = static_cast<std::size_t>(c);
      if (!settled[column] || c == at_column) continue;
      const double slack = travelled - distance[column];
      column_price[column] -= slack;
      row_price[static_cast<std::size_t>(row_of[column])] += slack;
    }
    while (at_column >= 0) {
      const int before = previous[static_cast<std::size_t>(at_column)];
      row_of[static_cast<std::size_t>(at_column)] = before < 0 ? row : row_of[static_cast<std::size_t>(before)];
      at_column = before;
    }
  }

  std::vector<int> column_of(static_cast<std::size_t>(rows), -1);
  for (int c = 0; c < columns; ++c) {
    if (row_of[static_cast<std::size_t>(c)] >= 0)
      column_of[static_cast<std::size_t>(row_of[static_cast<std::size_t>(c)])] = c;
  }
  return column_of;
}

}  // namespace hullscan
