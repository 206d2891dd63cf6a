/// @file
/// Linear least squares with a quadratic penalty, its closed-form leave-one-out residuals, and the penalty they choose.
#pragma once

#include <Eigen/Core>
#include <optional>

namespace hullscan {

struct RidgeProblem {
  Eigen::MatrixXd features;     ///< [labels, features]
  Eigen::VectorXd targets;      ///< [labels]
  Eigen::VectorXd weights;      ///< [labels], > 0
  Eigen::VectorXd error_scale;  ///< [labels]: residuals are compared after multiplication by this (a change of unit)
  Eigen::VectorXd penalty_factors;  ///< [features], > 0: how much more a coefficient is held down than another
  std::optional<double> penalty;    ///< fixed; otherwise chosen by leave-one-out
};

struct RidgeFit {
  double intercept = 0;
  Eigen::VectorXd coefficients;  ///< [features], in the features' own unit; 0 for a feature that does not vary
  double penalty = 0;
  int rank = 0;                  ///< of the centred features
  Eigen::VectorXd residuals;     ///< [labels], target - fit
  Eigen::VectorXd feature_mean;  ///< [features], weighted
  /// [features, directions] F: with noise variance v of the targets and n labels, the posterior variance of a
  /// prediction at x is v (1 + |F^T (x - feature_mean)|^2) / n. A feature that does not vary among the labels adds
  /// nothing.
  Eigen::MatrixXd posterior_factor;
  Eigen::VectorXd
      loo_residuals;  ///< [labels], target - prediction of a fit without the label; infinite if there is none
};

/// Minimises  sum_i w_i (y_i - a - x_i b)^2 / sum_i w_i  +  penalty * sum_j factor_j (s_j b_j)^2,
/// s_j the weighted standard deviation of feature j (so the unit of a feature does not matter); the intercept a is
/// free. Leave-one-out: r_i / (1 - h_ii), exact for this objective with the centre and the s_j of all labels (Allen,
/// Technometrics 16, 125 (1974)). The grid is 10^-9 ... 10^2 in quarter decades, the largest of equal ones wins.
/// Rank-revealing: directions without signal get the coefficient of least norm. Cost: one SVD, labels * features^2.
RidgeFit fit_ridge(const RidgeProblem& problem);

}  // namespace hullscan
