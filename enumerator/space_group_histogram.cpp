#include "enumerator/space_group_histogram.hpp"

namespace hullscan {

std::map<int, SpaceGroupShare> space_group_histogram(const SearchSpace& space, std::size_t supercell,
                                                     std::size_t composition, ConfigurationSymmetry& symmetry,
                                                     std::optional<std::size_t> marker) {
  std::map<int, SpaceGroupShare> shares;
  const OrbitEnumerator enumerator =
      marker ? space.enumerator(supercell, composition, *marker) : space.enumerator(supercell, composition);
  std::uint64_t largest = space.action(supercell)->order();  // degeneracy
  if (marker) {
    const MarkerOrbit& orbit = space.markers(supercell)[*marker];
    largest = orbit.action->order() * orbit.size;
  }
  (void)enumerator.run({}, {}, [&](const Orbit& orbit) {
    SpaceGroupShare& share = shares[symmetry.space_group_number(orbit.occupation, largest / orbit.degeneracy)];
    ++share.orbits;
    share.labelled += orbit.degeneracy;
    return true;
  });
  return shares;
}

}  // namespace hullscan
