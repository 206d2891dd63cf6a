#include "analysis/hull/hull_edges.hpp"

#include <algorithm>

#include "analysis/hull/hull_cut.hpp"

namespace hullscan {

std::vector<std::pair<Composition, Composition>> hull_edges(const HullReport& report) {
  HullReport vertices = report;
  std::erase_if(vertices.entries, [](const HullEntryResult& entry) { return !entry.vertex; });
  std::vector<Composition> phases;
  for (const HullEntryResult& entry : vertices.entries) phases.push_back(entry.composition.reduced());
  for (const Composition& member : report.end_members) {
    if (std::find(phases.begin(), phases.end(), member) == phases.end()) phases.push_back(member);
  }
  std::vector<std::pair<Composition, Composition>> edges;
  for (std::size_t i = 0; i < phases.size(); ++i) {
    for (std::size_t j = i + 1; j < phases.size(); ++j) {
      const HullCut cut = hull_cut(vertices, phases[i], phases[j]);
      // One field of two phases from end to end: nothing is crossed, and no third phase is lower.
      if (cut.fields.size() == 1 && cut.fields.front().phases.size() == 2) edges.emplace_back(phases[i], phases[j]);
    }
  }
  return edges;
}

}  // namespace hullscan
