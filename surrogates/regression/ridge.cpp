#include "surrogates/regression/ridge.hpp"

#include <Eigen/SVD>
#include <cassert>
#include <cmath>
#include <limits>
#include <vector>

namespace hullscan {
namespace {

constexpr double kRankTolerance = 1e-10;

/// Everything about one penalty that the singular values give at once.
struct Shrunk {
  Eigen::VectorXd residuals, loo_residuals;  ///< in the unit of the targets
  double score = 0;                          ///< weighted mean square of the scaled leave-one-out residuals
};

}  // namespace

RidgeFit fit_ridge(const RidgeProblem& problem) {
  const Eigen::Index labels = problem.features.rows(), features = problem.features.cols();
  assert(labels > 0 && problem.targets.size() == labels && problem.weights.size() == labels);
  assert(problem.error_scale.size() == labels && problem.penalty_factors.size() == features);

  const Eigen::VectorXd share = problem.weights / problem.weights.sum();
  const Eigen::VectorXd root = share.cwiseSqrt();
  const double target_mean = share.dot(problem.targets);
  const Eigen::VectorXd feature_mean = problem.features.transpose() * share;
  const Eigen::MatrixXd centred = problem.features.rowwise() - feature_mean.transpose();
  const Eigen::VectorXd deviation = (root.asDiagonal() * centred).colwise().norm();

  // Column j of the scaled matrix is centred feature j / (s_j sqrt(factor_j)); a constant feature becomes zero.
  Eigen::VectorXd unit = Eigen::VectorXd::Zero(features);
  for (Eigen::Index j = 0; j < features; ++j) {
    const double size = problem.features.col(j).cwiseAbs().maxCoeff();
    if (deviation[j] > 1e-12 * size) unit[j] = 1.0 / (deviation[j] * std::sqrt(problem.penalty_factors[j]));
  }
  const Eigen::MatrixXd scaled = root.asDiagonal() * centred * unit.asDiagonal();
  const Eigen::VectorXd y = root.cwiseProduct((problem.targets.array() - target_mean).matrix());

  RidgeFit fit;
  fit.coefficients = Eigen::VectorXd::Zero(features);
  Eigen::MatrixXd u(labels, 0), v(features, 0);
  Eigen::VectorXd s(0);
  if (features > 0) {
    const Eigen::BDCSVD<Eigen::MatrixXd> svd(scaled, Eigen::ComputeThinU | Eigen::ComputeThinV);
    const Eigen::VectorXd& all = svd.singularValues();
    Eigen::Index rank = 0;
    while (rank < all.size() && all[rank] > kRankTolerance * all[0] && all[rank] > 0) ++rank;
    u = svd.matrixU().leftCols(rank);
    v = svd.matrixV().leftCols(rank);
    s = all.head(rank);
  }
  fit.rank = static_cast<int>(s.size());
  const Eigen::VectorXd projected = u.transpose() * y;
  const Eigen::VectorXd unexplained = y - u * projected;
  const Eigen::VectorXd free_leverage =
      share + u.rowwise().squaredNorm();  // of the unpenalised fit, intercept included

  const auto shrink = [&](double penalty) {
    const Eigen::ArrayXd lost = penalty / (s.array().square() + penalty);  // share of each direction that is given up
    Shrunk result;
    result.residuals = unexplained + u * (lost * projected.array()).matrix();
    result.loo_residuals.resize(labels);
    for (Eigen::Index i = 0; i < labels; ++i) {
      const double given_back = (u.row(i).transpose().array().square() * lost).sum();
      const double missing = std::max(0.0, 1.0 - free_leverage[i]) + given_back;
      result.residuals[i] /= root[i];
      result.loo_residuals[i] =
          missing > 1e-14 ? result.residuals[i] / missing : std::numeric_limits<double>::infinity();
      const double scaled_error = result.loo_residuals[i] * problem.error_scale[i];
      result.score += share[i] * scaled_error * scaled_error;
    }
    return result;
  };

  std::vector<double> grid;
  if (problem.penalty) {
    grid = {*problem.penalty};
  } else {
    for (int quarter = 8; quarter >= -36; --quarter) grid.push_back(std::pow(10.0, 0.25 * quarter));
  }
  Shrunk best;
  bool first = true;
  for (const double penalty : grid) {
    Shrunk candidate = shrink(penalty);
    if (first || candidate.score < best.score * (1.0 - 1e-9)) {
      best = std::move(candidate);
      fit.penalty = penalty;
    }
    first = false;
  }

  const Eigen::VectorXd shrunk = (s.array() / (s.array().square() + fit.penalty) * projected.array()).matrix();
  fit.coefficients = unit.asDiagonal() * (v * shrunk);
  fit.intercept = target_mean - feature_mean.dot(fit.coefficients);
  fit.feature_mean = feature_mean;
  const Eigen::VectorXd determined = (s.array().square() + fit.penalty).sqrt().inverse();
  if (fit.rank < features && fit.penalty > 0) {  // what the labels do not determine, the penalty alone does
    fit.posterior_factor.resize(features, fit.rank + features);
    fit.posterior_factor.leftCols(fit.rank) = unit.asDiagonal() * v * determined.asDiagonal();
    fit.posterior_factor.rightCols(features) = unit.asDiagonal() *
                                               (Eigen::MatrixXd::Identity(features, features) - v * v.transpose()) /
                                               std::sqrt(fit.penalty);
  } else {
    fit.posterior_factor = unit.asDiagonal() * v * determined.asDiagonal();
  }
  fit.residuals = best.residuals;
  fit.loo_residuals = best.loo_residuals;
  return fit;
}

}  // namespace hullscan
