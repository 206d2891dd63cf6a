#include "enumerator/space_group_histogram.hpp"

namespace hullscan {

std::map<int, SpaceGroupShare> space_group_histogram(const SearchSpace& space, std::size_t supercell,
                                                     std::size_t composition, ConfigurationSymmetry& symmetry) {
  std::map<int, SpaceGroupShare> shares;
  (void)space.enumerator(supercell, composition).run({}, {}, [&](const Orbit& orbit) {
    SpaceGroupShare& share = shares[symmetry.space_group_number(orbit.occupation)];
    ++share.orbits;
    share.labelled += orbit.degeneracy;
    return true;
  });
  return shares;
}

}  // namespace hullscan
