/// @file
/// How the configurations of a composition are shared among space groups: the subgroups of the parent crystal's that
/// occur, found by visiting every orbit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>

#include "enumerator/configuration_symmetry.hpp"
#include "enumerator/search_space.hpp"

namespace hullscan {

struct SpaceGroupShare {
  std::uint64_t orbits = 0;
  std::uint64_t labelled = 0;  ///< sum of the degeneracies
  friend bool operator==(const SpaceGroupShare&, const SpaceGroupShare&) = default;
};

/// By space-group number, of one composition of one supercell as the space asks for it.
/// @param symmetry of that supercell; what it learns serves the supercell's other compositions.
/// Precondition: the space marks nothing.
/// Cost: that of the enumeration and O(order of the group) an orbit.
std::map<int, SpaceGroupShare> space_group_histogram(const SearchSpace& space, std::size_t supercell,
                                                     std::size_t composition, ConfigurationSymmetry& symmetry);

}  // namespace hullscan
