/// @file
/// How the configurations of a composition are shared among space groups: the subgroups of the parent crystal's that
/// occur, found by visiting every orbit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

#include "enumerator/space/configuration_symmetry.hpp"
#include "enumerator/space/search_space.hpp"

namespace hullscan {

struct SpaceGroupShare {
  std::uint64_t orbits = 0;
  std::uint64_t labelled = 0;  ///< sum of the degeneracies
  friend bool operator==(const SpaceGroupShare&, const SpaceGroupShare&) = default;
};

/// By space-group number, of one composition of one supercell as the space asks for it. Where the group has improper
/// operations an orbit holds mirror images of its members, so that the two types of an enantiomorphic pair (P3_121
/// and P3_221) are one here, under the lower number.
/// @param symmetry of that supercell, or of the marker's orbit; what it learns serves the other compositions.
/// @param marker orbit of marked objects, which must hold the composition; exactly where the space marks something.
/// Cost: that of the enumeration, and O(order of the group) for an orbit with a nontrivial stabiliser.
std::map<int, SpaceGroupShare> space_group_histogram(const SearchSpace& space, std::size_t supercell,
                                                     std::size_t composition, ConfigurationSymmetry& symmetry,
                                                     std::optional<std::size_t> marker = std::nullopt);

}  // namespace hullscan
