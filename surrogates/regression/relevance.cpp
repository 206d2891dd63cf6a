#include "surrogates/regression/relevance.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

namespace hullscan {
namespace {

constexpr int kMostRounds = 300;
constexpr double kConverged = 1e-4;          // relative change of every deviation that matters
constexpr double kSmallestDeviation = 1e-3;  // of the targets' deviation
constexpr double kFreePrecision = 1e-6;      // of the noise's

}  // namespace

Relevance determine_relevance(const RidgeProblem& problem, Eigen::Index free) {
  const Eigen::Index labels = problem.features.rows(), features = problem.features.cols();
  const auto n = static_cast<double>(labels);
  const Eigen::VectorXd share = problem.weights / problem.weights.sum();
  const Eigen::VectorXd root = (share * n).cwiseSqrt();
  const Eigen::VectorXd mean = problem.features.transpose() * share;
  const Eigen::MatrixXd centred = root.asDiagonal() * (problem.features.rowwise() - mean.transpose());
  const Eigen::VectorXd y = root.cwiseProduct((problem.targets.array() - share.dot(problem.targets)).matrix());

  Relevance result;
  std::vector<Eigen::Index>& kept = result.kept;
  std::vector<double> deviation;
  for (Eigen::Index j = 0; j < features; ++j) {
    const double s = centred.col(j).norm() / std::sqrt(n);
    if (s > 1e-12 * problem.features.col(j).cwiseAbs().maxCoeff() || j < free) {
      kept.push_back(j);
      deviation.push_back(s > 0 ? s : 1.0);
    }
  }
  // Energies are distinguished down to 1e-9 eV: equal ones teach nothing, and nothing is divided by their scatter.
  const double variance = std::max(y.squaredNorm() / n, 1e-18);
  double noise = 0.1 * variance;
  Eigen::VectorXd precision(static_cast<Eigen::Index>(kept.size()));
  for (std::size_t k = 0; k < kept.size(); ++k)
    precision[static_cast<Eigen::Index>(k)] = kept[k] < free ? kFreePrecision / noise : 1.0 / variance;

  bool moving = true;
  while (moving && result.rounds < kMostRounds && !kept.empty()) {
    ++result.rounds;
    const auto p = static_cast<Eigen::Index>(kept.size());
    Eigen::MatrixXd z(labels, p);
    for (Eigen::Index k = 0; k < p; ++k)
      z.col(k) = centred.col(kept[static_cast<std::size_t>(k)]) / deviation[static_cast<std::size_t>(k)];
    Eigen::MatrixXd information = z.transpose() * z / noise;
    information.diagonal() += precision;
    const Eigen::LLT<Eigen::MatrixXd> factor(information);
    const Eigen::MatrixXd covariance = factor.solve(Eigen::MatrixXd::Identity(p, p));
    const Eigen::VectorXd m = factor.solve(z.transpose() * y / noise);
    double determined = 0;
    moving = false;
    std::vector<Eigen::Index> still;
    std::vector<double> still_deviation, still_precision;
    for (Eigen::Index k = 0; k < p; ++k) {
      const double gamma = std::clamp(1 - precision[k] * covariance(k, k), 1e-12, 1.0);
      determined += gamma;
      double next = precision[k];
      if (kept[static_cast<std::size_t>(k)] >= free) {
        next = gamma / std::max(m[k] * m[k], 1e-300);
        if (next * variance * kSmallestDeviation * kSmallestDeviation > 1) {
          moving = true;
          continue;
        }
        moving = moving || std::abs(std::sqrt(precision[k] / next) - 1) > kConverged;
      }
      still.push_back(kept[static_cast<std::size_t>(k)]);
      still_deviation.push_back(deviation[static_cast<std::size_t>(k)]);
      still_precision.push_back(next);
    }
    // At most the targets' own scatter, and never so little that the labels seem exact.
    const double left = (y - z * m).squaredNorm() / std::max(n - determined - 1, 1.0);
    noise = std::clamp(left, 1e-12 * variance, variance);
    kept = std::move(still);
    deviation = std::move(still_deviation);
    precision =
        Eigen::Map<const Eigen::VectorXd>(still_precision.data(), static_cast<Eigen::Index>(still_precision.size()));
    for (std::size_t k = 0; k < kept.size(); ++k) {
      if (kept[k] < free) precision[static_cast<Eigen::Index>(k)] = kFreePrecision / noise;
    }
  }
  result.penalties = precision * (noise / n);
  return result;
}

}  // namespace hullscan
