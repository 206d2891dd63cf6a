/// @file
/// A pseudo-binary cut: the hull along the straight line between two compositions, exactly, with every tie line and
/// facet that it crosses. Energies per formula unit of the mix where the name does not say per atom.
#pragma once

#include <string>
#include <vector>

#include "analysis/hull/composition_axis.hpp"
#include "analysis/hull/hull.hpp"
#include "core/json.hpp"

namespace hullscan {

/// Where the phases below the cut change: a tie line is crossed, or a stable phase lies on it.
struct CutPoint {
  double x = 0;                             ///< share of formula units of `to`; the composition is (1-x) from + x to
  double formation_energy_ev_per_atom = 0;  ///< of the hull, against the hull's end members
  double mix_above_hull_ev_per_atom = 0;    ///< of the plain mix of both ends above the hull: what decomposition gains
  std::vector<DecompositionPart> phases;    ///< atomic fractions, largest first; one: a stable phase lies on the cut
};

/// Between two points the same phases are stable together.
struct CutField {
  double x_low = 0, x_high = 0;
  std::vector<std::string> phases;  ///< by id
};

/// An entry whose composition lies on the cut.
struct CutEntry {
  std::string id;
  double x = 0;
  double formation_energy_ev_per_atom = 0, e_above_hull_ev_per_atom = 0;
  double against_ends_ev_per_atom = 0;  ///< against the plain mix of both ends; < 0: they react to it
  bool vertex = false;
};

struct HullCut {
  Composition from, to;                             ///< reduced
  double from_ev_per_atom = 0, to_ev_per_atom = 0;  ///< formation energy of the lowest entry there, else the hull's
  bool from_has_entry = true, to_has_entry = true;
  std::vector<CutPoint> points;   ///< both ends and every change between, by x
  std::vector<CutField> fields;   ///< points.size() - 1
  std::vector<CutEntry> entries;  ///< by x, then energy, then id
};

/// Follows the optimal mix of the hull's vertices from end to end: between two changes the amounts of its phases are
/// linear in x, and the next change is where one is used up (parametric linear programming).
/// @throws InputError if both are one composition, or one is not a mix of the hull's end members.
HullCut hull_cut(const HullReport& report, const Composition& from, const Composition& to);

/// "LiNiO2:CoO2". @throws InputError.
std::pair<Composition, Composition> parse_cut(const std::string& text);

/// {"from", "to", "from_atoms", "to_atoms" (of a formula unit), "from_energy_per_atom", …, "points": [{"x",
/// "formation_energy_per_atom", "mix_above_hull", "phases":
/// [{"id", "fraction"}]}], "fields": [{"x_low", "x_high", "phases": [id]}], "entries": […]}; eV/atom.
Json cut_json(const HullCut& cut);

/// In which a cut is drawn; x of the cut itself is the share of formula units.
CompositionAxis axis_of(const HullCut& cut);

}  // namespace hullscan
