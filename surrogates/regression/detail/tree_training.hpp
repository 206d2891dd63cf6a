/// @file
/// Trees grown by XGBoost's C API, which goes no further. One thread, fixed seed: the same rows give the same trees.
#pragma once

#include <Eigen/Core>
#include <vector>

#include "surrogates/regression/table_model.hpp"

namespace hullscan::detail {

struct GrownTrees {
  std::vector<RegressionTree> trees;
  std::vector<double> gain;  ///< [columns], summed over the splits
  double scale = 1;
};

/// @param weights [rows], > 0, only their ratios count; without rows: all are equal.
GrownTrees grow_trees(const Eigen::MatrixXd& features, const Eigen::VectorXd& targets, const Eigen::VectorXd& weights,
                      const TableModelSettings& settings);

}  // namespace hullscan::detail
