/// @file
/// The points of a [[monte_carlo]] as a table, and what is said about them.
#pragma once

#include <string>
#include <vector>

#include "campaign/monte_carlo/monte_carlo_cell.hpp"
#include "core/json.hpp"

namespace hullscan {

/// One line a point; docs/monte-carlo.md has the columns. An unknown error is empty.
std::string points_csv(const Json& points, const std::vector<CountedSpecies>& counted);

/// A warning of the worst point, if many of its neighbourhoods are in no label.
void warn_of_extrapolation(const std::string& name, const Json& points);

}  // namespace hullscan
