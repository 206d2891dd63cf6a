/// @file
/// What figures of a hull share: its points on the axes of the report, its compositions' predictions, and the words of
/// the axes.
#pragma once

#include <string>
#include <vector>

#include "analysis/figures/plot.hpp"
#include "analysis/figures/rich_text.hpp"
#include "analysis/report/report_content.hpp"

namespace hullscan {

struct HullPoint {
  std::vector<double> x;  ///< [end member]: share of the crystal, as `CompositionAxis::weighted`; sums to 1
  const HullEntryResult* result = nullptr;
  bool reference = false;
  std::string space;  ///< empty: a reference, or not known
};
/// Entries, then references; those that are no mix of the end members are left out.
std::vector<HullPoint> hull_points(const Report& report);

struct PredictedPoint {
  std::vector<double> x;
  Composition composition;
  double lowest_ev_per_atom = 0;  ///< formation energy
};
/// One a reduced composition, by composition.
std::vector<PredictedPoint> lowest_predictions(const Report& report);

/// "x in CsPb(1-x)Zn(x)I3" with subscripts; "Atomic fraction of Ni".
RichText axis_text(const CompositionAxis& axis);
/// Words whose first letter is a capital.
std::string capitalised(std::string words);
/// Takes meV/atom where the range is small. @param what "Formation energy".
PlotAxis energy_axis(const std::string& what, double low_ev, double high_ev);
/// Why there is no hull of this many end members; empty: there is.
std::string no_hull_of(const Report& report, std::size_t end_members);

}  // namespace hullscan
