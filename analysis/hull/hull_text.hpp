/// @file
/// The hull for a terminal: a table, and for two end members a plot. Text only; no colours, no trailing blanks.
#pragma once

#include <optional>
#include <string>

#include "analysis/hull/composition_axis.hpp"
#include "analysis/hull/hull.hpp"
#include "analysis/hull/hull_cut.hpp"

namespace hullscan {

struct HullTextOptions {
  bool unicode = true;  ///< false: ASCII only
  int width = 60;       ///< of the plot's frame, characters
  int height = 18;
  std::size_t columns = 0;               ///< lines are no longer, where words can be broken; 0: no limit
  double near_hull_ev_per_atom = 0.025;  ///< rows of the table; vertices are always shown
  std::size_t most_rows = 40;
  std::optional<CompositionAxis> axis = {};  ///< of the plot; nothing: as the end members alone have it
};

/// Sorted by energy above hull, then formation energy, then id. One line says what is left out.
std::string hull_table(const HullReport& report, const HullTextOptions& options = {});
/// Formation energy against composition with the hull line; empty unless there are two end members. Points far above
/// the end members, or where nothing forms far above the lowest, are left out and counted below the plot.
std::string hull_plot(const HullReport& report, const HullTextOptions& options = {});

/// Every change along a cut with the phases between. @param report that the cut is of.
std::string cut_table(const HullCut& cut, const HullReport& report, const HullTextOptions& options = {});
/// The hull along a cut, and the entries that lie on it.
std::string cut_plot(const HullCut& cut, const HullTextOptions& options = {});

}  // namespace hullscan
