/// @file
/// Exact counts of the compositions of one supercell of a space, as the space asks for them: superperiodic
/// configurations and markers included. Nothing where no closed form exists (minimum distances).
#pragma once

#include <optional>
#include <vector>

#include "enumerator/orbits/orbit_count.hpp"
#include "enumerator/space/search_space.hpp"

namespace hullscan {

/// What is shared by all compositions is worked out once. Not shared between threads.
class StratumCounter {
 public:
  /// @param space must outlive this.
  StratumCounter(const SearchSpace& space, std::size_t supercell);

  /// With markers, (object, colouring) pairs of all orbits of objects that hold the composition.
  [[nodiscard]] std::optional<OrbitCount> count(const CompositionCounts& counts);
  /// The same for one orbit of objects, which must hold the composition.
  [[nodiscard]] std::optional<OrbitCount> count(const CompositionCounts& counts, std::size_t marker);

 private:
  const std::vector<MarkerOrbit>& markers_;
  std::vector<OrbitCounter> counters_;  ///< one, or one for every marker orbit; none without a closed form
};

}  // namespace hullscan
