/// @file
/// Symmetry, conventional cell and structure type of the phases that a report's reader looks at.
#pragma once

#include "analysis/report/report_content.hpp"

namespace hullscan {

/// Tolerance of the symmetry of relaxed structures, as `hullscan top` has it (Å).
inline constexpr double kCrystalSymprecAngstrom = 0.01;

/// Fills ReportContent::crystals for the phases on the hull and then those nearest to it, as far as `near_hull`
/// reaches, but at most a hundred: a search for symmetry takes milliseconds. From the relaxed structures.
void add_crystals(Report& report);

}  // namespace hullscan
