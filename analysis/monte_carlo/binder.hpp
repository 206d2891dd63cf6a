/// @file
/// Binder's cumulant of an order parameter, and the temperature where those of two sizes are equal: an estimate of the
/// critical temperature of a continuous transition.
#pragma once

#include <optional>
#include <span>

#include "analysis/monte_carlo/series_statistics.hpp"

namespace hullscan {

/// U = 1 - <m⁴> / (3 <m²>²): 2/3 in the ordered phase, 0 in the disordered one, for a large cell.
/// Source: Binder, Z. Phys. B 43, 119 (1981). @returns 0 where <m²> is 0.
double binder_cumulant(double mean_square, double mean_fourth_power);

/// From a series that has m in one column and m² in another.
Estimate binder_cumulant(const SeriesStatistics& series, std::size_t m, std::size_t m_squared, std::int64_t first = 0);

struct BinderPoint {
  double temperature = 0;  ///< any unit
  Estimate cumulant;
};

struct BinderCrossing {
  Estimate temperature;  ///< the error is that of the points only; what is left of finite size is not in it
  int degree = 1;        ///< of the polynomial
  double chi_squared_per_degree_of_freedom = 0;  ///< 0 where the polynomial passes through every point
};

/// Where U(larger) - U(smaller) falls through zero. The difference is fitted by a polynomial in T with weights
/// 1/error²: the lowest degree, up to three, whose chi² per degree of freedom n is at most 1 + 3 sqrt(2/n). Exact
/// points (no errors) have equal weights. The error is that of the fit divided by its slope.
/// @param smaller, larger the same temperatures, ascending; two or more.
/// @returns nothing if the fit does not fall through zero between the first and the last temperature.
/// @throws InputError if the temperatures are not the same, or not ascending.
std::optional<BinderCrossing> binder_crossing(std::span<const BinderPoint> smaller,
                                              std::span<const BinderPoint> larger);

}  // namespace hullscan
