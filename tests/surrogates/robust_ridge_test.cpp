#include "surrogates/regression/robust_ridge.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "core/hash.hpp"

using namespace hullscan;

namespace {

double centred_draw(std::uint64_t seed, std::uint64_t index) {
  return static_cast<double>(random_bits(seed, index) >> 11U) * 0x1.0p-53 - 0.5;
}

/// y = 2 + 3 x0 - x1 and noise of 0.01; every eighth target is wrong by 5.
RidgeProblem with_wrong_targets(Eigen::Index rows, double wrong_by) {
  RidgeProblem problem{Eigen::MatrixXd(rows, 2),    Eigen::VectorXd(rows),    Eigen::VectorXd::Ones(rows),
                       Eigen::VectorXd::Ones(rows), Eigen::VectorXd::Ones(2), 1e-9};
  for (Eigen::Index i = 0; i < rows; ++i) {
    const auto n = static_cast<std::uint64_t>(i);
    problem.features.row(i) << centred_draw(1, n), centred_draw(2, n);
    problem.targets[i] = 2 + 3 * problem.features(i, 0) - problem.features(i, 1) + 0.02 * centred_draw(3, n);
    if (i % 8 == 3) problem.targets[i] += wrong_by;
  }
  return problem;
}

}  // namespace

TEST_CASE("the bisquare weight is Tukey's", "[surrogates][ridge]") {
  CHECK(bisquare_weight(0, 2) == 1);
  CHECK(bisquare_weight(1, 2) == Approx(0.5625));  // (1 - 1/4)^2
  CHECK(bisquare_weight(-1, 2) == bisquare_weight(1, 2));
  CHECK(bisquare_weight(2, 2) == 0);
  CHECK(bisquare_weight(7, 2) == 0);
}

TEST_CASE("wrong targets do not move a robust fit", "[surrogates][ridge]") {
  RidgeProblem problem = with_wrong_targets(80, 5);
  const RidgeFit plain = fit_ridge(problem);

  problem.weights = robust_weights(problem);
  const RidgeFit robust = fit_ridge(problem);

  CHECK(std::abs(plain.intercept - 2) > 0.3);  // ten of eighty are 5 too high: 0.6 on average
  CHECK(robust.intercept == Approx(2).margin(0.01));
  CHECK(robust.coefficients[0] == Approx(3).margin(0.02));
  CHECK(robust.coefficients[1] == Approx(-1).margin(0.02));
  for (Eigen::Index i = 0; i < 80; ++i) CHECK((problem.weights[i] < 0.01) == (i % 8 == 3));
}

TEST_CASE("where no target is wrong a robust fit is nearly the plain one", "[surrogates][ridge]") {
  RidgeProblem problem = with_wrong_targets(80, 0);

  const Eigen::VectorXd weights = robust_weights(problem);

  CHECK(weights.minCoeff() > 0.5);
  CHECK(weights.mean() > 0.85);
}

TEST_CASE("robust weights are factors of the given ones, and few rows keep theirs", "[surrogates][ridge]") {
  RidgeProblem problem = with_wrong_targets(80, 5);
  problem.weights.setConstant(7);
  CHECK(robust_weights(problem).maxCoeff() <= 7);
  CHECK(robust_weights(problem).maxCoeff() > 6);

  problem.error_scale[3] = 0;  // nothing is known against it
  CHECK(robust_weights(problem)[3] == 7);

  const RidgeProblem few = with_wrong_targets(9, 5);
  CHECK(robust_weights(few) == few.weights);
}
