/// @file
/// Objects that a campaign marks besides the colouring: a site, or an unordered pair of sites within a distance (a
/// migration path). They are the first link of the chain of stabilisers: of every orbit of objects one is taken, and
/// its stabiliser acts on the colourings of all other sites.
///
/// A configuration has exactly one marked object, of any of the campaign's markers; an object that two markers name
/// counts once. A pair is two different sites of the supercell together with the straight line that joins them, so
/// two sites of a short cell are several pairs if several of their images are near enough: an atom can go either way
/// round. Lines that differ by a supercell vector are one. A site and its own image are not a pair: both ends would be
/// one site of the supercell.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "core/campaign/campaign.hpp"
#include "core/errors.hpp"
#include "core/supercell.hpp"
#include "enumerator/crystal/supercell_group.hpp"
#include "enumerator/orbits/composition_counts.hpp"
#include "enumerator/orbits/group_action.hpp"

namespace hullscan {

/// What markers select in the parent crystal.
struct MarkerSites {
  std::vector<std::vector<std::vector<int>>> of_marker;  ///< [marker][end]: parent sites, ascending; one or two ends
  std::vector<std::uint8_t> native;  ///< [parent site] what a marked site holds: index into its sublattice's `allowed`
};

/// One orbit of objects under the supercell's group.
struct MarkerOrbit {
  std::size_t marker = 0;        ///< index into SpaceSpec::markers
  std::size_t size = 1;          ///< objects in the orbit
  std::vector<int> sites;        ///< of the representative: one or two indices into Supercell::sites()
  double distance_angstrom = 0;  ///< between its two sites along its line; 0 for a site
  /// The representative's stabiliser on all varied sites. The parent's sublattices without the marked sites come
  /// first; marked sites make further sublattices, one for each of the parent's that they are of.
  std::shared_ptr<const GroupAction> action;
  /// The same stabiliser with its operations: those of the crystal that map the object, and so the supercell's
  /// lattice, onto itself. Elements are numbered as in `action`.
  std::shared_ptr<const SupercellGroup> group;
  std::vector<int> coloured_sites;            ///< [parent's sublattice] sites left to colour
  std::vector<std::vector<int>> marked_rows;  ///< counts of the further sublattices: all sites hold the native species
  std::map<Species, std::int64_t> marked_atoms;  ///< of the marked varied sites

  /// Whether the counts of the parent's sublattices are those of the coloured sites of this orbit.
  [[nodiscard]] bool holds(const CompositionCounts& counts) const;
  /// Counts for `action`: those of the coloured sites, then the marked ones.
  [[nodiscard]] CompositionCounts with_marked(CompositionCounts counts) const;
};

/// All orbits of objects, by marker, then by the place of the first object: the same on every machine.
/// @returns empty if a problem was added, at the marker's place: no object in this supercell, or sites that symmetry
/// makes alike and of which only some are named. Where `problems` is null the first is not reported.
/// @throws InputError for the second if `problems` is null.
/// Cost: O(objects + orbits * order of the group).
std::vector<MarkerOrbit> marker_orbits(const Supercell& supercell, const SupercellGroup& group,
                                       std::span<const MarkerSpec> markers, const MarkerSites& selected,
                                       Problems* problems);

}  // namespace hullscan
