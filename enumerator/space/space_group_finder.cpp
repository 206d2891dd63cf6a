#include "enumerator/space/space_group_finder.hpp"

namespace hullscan {

ConfigurationSymmetry& SpaceGroupFinder::of(const SearchSpace& space, std::size_t supercell,
                                            std::optional<std::size_t> marker) {
  if (&space != space_ || supercell != supercell_) known_.clear();
  space_ = &space;
  supercell_ = supercell;
  auto found = known_.find(marker);
  if (found == known_.end()) {
    found = known_
                .emplace(marker, marker ? ConfigurationSymmetry(space, supercell, *marker)
                                        : ConfigurationSymmetry(space, supercell))
                .first;
  }
  return found->second;
}

int SpaceGroupFinder::number(const SearchSpace& space, std::size_t supercell, std::optional<std::size_t> marker,
                             std::span<const std::uint8_t> occupation, std::uint64_t degeneracy) {
  const std::uint64_t largest =
      marker ? space.markers(supercell)[*marker].action->order() * space.markers(supercell)[*marker].size
             : space.action(supercell)->order();
  return of(space, supercell, marker).space_group_number(occupation, largest / degeneracy);
}

}  // namespace hullscan
