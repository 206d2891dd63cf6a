/// @file
/// The assignment problem: who goes where at the lowest total cost.
#pragma once

#include <Eigen/Core>
#include <optional>
#include <vector>

namespace hullscan {

/// @param cost [rows, columns], rows <= columns; infinity forbids a pair.
/// @returns the column of every row, each used once, of least total cost; nothing if every choice has a forbidden pair.
/// Cost: O(rows^2 * columns). Source: Jonker & Volgenant, Computing 38, 325 (1987), shortest augmenting paths.
std::optional<std::vector<int>> cheapest_assignment(const Eigen::MatrixXd& cost);

}  // namespace hullscan
