/// @file
/// A campaign's report for people who look at a terminal.
#pragma once

#include "analysis/hull/hull_text.hpp"
#include "analysis/report/report_content.hpp"

namespace hullscan::cli {

/// How a hull is written on this terminal.
HullTextOptions text_options();

/// Configurations, calculations and failures in a few lines, on standard output.
void print_summary(const Report& report);
/// Voltages, and references that stay off the hull, on standard output; nothing where there are none.
void print_curves(const Report& report);

/// The hull as a table and, for two end members, a plot, on standard output.
void print_hull(const Report& report);

}  // namespace hullscan::cli
