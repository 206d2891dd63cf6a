/// @file
/// Figures of Monte Carlo results, from plain values: a phase diagram, and averages with their errors against
/// temperature (energy, heat capacity, order of neighbours). They are no figures of a report, so figures() has them
/// not.
#pragma once

#include <string>
#include <vector>

#include "analysis/figures/figure_style.hpp"
#include "analysis/figures/picture.hpp"
#include "analysis/monte_carlo/phase_diagram.hpp"

namespace hullscan {

/// Temperature against composition: the boundaries of the two-phase fields through all layers, thin tie lines within
/// them, the name of each phase in its field, and marks at the phases that are stable at zero kelvin (where the first
/// layer is at 0 K). Where a field is in one layer and not in the next, its boundaries end in a dashed tie line: what
/// happens between the two temperatures is not known.
/// @param computed names of phases of the zero-kelvin layer that were calculated, not predicted: filled marks.
/// @pre one layer or more above 0 K.
Picture phase_diagram_picture(const PhaseDiagram& diagram, const std::vector<std::string>& computed,
                              const FigureStyle& style);

struct TemperaturePoint {
  double temperature_kelvin = 0;
  Estimate value;
};
struct TemperatureCurve {
  std::string name;
  std::vector<TemperaturePoint> points;  ///< ascending
};

enum class AverageKind {
  kEnergy,           ///< eV/atom
  kHeatCapacity,     ///< k_B/atom
  kShortRangeOrder,  ///< Warren-Cowley parameters, no unit
  kSublatticeOrder,  ///< shares of sublattices, no unit
};

/// At most six curves, the first, the last, and what lies evenly between; what is left out is a remark.
/// @pre one point or more.
Picture temperature_picture(AverageKind kind, const std::string& title, const std::vector<TemperatureCurve>& curves,
                            const FigureStyle& style);

}  // namespace hullscan
