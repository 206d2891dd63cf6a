/// @file
/// Automatic relevance determination: how strongly each coefficient of a linear model is to be held down, and which are
/// none, from the evidence of the labels. What is left is a ridge problem (ridge.hpp).
#pragma once

#include <Eigen/Core>
#include <vector>

#include "surrogates/regression/ridge.hpp"

namespace hullscan {

struct Relevance {
  std::vector<Eigen::Index> kept;  ///< features, ascending
  Eigen::VectorXd penalties;       ///< [kept], of RidgeProblem::penalty_factors with penalty 1
  int rounds = 0;                  ///< of re-estimation
};

/// Every coefficient b_j, in units of its feature's deviation s_j, has a Gaussian prior of its own precision a_j; a and
/// the noise 1/v maximise the evidence by the fixed point a_j = g_j / m_j^2, v = sum w r^2 / (n - sum g), g_j = 1 - a_j
/// S_jj, with m and S the posterior's mean and covariance. A feature whose prior deviation falls below 10^-3 of the
/// targets' is dropped for good. Source: D. J. C. MacKay, Neural Computation 4, 415 (1992), section 4; for linear
/// models M. E. Tipping, J. Mach. Learn. Res. 1, 211 (2001).
/// @param free the first so many features (composition) are never dropped; their precision stays small.
/// @param problem its penalty and penalty factors say nothing. Cost: features^3 a round, at most 300 rounds.
Relevance determine_relevance(const RidgeProblem& problem, Eigen::Index free);

}  // namespace hullscan
