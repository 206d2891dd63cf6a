/// @file
/// Averages of one point of a [[monte_carlo]], with their errors, from the sums of its walk; and these sums as JSON.
#pragma once

#include "analysis/monte_carlo/series_statistics.hpp"
#include "campaign/monte_carlo/monte_carlo_cell.hpp"
#include "core/json.hpp"

namespace hullscan {

/// A walk at one temperature. Columns of the series: the cell's energy in eV, then the counts of `cell.counted`.
struct MonteCarloWalk {
  const MonteCarloCell& cell;
  const MonteCarloChain& chain;
  double temperature_kelvin = 0;
  const SeriesStatistics& series;
};

/// Whether the energy per atom has the precision that was asked for, known from a series that has equilibrated and that
/// is long for its own correlation.
bool precise_enough(const MonteCarloWalk& walk);

/// What points.json says of a point, as far as averages go; docs/monte-carlo.md has the members. An unknown error is
/// null.
Json point_json(const MonteCarloWalk& walk);

Json state_json(const SeriesState& state);
/// @throws Json::exception if it is not what state_json wrote.
SeriesState series_state(const Json& json);

}  // namespace hullscan
