#include "enumerator/space/space_group_histogram.hpp"

#include <Eigen/LU>
#include <algorithm>

#include "enumerator/files/space_group_symbols.hpp"

namespace hullscan {
namespace {

bool has_improper(const std::vector<SymmetryOperation>& operations) {
  return std::any_of(operations.begin(), operations.end(), [](const SymmetryOperation& operation) {
    return operation.rotation.cast<double>().determinant() < 0;
  });
}

}  // namespace

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
  const SupercellGroup& group = space.group(supercell);
  const bool both_hands = has_improper(group.operation_of) || has_improper(group.kernel);
  (void)enumerator.run({}, {}, [&](const Orbit& orbit) {
    const int number = symmetry.space_group_number(orbit.occupation, largest / orbit.degeneracy);
    SpaceGroupShare& share = shares[both_hands ? lower_of_enantiomorphs(number) : number];
    ++share.orbits;
    share.labelled += orbit.degeneracy;
    return true;
  });
  return shares;
}

}  // namespace hullscan
