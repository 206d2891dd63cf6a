#include "scheduler/decisions/hull_outlook.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "analysis/hull/hull_levels.hpp"

namespace hullscan {
namespace {

/// As if so many predictions had been off by just their deviation.
constexpr double kPriorPredictions = 4;
/// A model of today is not judged by what it said when it had few labels.
constexpr std::size_t kLatestPredictions = 40;
constexpr std::size_t kMostLikeliest = 10;

/// That a normal deviate lies below -z.
double tail(double z) { return 0.5 * std::erfc(z / std::sqrt(2.0)); }

}  // namespace

double deviation_factor(std::span<const TestedPrediction> tested) {
  if (tested.size() > kLatestPredictions) tested = tested.last(kLatestPredictions);
  double squares = kPriorPredictions;
  for (const TestedPrediction& one : tested) {
    const double z = (one.calculated - one.predicted) / one.deviation;
    squares += z * z;
  }
  return std::sqrt(squares / (kPriorPredictions + static_cast<double>(tested.size())));
}

void scale_uncertainties(std::span<Prospect> prospects, double factor) {
  for (Prospect& one : prospects) {
    if (one.deviation_ev_per_atom) *one.deviation_ev_per_atom *= factor;
    for (double& component : one.uncertainty_factor) component *= factor;
  }
}

std::vector<OpenConfiguration> open_configurations(const HullReport& calculated, std::span<const Prospect> prospects) {
  std::vector<Composition> compositions;
  for (const Prospect& one : prospects) compositions.push_back(one.composition);
  const auto levels = hull_levels(calculated, compositions);
  std::vector<OpenConfiguration> open;
  for (std::size_t i = 0; i < prospects.size(); ++i) {
    const auto energy = prospects[i].predicted_formation_energy_ev_per_atom;
    const auto deviation = prospects[i].deviation_ev_per_atom;
    if (levels[i] && energy && deviation && *deviation > 0) open.push_back({i, *energy - *levels[i], *deviation});
  }
  return open;
}

HullOutlook look_at_hull(std::span<const OpenConfiguration> open, std::span<const OpenRest> rest, double sigmas) {
  HullOutlook outlook;
  outlook.sigmas = sigmas;
  outlook.looked_at = static_cast<double>(open.size());
  double log_complete = 0;
  std::vector<std::pair<double, std::size_t>> below;  // -probability, prospect
  for (const OpenConfiguration& one : open) {
    const double probability = tail(one.above_ev_per_atom / one.deviation_ev_per_atom);
    outlook.expected_missing += probability;
    log_complete += std::log1p(-std::min(probability, 1 - 1e-12));
    const double depth = sigmas * one.deviation_ev_per_atom - one.above_ev_per_atom;
    outlook.possible_error_ev_per_atom = std::max(outlook.possible_error_ev_per_atom, depth);
    if (depth > 0) below.emplace_back(-probability, one.prospect);
  }
  outlook.probability_complete = std::exp(log_complete);
  for (const OpenRest& group : rest) {
    outlook.bounded += group.count;
    outlook.possible_error_ev_per_atom =
        std::max(outlook.possible_error_ev_per_atom, sigmas * group.deviation_ev_per_atom - group.above_ev_per_atom);
  }
  std::sort(below.begin(), below.end());
  below.resize(std::min(below.size(), kMostLikeliest));
  for (const auto& [minus_probability, prospect] : below) outlook.likeliest.push_back(prospect);
  return outlook;
}

}  // namespace hullscan
