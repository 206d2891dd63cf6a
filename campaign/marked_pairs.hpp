/// @file
/// What a campaign marks, as models and reports see it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "enumerator/space/search_space.hpp"
#include "surrogates/features/pair_descriptors.hpp"

namespace hullscan {

/// Labels of the sites of an orbit's representative: {"K1", "K2"}.
std::vector<std::string> marked_labels(const SearchSpace& space, std::size_t supercell, const MarkerOrbit& orbit);
/// "path 2: K1-K2 3.28 Å", "site 1: K2"; numbers from 1, as in descriptor tables.
std::string marker_name(const SearchSpace& space, std::size_t supercell, std::size_t marker);

/// The marked pair of an orbit of objects: end 1 is on the class that comes first, then the lower site.
MarkedPair marked_pair(const Supercell& supercell, const MarkerOrbit& orbit, std::size_t type,
                       const SiteClasses& classes);

/// Atoms of usual_dopants among the coloured sites.
std::int64_t dopant_count(const ParentCrystal& parent, const CompositionCounts& counts);

}  // namespace hullscan
