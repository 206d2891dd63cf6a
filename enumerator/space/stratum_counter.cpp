#include "enumerator/space/stratum_counter.hpp"

namespace hullscan {

StratumCounter::StratumCounter(const SearchSpace& space, std::size_t supercell) : markers_(space.markers(supercell)) {
  const EnumerationOptions& options = space.options(supercell);
  if (options.forbidden != nullptr && !options.forbidden->empty()) return;
  if (markers_.empty()) counters_.emplace_back(space.operations(supercell), space.repeating_cells(supercell));
  for (const MarkerOrbit& marker : markers_) counters_.emplace_back(marker.action);
}

std::optional<OrbitCount> StratumCounter::count(const CompositionCounts& counts) {
  if (counters_.empty()) return std::nullopt;
  if (markers_.empty()) return counters_.front().count(counts);
  OrbitCount sum{0, 0};
  for (std::size_t m = 0; m < markers_.size(); ++m) {
    if (!markers_[m].holds(counts)) continue;
    const auto of_orbit = *count(counts, m);
    sum.total += of_orbit.total;
    sum.inequivalent += of_orbit.inequivalent;
  }
  return sum;
}

std::optional<OrbitCount> StratumCounter::count(const CompositionCounts& counts, std::size_t marker) {
  if (counters_.empty()) return std::nullopt;
  OrbitCount count = counters_[marker].count(markers_[marker].with_marked(counts));
  count.total *= markers_[marker].size;
  return count;
}

}  // namespace hullscan
