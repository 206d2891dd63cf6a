#include "scheduler/decisions/hull_outlook.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>  // std::iota
#include <tuple>

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

/// Deviations; a model that is further off knows nothing of its error, and a few near zero must not make all others
/// endless.
constexpr double kFarthestOff = 10;

}  // namespace

double deviation_factor(std::span<const TestedPrediction> tested) {
  if (tested.size() > kLatestPredictions) tested = tested.last(kLatestPredictions);
  double squares = kPriorPredictions;
  for (const TestedPrediction& one : tested) {
    const double z = (one.calculated - one.predicted) / one.deviation;
    squares += std::min(z * z, kFarthestOff * kFarthestOff);
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

std::optional<OpenRest> leave_out_high_ones(std::vector<Prospect>& prospects, const HullReport& calculated,
                                            std::size_t most) {
  if (prospects.size() <= most) return std::nullopt;
  std::vector<bool> stays(prospects.size(), false);
  std::vector<std::size_t> order(prospects.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto keep_first = [&](const auto& before, const auto& eligible) {
    std::erase_if(order, [&](std::size_t i) { return stays[i] || !eligible(prospects[i]); });
    const std::size_t count = std::min(order.size(), most / 2);
    std::nth_element(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(), before);
    for (std::size_t k = 0; k < count; ++k) stays[order[k]] = true;
  };
  const auto rank = [&](std::size_t i) {
    const Candidate& candidate = prospects[i].candidate;
    return std::tie(candidate.stratum, candidate.occupation);
  };
  const auto high = [&](std::size_t i) { return prospects[i].predicted_e_above_hull_ev_per_atom.value_or(1e6); };
  keep_first([&](std::size_t a, std::size_t b) { return high(a) != high(b) ? high(a) < high(b) : rank(a) < rank(b); },
             [](const Prospect&) { return true; });
  order.resize(prospects.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  keep_first(
      [&](std::size_t a, std::size_t b) {
        return prospects[a].draw != prospects[b].draw ? prospects[a].draw < prospects[b].draw : rank(a) < rank(b);
      },
      [](const Prospect& one) { return one.drawn; });

  OpenRest rest;
  std::vector<Prospect> kept;
  std::vector<Composition> compositions;
  std::vector<double> energies;
  for (std::size_t i = 0; i < prospects.size(); ++i) {
    if (stays[i]) {
      kept.push_back(std::move(prospects[i]));
      continue;
    }
    rest.count += 1;
    if (!prospects[i].predicted_formation_energy_ev_per_atom) continue;
    compositions.push_back(prospects[i].composition);
    energies.push_back(*prospects[i].predicted_formation_energy_ev_per_atom);
  }
  const auto levels = hull_levels(calculated, compositions);
  rest.above_ev_per_atom = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < levels.size(); ++i) {
    if (levels[i]) rest.above_ev_per_atom = std::min(rest.above_ev_per_atom, energies[i] - *levels[i]);
  }
  prospects = std::move(kept);
  return rest;
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
