/// @file
/// From the points of walks along one chemical potential to grand potentials and the phase diagram of temperature and
/// composition.
#pragma once

#include <string>
#include <vector>

#include "analysis/monte_carlo/phase_diagram.hpp"
#include "campaign/monte_carlo/monte_carlo_cell.hpp"

namespace hullscan {

/// At one temperature and chemical potential, of one varied site.
struct GrandPotential {
  double temperature_kelvin = 0, chemical_potential_ev = 0;
  Estimate fraction;
  Estimate value_ev;      ///< the estimate of the smallest error
  const char* from = "";  ///< where it was integrated from: "infinite temperature", "ground state", "pure X"
};

struct WalkedDiagram {
  PhaseDiagram diagram;  ///< the first layer is that of zero kelvin, where labels are known
  std::vector<GrandPotential> grand_potentials;
  std::vector<std::string> labelled;  ///< phases of zero kelvin, all of them labels
};

/// Why a [[monte_carlo]] gives no phase diagram, as a clause; empty: it gives one.
std::string why_no_diagram(const MonteCarloCell& cell);

/// @param points of points.json; those without errors are left out. @pre why_no_diagram is empty.
WalkedDiagram walked_diagram(const MonteCarloCell& cell, const Json& points);

/// phase_diagram.csv, .json, .svg (where the build draws) and grand_potentials.csv.
void write_diagram(const MonteCarloCell& cell, const WalkedDiagram& walked);

}  // namespace hullscan
