#include "scheduler/decisions/cost_model.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace hullscan {

CostModel CostModel::learned_from(std::span<const std::pair<double, double>> finished) {
  std::vector<std::pair<double, double>> logs;
  for (const auto& [cost, seconds] : finished) {
    if (cost > 0 && seconds > 0 && std::isfinite(cost) && std::isfinite(seconds))
      logs.emplace_back(std::log(cost), std::log(seconds));
  }
  CostModel model;
  if (logs.empty()) return model;
  const auto count = static_cast<double>(logs.size());
  double mean_x = 0, mean_y = 0;
  for (const auto& [x, y] : logs) mean_x += x / count, mean_y += y / count;
  double xx = 0, xy = 0;
  for (const auto& [x, y] : logs) xx += (x - mean_x) * (x - mean_x), xy += (x - mean_x) * (y - mean_y);
  // A spread of a factor of 1.5 at least: else the exponent is noise.
  if (logs.size() < kEnough || std::sqrt(xx / count) < 0.2) {
    double slowest = -std::numeric_limits<double>::infinity();
    for (const auto& [x, y] : logs) slowest = std::max(slowest, y - x);
    model.prefactor_ = std::exp(slowest);
    return model;
  }
  model.exponent_ = std::clamp(xy / xx, 0.5, 3.0);
  const double intercept = mean_y - model.exponent_ * mean_x;
  double squares = 0;
  for (const auto& [x, y] : logs) squares += std::pow(y - intercept - model.exponent_ * x, 2);
  model.prefactor_ = std::exp(intercept);
  model.caution_ = std::max(1.5, std::exp(2 * std::sqrt(squares / (count - 2))));
  return model;
}

double CostModel::seconds(double cost) const { return prefactor_ * std::pow(cost, exponent_); }

double CostModel::cautious_seconds(double cost) const { return caution_ * seconds(cost); }

double CostModel::largest_cost(double seconds) const {
  if (!knows()) return std::numeric_limits<double>::infinity();
  if (!(seconds > 0)) return 0;
  return std::pow(seconds / (caution_ * prefactor_), 1 / exponent_);
}

}  // namespace hullscan
