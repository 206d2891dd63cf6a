/// @file
/// Labels of one space, or of several that are fitted together, as one table of their descriptors.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "surrogates/features/descriptors.hpp"

namespace hullscan {

struct DescribedLabels {
  TrainingTable table;  ///< features: the descriptors; per primitive cell, or as joined descriptors have it
  std::vector<PointColumn> points;
  Eigen::MatrixXd composition;  ///< [order, points]
  std::size_t point_features;   ///< the first features that are points
  std::vector<bool> extreme;    ///< [labels] extreme_labels of each space
  std::vector<std::string> without_row =
      {};  ///< names of labels that a table of columns does not know: not learnt from

  [[nodiscard]] std::size_t count() const { return extreme.size(); }  ///< labels, those of weight 0 too
  /// @param loo_residuals [order] per cell.
  [[nodiscard]] std::vector<std::string> warnings(const Eigen::VectorXd& loo_residuals) const;
};

/// @param labels [members], of each its own; the table counts them one member's after the other's.
/// @throws InputError as training_table does, if a table of columns knows none of them, and where a potential gives no
/// energy, naming the label.
DescribedLabels describe_labels(std::span<const Descriptors* const> members,
                                std::span<const std::vector<LabelledConfiguration>> labels);

}  // namespace hullscan
