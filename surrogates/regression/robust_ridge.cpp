#include "surrogates/regression/robust_ridge.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace hullscan {
namespace {

constexpr double kCutoffDeviations = 4.685;
constexpr double kDeviationOfMedian = 1.4826;  ///< of a normal distribution
constexpr double kLeastWeight = 1e-4;
constexpr int kMostReweightings = 20;
constexpr Eigen::Index kFewestRows = 10;

/// The deviation that the middle one of the residuals tells of. @param sizes finite.
double deviation_of(std::vector<double> sizes) {
  if (sizes.empty()) return 0;
  const auto middle = sizes.begin() + static_cast<std::ptrdiff_t>(sizes.size() / 2);
  std::nth_element(sizes.begin(), middle, sizes.end());
  return kDeviationOfMedian * *middle;
}

}  // namespace

double bisquare_weight(double residual, double cutoff) {
  const double share = residual / cutoff;
  return std::abs(share) < 1 ? std::pow(1 - share * share, 2) : 0.0;
}

Eigen::VectorXd robust_weights(RidgeProblem problem) {
  const Eigen::VectorXd given = problem.weights;
  const Eigen::Index rows = given.size();
  if (rows < std::max(kFewestRows, 2 * problem.features.cols())) return given;
  for (int round = 0; round < kMostReweightings; ++round) {
    const RidgeFit fit = fit_ridge(problem);
    // Studentised: r / sqrt(1 - h), the mean of r and the leave-one-out residual r / (1 - h) by their product.
    const Eigen::ArrayXd errors =
        (fit.residuals.array() * fit.loo_residuals.array()).abs().sqrt() * problem.error_scale.array();
    std::vector<double> sizes;
    for (Eigen::Index i = 0; i < rows; ++i) {
      if (problem.error_scale[i] > 0 && std::isfinite(errors[i])) sizes.push_back(std::abs(errors[i]));
    }
    const double deviation = deviation_of(std::move(sizes));
    if (!(deviation > 0)) return problem.weights;
    double changed = 0;
    for (Eigen::Index i = 0; i < rows; ++i) {
      // What cannot be predicted without the row says nothing against it.
      const bool judged = problem.error_scale[i] > 0 && std::isfinite(errors[i]);
      const double factor =
          judged ? std::max(kLeastWeight, bisquare_weight(errors[i], kCutoffDeviations * deviation)) : 1.0;
      changed = std::max(changed, std::abs(factor - problem.weights[i] / given[i]));
      problem.weights[i] = factor * given[i];
    }
    if (changed < 1e-3) break;
  }
  return problem.weights;
}

}  // namespace hullscan
