/// @file
/// A minimum of a function of a few variables without derivatives.
#pragma once

#include <functional>
#include <span>
#include <vector>

namespace hullscan {

struct SimplexMinimum {
  std::vector<double> at;
  double value = 0;
};

/// Nelder & Mead, Comput. J. 7, 308 (1965). The same steps on every machine.
/// @param step length of the first simplex's edges. Ends when the values agree to `tolerance`, or after `evaluations`.
SimplexMinimum minimise_by_simplex(const std::function<double(std::span<const double>)>& f,
                                   std::span<const double> start, double step, double tolerance, int evaluations);

}  // namespace hullscan
