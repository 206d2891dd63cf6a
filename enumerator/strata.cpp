#include "enumerator/strata.hpp"

#include <fmt/format.h>

namespace hullscan {

std::size_t stratum_count(const SearchSpace& space, std::size_t supercell) {
  const auto& markers = space.markers(supercell);
  if (markers.empty()) return space.compositions(supercell).size();
  std::size_t count = 0;
  for (const CompositionCounts& counts : space.compositions(supercell)) {
    for (const MarkerOrbit& marker : markers) count += marker.holds(counts) ? 1 : 0;
  }
  return count;
}

SpaceStratum stratum_at(const SearchSpace& space, std::size_t supercell, std::size_t index) {
  const auto& compositions = space.compositions(supercell);
  const auto& markers = space.markers(supercell);
  if (markers.empty() && index < compositions.size()) return {index, std::nullopt};
  std::size_t left = index;
  for (std::size_t c = 0; !markers.empty() && c < compositions.size(); ++c) {
    for (std::size_t m = 0; m < markers.size(); ++m) {
      if (markers[m].holds(compositions[c]) && left-- == 0) return {c, m};
    }
  }
  throw Error(fmt::format("{}: there is no stratum {}", space.name(), index));
}

OrbitEnumerator stratum_enumerator(const SearchSpace& space, std::size_t supercell, std::size_t index) {
  const SpaceStratum stratum = stratum_at(space, supercell, index);
  return stratum.marker ? space.enumerator(supercell, stratum.composition, *stratum.marker)
                        : space.enumerator(supercell, stratum.composition);
}

const CompositionCounts& stratum_counts(const SearchSpace& space, std::size_t supercell, std::size_t index) {
  return space.compositions(supercell)[stratum_at(space, supercell, index).composition];
}

}  // namespace hullscan
