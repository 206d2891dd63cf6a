#include "surrogates/regression/simplex_minimiser.hpp"

#include <algorithm>
#include <cmath>

namespace hullscan {

SimplexMinimum minimise_by_simplex(const std::function<double(std::span<const double>)>& f,
                                   std::span<const double> start, double step, double tolerance, int evaluations) {
  const std::size_t n = start.size();
  std::vector<SimplexMinimum> corners;
  const auto evaluate = [&](std::vector<double> at) {
    const double value = f(at);
    --evaluations;
    return SimplexMinimum{std::move(at), value};
  };
  corners.push_back(evaluate({start.begin(), start.end()}));
  for (std::size_t i = 0; i < n; ++i) {
    std::vector<double> at(start.begin(), start.end());
    at[i] += step;
    corners.push_back(evaluate(std::move(at)));
  }
  const auto sort = [&] {
    std::stable_sort(corners.begin(), corners.end(),
                     [](const SimplexMinimum& a, const SimplexMinimum& b) { return a.value < b.value; });
  };
  sort();
  while (evaluations > 0 && !(std::abs(corners.back().value - corners.front().value) < tolerance)) {
    std::vector<double> centre(n, 0.0);
    for (std::size_t c = 0; c < n; ++c) {
      for (std::size_t i = 0; i < n; ++i) centre[i] += corners[c].at[i] / static_cast<double>(n);
    }
    const auto beyond = [&](double factor) {
      std::vector<double> at(n);
      for (std::size_t i = 0; i < n; ++i) at[i] = centre[i] + factor * (corners.back().at[i] - centre[i]);
      return evaluate(std::move(at));
    };
    const SimplexMinimum reflected = beyond(-1);
    if (reflected.value < corners.front().value) {
      const SimplexMinimum expanded = beyond(-2);
      corners.back() = expanded.value < reflected.value ? expanded : reflected;
    } else if (reflected.value < corners[n - 1].value) {
      corners.back() = reflected;
    } else {
      const SimplexMinimum contracted = beyond(reflected.value < corners.back().value ? -0.5 : 0.5);
      if (contracted.value < std::min(reflected.value, corners.back().value)) {
        corners.back() = contracted;
      } else {
        for (std::size_t c = 1; c <= n; ++c) {
          std::vector<double> at(n);
          for (std::size_t i = 0; i < n; ++i) at[i] = 0.5 * (corners[c].at[i] + corners.front().at[i]);
          corners[c] = evaluate(std::move(at));
        }
      }
    }
    sort();
  }
  return corners.front();
}

}  // namespace hullscan
