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

/// One line for each pair of species, shell and point: what `short_range_order` of the points holds.
std::string short_range_order_csv(const Json& points);

/// energy.svg, heat_capacity.svg and, where neighbours were counted, short_range_order.svg (nearest shells) against
/// temperature, a curve a chain. Nothing where there are no points, or where the build draws no pictures.
void write_temperature_figures(const std::filesystem::path& folder, const std::string& name, const Json& points);

/// A warning of the worst point, if many of its neighbourhoods are in no label.
void warn_of_extrapolation(const std::string& name, const Json& points);

}  // namespace hullscan
