/// @file
/// The strata of a supercell: what is enumerated by itself. A composition; where the campaign marks something, a
/// composition round one orbit of marked objects.
#pragma once

#include <cstddef>
#include <optional>

#include "enumerator/search_space.hpp"

namespace hullscan {

struct SpaceStratum {
  std::size_t composition = 0;        ///< index into SearchSpace::compositions
  std::optional<std::size_t> marker;  ///< index into SearchSpace::markers
};

/// Compositions in their order, of each the marker orbits that hold it.
std::size_t stratum_count(const SearchSpace& space, std::size_t supercell);
/// @throws Error if there is no such stratum.
SpaceStratum stratum_at(const SearchSpace& space, std::size_t supercell, std::size_t index);
OrbitEnumerator stratum_enumerator(const SearchSpace& space, std::size_t supercell, std::size_t index);
const CompositionCounts& stratum_counts(const SearchSpace& space, std::size_t supercell, std::size_t index);

}  // namespace hullscan
