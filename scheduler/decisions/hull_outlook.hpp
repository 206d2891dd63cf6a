/// @file
/// What the hull of calculated configurations may still lack: pure functions of predictions and their deviations.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "analysis/hull/hull.hpp"
#include "scheduler/decisions/selection.hpp"

namespace hullscan {

/// A prediction that was made before its configuration was calculated. Energies in eV/atom.
struct TestedPrediction {
  double predicted = 0, calculated = 0;
  double deviation = 0;  ///< that the model gave for it, > 0
};

/// By how much a model's deviations are too small or too large: the root mean square of (calculated - predicted) /
/// deviation over the latest predictions, drawn towards 1 where they are few. A model knows its errors for labels that
/// are alike; those chosen for being low were chosen for their errors too.
/// @param tested the latest last.
double deviation_factor(std::span<const TestedPrediction> tested);

/// Multiplies every deviation, and the factors of their covariances.
void scale_uncertainties(std::span<Prospect> prospects, double factor);

/// Configurations that were not calculated.
struct OpenConfiguration {
  std::size_t prospect = 0;
  double above_ev_per_atom = 0;      ///< predicted energy less that of the hull of what was calculated
  double deviation_ev_per_atom = 0;  ///< of the prediction, > 0
};

/// Configurations of one composition of which nothing is kept but bounds.
struct OpenRest {
  double count = 0;
  double above_ev_per_atom = 0;      ///< at least: that of the highest one that was kept
  double deviation_ev_per_atom = 0;  ///< at most, as far as it was asked
};

/// Of every prospect that has a prediction with a deviation.
/// @param calculated the hull of what was calculated; predictions are against its end members.
std::vector<OpenConfiguration> open_configurations(const HullReport& calculated, std::span<const Prospect> prospects);

/// Keeps so many prospects at most: half of them the lowest by predicted energy above the hull, half of the uniform
/// draw, those without a prediction among them. @returns what was left out, its deviation still 0; nothing if all stay.
std::optional<OpenRest> leave_out_high_ones(std::vector<Prospect>& prospects, const HullReport& calculated,
                                            std::size_t most);

struct HullOutlook {
  double sigmas = 0;
  double looked_at = 0;  ///< configurations, one by one
  double bounded = 0;    ///< configurations, by bounds
  /// How far below the hull one of them may lie, if its prediction is too high by `sigmas` deviations; 0: none may.
  double possible_error_ev_per_atom = 0;
  double expected_missing = 0;         ///< of those looked at, below the hull: the sum of their probabilities
  double probability_complete = 1;     ///< that none of those looked at is, as if errors were independent and normal
  std::vector<std::size_t> likeliest;  ///< prospects that may lie below the hull, likeliest first; at most 10
};

HullOutlook look_at_hull(std::span<const OpenConfiguration> open, std::span<const OpenRest> rest, double sigmas);

}  // namespace hullscan
