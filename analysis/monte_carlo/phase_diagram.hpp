/// @file
/// A binary phase diagram from grand potentials: of the branches (phases) that are known at a temperature, the lowest
/// at each chemical potential is stable, and where two are equal both are: the common tangent of their free energies.
/// Whose grand potentials they are, and where phases get their names, is not here.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "analysis/monte_carlo/series_statistics.hpp"

namespace hullscan {

/// A phase at one temperature and chemical potential; of one site (or any other unit of amount).
struct BranchPoint {
  double chemical_potential_ev = 0;
  Estimate grand_potential_ev;       ///< phi; dphi/dmu = -fraction
  Estimate fraction;                 ///< x
  double susceptibility_per_ev = 0;  ///< dx/dmu, not negative
};

struct PhaseBranch {
  std::string phase;
  std::vector<BranchPoint> points;  ///< ascending in chemical potential; one or more
};

/// One field of a diagram at one temperature.
struct PhaseField {
  std::vector<std::string> phases;  ///< one; or two that are in equilibrium, in order of composition
  Estimate from, to;                ///< fractions; of a two-phase field those of the phases
  double low_chemical_potential_ev = 0, high_chemical_potential_ev = 0;  ///< equal in a two-phase field
  /// Two phases whose grand potentials do not meet where the branch of one ends: one of the compositions is only where
  /// the branch ends.
  bool unresolved = false;
};

struct PhaseLayer {
  double temperature_kelvin = 0;
  std::vector<PhaseField> fields;  ///< ascending in composition
};

struct PhaseDiagram {
  std::string species;             ///< whose fraction is meant
  std::vector<PhaseLayer> layers;  ///< ascending in temperature
};

/// The lower envelope of the branches over the chemical potential. Between points phi is the cubic Hermite polynomial
/// with slopes -x, and x follows the susceptibilities in the same way; beyond the ends a branch goes on for `reach_ev`
/// with phi - x d - chi d²/2. A boundary's error is that of the crossing, (errors of phi)/(difference of x), times chi,
/// with that of x itself.
/// @throws InputError if a branch has no points, or not ascending ones.
PhaseLayer phase_layer(double temperature_kelvin, std::span<const PhaseBranch> branches, double reach_ev = 0);

/// A phase of the hull, at zero kelvin.
struct GroundState {
  std::string phase;
  double fraction = 0;
  double energy_ev = 0;  ///< of the unit
};
/// The limit of T -> 0: every phase a field without width, two-phase fields between neighbours on the lower hull. What
/// is above the hull is left out. @param states of any order.
PhaseLayer ground_state_layer(std::span<const GroundState> states);

/// Cuts one walk along the chemical potential where x jumps: between neighbours whose difference is above `least_jump`,
/// and above twice what the larger of their susceptibilities explains and three standard errors.
/// @param points ascending. @returns one or more pieces, in order.
std::vector<std::vector<BranchPoint>> split_at_jumps(std::span<const BranchPoint> points, double least_jump = 0.02);

/// One line a field: temperature_K, phases ("A" or "A + B"), from, from_error, to, to_error, chemical potentials,
/// resolved.
std::string phase_diagram_csv(const PhaseDiagram& diagram);
/// {"species", "layers": [{"temperature_kelvin", "fields": [{"phases", "from", "from_error", "to", "to_error",
/// "low_chemical_potential_ev", "high_chemical_potential_ev", "resolved"}]}]}; an unknown error is null.
std::string phase_diagram_json(const PhaseDiagram& diagram);

}  // namespace hullscan
