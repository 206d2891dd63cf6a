#include "analysis/monte_carlo/binder.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "core/errors.hpp"

namespace hullscan {
namespace {

struct PolynomialFit {
  Eigen::VectorXd coefficients;
  Eigen::MatrixXd covariance;
  double chi_squared_per_degree_of_freedom = 0;

  [[nodiscard]] Eigen::VectorXd powers(double t) const {
    Eigen::VectorXd of(coefficients.size());
    double power = 1;
    for (Eigen::Index k = 0; k < of.size(); ++k, power *= t) of[k] = power;
    return of;
  }
  [[nodiscard]] double at(double t) const { return coefficients.dot(powers(t)); }
  [[nodiscard]] double slope(double t) const {
    double sum = 0, power = 1;
    for (Eigen::Index k = 1; k < coefficients.size(); ++k, power *= t)
      sum += static_cast<double>(k) * coefficients[k] * power;
    return sum;
  }
  [[nodiscard]] double error(double t) const {
    const Eigen::VectorXd of = powers(t);
    return std::sqrt(std::max(0.0, of.dot(covariance * of)));
  }
};

PolynomialFit polynomial_fit(const std::vector<double>& t, const std::vector<double>& y,
                             const std::vector<double>& errors, int degree) {
  const bool exact = std::all_of(errors.begin(), errors.end(), [](double error) { return error <= 0; });
  const auto n = static_cast<Eigen::Index>(t.size());
  Eigen::MatrixXd matrix(n, degree + 1);
  Eigen::VectorXd right(n);
  for (Eigen::Index i = 0; i < n; ++i) {
    const auto at = static_cast<std::size_t>(i);
    const double weight = exact ? 1 : 1 / errors[at];
    double power = 1;
    for (Eigen::Index k = 0; k <= degree; ++k, power *= t[at]) matrix(i, k) = weight * power;
    right[i] = weight * y[at];
  }
  PolynomialFit fit;
  fit.coefficients = matrix.colPivHouseholderQr().solve(right);
  const double chi_squared = (matrix * fit.coefficients - right).squaredNorm();
  const auto left = static_cast<double>(n - degree - 1);
  if (left > 0 && !exact) fit.chi_squared_per_degree_of_freedom = chi_squared / left;
  fit.covariance = (matrix.transpose() * matrix).inverse();
  fit.covariance *= exact ? 0.0 : std::max(1.0, fit.chi_squared_per_degree_of_freedom);
  return fit;
}

}  // namespace

double binder_cumulant(double mean_square, double mean_fourth_power) {
  if (mean_square <= 0) return 0;
  return 1 - mean_fourth_power / (3 * mean_square * mean_square);
}

Estimate binder_cumulant(const SeriesStatistics& series, std::size_t m, std::size_t m_squared, std::int64_t first) {
  return series.estimate(
      [&](const SeriesMoments& moments) {
        return binder_cumulant(moments.product(m, m), moments.product(m_squared, m_squared));
      },
      first);
}

std::optional<BinderCrossing> binder_crossing(std::span<const BinderPoint> smaller,
                                              std::span<const BinderPoint> larger) {
  const std::size_t n = smaller.size();
  bool fits = n >= 2 && larger.size() == n;
  for (std::size_t i = 0; i < n && fits; ++i)
    fits = smaller[i].temperature == larger[i].temperature &&
           (i == 0 || smaller[i - 1].temperature < smaller[i].temperature);
  if (!fits)
    throw InputError("Binder's cumulants of two sizes: expected two or more temperatures, ascending, the same of both");
  const double low = smaller[0].temperature, high = smaller[n - 1].temperature;
  std::vector<double> t, difference, errors;
  bool all_errors = true;
  for (std::size_t i = 0; i < n; ++i) {
    t.push_back(2 * (smaller[i].temperature - low) / (high - low) - 1);
    difference.push_back(larger[i].cumulant.value - smaller[i].cumulant.value);
    errors.push_back(std::hypot(larger[i].cumulant.standard_error, smaller[i].cumulant.standard_error));
    all_errors = all_errors && errors.back() > 0 && std::isfinite(errors.back());
  }
  if (!all_errors) std::fill(errors.begin(), errors.end(), 0.0);
  const int most = std::min(3, static_cast<int>(n) - 1);
  BinderCrossing result;
  PolynomialFit fit;
  for (int degree = all_errors ? 1 : most; degree <= most; ++degree) {
    fit = polynomial_fit(t, difference, errors, degree);
    result.degree = degree;
    result.chi_squared_per_degree_of_freedom = fit.chi_squared_per_degree_of_freedom;
    const int left = static_cast<int>(n) - degree - 1;
    if (left < 1 || fit.chi_squared_per_degree_of_freedom <= 1 + 3 * std::sqrt(2.0 / left)) break;
  }
  constexpr int kSteps = 1000;
  std::optional<double> root;
  for (int step = 0; step < kSteps; ++step) {
    double left = 2.0 * step / kSteps - 1, right = 2.0 * (step + 1) / kSteps - 1;
    if (fit.at(left) < 0 || fit.at(right) >= 0) continue;
    for (int halving = 0; halving < 60; ++halving) {
      const double middle = (left + right) / 2;
      (fit.at(middle) >= 0 ? left : right) = middle;
    }
    if (!root || fit.slope(left) < fit.slope(*root)) root = left;
  }
  if (!root) return std::nullopt;
  const double kelvin = (high - low) / 2;
  result.temperature = {low + kelvin * (*root + 1), kelvin * fit.error(*root) / std::abs(fit.slope(*root))};
  return result;
}

}  // namespace hullscan
