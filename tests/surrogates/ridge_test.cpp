#include "surrogates/regression/ridge.hpp"

#include <Eigen/LU>
#include <catch2/catch.hpp>
#include <cmath>

#include "core/hash.hpp"

using namespace hullscan;

namespace {

double draw(std::uint64_t seed, std::uint64_t index) {
  return static_cast<double>(random_bits(seed, index) >> 11U) * 0x1.0p-53 - 0.5;
}

RidgeProblem random_problem(Eigen::Index labels, Eigen::Index features, std::uint64_t seed) {
  RidgeProblem problem{Eigen::MatrixXd(labels, features), Eigen::VectorXd(labels),         Eigen::VectorXd(labels),
                       Eigen::VectorXd::Ones(labels),     Eigen::VectorXd::Ones(features), 0.03};
  std::uint64_t n = 0;
  for (Eigen::Index i = 0; i < labels; ++i) {
    for (Eigen::Index j = 0; j < features; ++j)
      problem.features(i, j) = draw(seed, n++) * static_cast<double>(j + 1) + 2.0;
    problem.targets[i] = draw(seed, n++) + problem.features.row(i).sum();
    problem.weights[i] = 0.75 + 0.5 * draw(seed, n++);
  }
  for (Eigen::Index j = 0; j < features; ++j) problem.penalty_factors[j] = std::pow(10.0, draw(seed, n++));
  return problem;
}

/// The minimiser by its normal equations, with the centre and the scale of `scale_from`; columns [features, 1].
Eigen::VectorXd by_normal_equations(const RidgeProblem& problem, const RidgeProblem& scale_from) {
  const Eigen::Index labels = problem.features.rows(), features = problem.features.cols();
  Eigen::MatrixXd x(labels, features + 1);
  x << problem.features, Eigen::VectorXd::Ones(labels);
  Eigen::MatrixXd penalty = Eigen::MatrixXd::Zero(features + 1, features + 1);
  const Eigen::VectorXd share = scale_from.weights / scale_from.weights.sum();
  for (Eigen::Index j = 0; j < features; ++j) {
    const double mean = share.dot(scale_from.features.col(j));
    const double variance = share.dot((scale_from.features.col(j).array() - mean).square().matrix());
    penalty(j, j) = *problem.penalty * problem.penalty_factors[j] * variance * scale_from.weights.sum();
  }
  const Eigen::MatrixXd normal = x.transpose() * problem.weights.asDiagonal() * x + penalty;
  return normal.fullPivLu().solve(x.transpose() * problem.weights.asDiagonal() * problem.targets);
}

}  // namespace

TEST_CASE("ridge minimises its objective", "[surrogates][ridge]") {
  const RidgeProblem problem = random_problem(20, 5, 1);

  const RidgeFit fit = fit_ridge(problem);
  const Eigen::VectorXd expected = by_normal_equations(problem, problem);

  CHECK((fit.coefficients - expected.head(5)).norm() < 1e-10);
  CHECK(fit.intercept == Approx(expected[5]).epsilon(1e-10));
  const Eigen::VectorXd residuals =
      problem.targets - problem.features * expected.head(5) - Eigen::VectorXd::Constant(20, expected[5]);
  CHECK((fit.residuals - residuals).norm() < 1e-10);
  CHECK(fit.rank == 5);
}

TEST_CASE("closed-form leave-one-out residuals are those of refitting without each label", "[surrogates][ridge]") {
  for (const Eigen::Index features : {4, 30}) {  // fewer and more features than labels
    const RidgeProblem problem = random_problem(15, features, 2);
    const RidgeFit fit = fit_ridge(problem);
    for (Eigen::Index left_out = 0; left_out < 15; ++left_out) {
      RidgeProblem without = problem;
      without.weights[left_out] = 0;
      const Eigen::VectorXd refit = by_normal_equations(without, problem);
      const double prediction = problem.features.row(left_out) * refit.head(features) + refit[features];
      CHECK(fit.loo_residuals[left_out] == Approx(problem.targets[left_out] - prediction).epsilon(1e-8));
    }
  }
}

TEST_CASE("an integer weight is a number of copies", "[surrogates][ridge]") {
  RidgeProblem weighted = random_problem(8, 3, 3);
  weighted.weights = Eigen::VectorXd::Ones(8);
  RidgeProblem copied = random_problem(10, 3, 3);
  copied.weights = Eigen::VectorXd::Ones(10);
  copied.penalty_factors = weighted.penalty_factors;
  copied.features.topRows(8) = weighted.features;
  copied.targets.head(8) = weighted.targets;
  for (Eigen::Index copy = 8; copy < 10; ++copy) {
    copied.features.row(copy) = weighted.features.row(0);
    copied.targets[copy] = weighted.targets[0];
  }
  weighted.weights[0] = 3;

  const RidgeFit a = fit_ridge(weighted), b = fit_ridge(copied);

  CHECK((a.coefficients - b.coefficients).norm() < 1e-10);
  CHECK(a.intercept == Approx(b.intercept));
}

TEST_CASE("the chosen penalty is small for exact labels and large for noise", "[surrogates][ridge]") {
  RidgeProblem problem = random_problem(40, 10, 4);
  problem.penalty.reset();
  problem.weights.setOnes();
  problem.penalty_factors.setOnes();
  problem.targets = problem.features * Eigen::VectorXd::LinSpaced(10, 1, 2);
  CHECK(fit_ridge(problem).penalty < 1e-6);
  CHECK((fit_ridge(problem).coefficients - Eigen::VectorXd::LinSpaced(10, 1, 2)).norm() < 1e-5);

  for (Eigen::Index i = 0; i < 40; ++i) problem.targets[i] = draw(99, static_cast<std::uint64_t>(i));
  CHECK(fit_ridge(problem).penalty > 0.1);
}

TEST_CASE("collinear and constant features stay finite without a penalty", "[surrogates][ridge]") {
  RidgeProblem problem = random_problem(12, 4, 5);
  problem.penalty = 0.0;
  problem.penalty_factors.setOnes();
  problem.features.col(1) = 3.0 * problem.features.col(0);
  problem.features.col(2).setConstant(7.0);

  const RidgeFit fit = fit_ridge(problem);

  CHECK(fit.rank == 2);
  CHECK(fit.coefficients.cwiseAbs().maxCoeff() < 100);
  CHECK(fit.coefficients[2] == 0.0);
}

TEST_CASE("one label is its own mean and has nothing to be predicted from", "[surrogates][ridge]") {
  RidgeProblem problem = random_problem(1, 2, 6);

  const RidgeFit fit = fit_ridge(problem);

  CHECK(fit.intercept == problem.targets[0]);
  CHECK(fit.coefficients.isZero());
  CHECK(std::isinf(fit.loo_residuals[0]));
}
