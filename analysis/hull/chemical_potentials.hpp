/// @file
/// Stability against reservoirs: the range of every element's chemical potential over which a phase is stable, and
/// the hull of a system that is open to some elements.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "analysis/hull/hull.hpp"

namespace hullscan {

/// mu_i - mu_i(element), eV/atom.
struct PotentialRange {
  Species element;
  std::optional<double> lowest;  ///< nothing: unbounded, the phase holds none of the element
  double highest = 0;            ///< at most 0: above, the element itself would form
};

struct PotentialWindow {
  std::string id;  ///< of a vertex
  Composition composition;
  std::vector<PotentialRange> ranges;  ///< one per element, in the order of the hull's end members
};

/// The window of every vertex that is not an element. The ranges are the one-sided derivatives of the hull's energy
/// along the elements at the vertex: what the last atom taken out costs, and what the next atom added gains.
/// @throws InputError as compute_hull. Elements need entries (or implicit zeros); a hull of end members has no
/// windows.
std::vector<PotentialWindow> chemical_potential_windows(std::span<const HullEntry> entries,
                                                        const HullOptions& options = {});

/// The hull of phi = E - sum mu_i n_i over the elements that are not exchanged, per atom of those.
/// @param potentials_ev absolute chemical potentials of the open elements, on the scale of the entries' energies.
/// Entries that hold open elements only are left out: they are the reservoir.
/// @throws InputError as compute_hull, or if nothing is left, or an open element is in no entry.
HullReport grand_potential_hull(std::span<const HullEntry> entries, const std::map<Species, double>& potentials_ev,
                                const HullOptions& options = {});

}  // namespace hullscan
