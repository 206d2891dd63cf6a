#include "analysis/hull/hull_levels.hpp"

#include <algorithm>
#include <map>

#include "analysis/hull/end_members.hpp"
#include "core/errors.hpp"

namespace hullscan {

std::vector<std::optional<double>> hull_levels(const HullReport& hull, std::span<const Composition> compositions) {
  constexpr double kFarAboveEvPerAtom = 5;
  const EndMemberSpace space(hull.end_members);
  std::map<Composition, std::optional<double>> asked;  // reduced
  std::vector<HullEntry> entries;
  for (const HullEntryResult& entry : hull.entries) {
    if (!entry.vertex) continue;
    entries.push_back({"vertex " + entry.id,
                       entry.composition,
                       entry.formation_energy_ev_per_atom * static_cast<double>(entry.composition.atom_count()),
                       {}});
  }
  const std::size_t vertices = entries.size();
  for (const Composition& composition : compositions) {
    if (composition.without_vacancies().atom_count() == 0 || !space.shares(composition)) continue;
    asked.emplace(composition.without_vacancies().reduced(), std::nullopt);
  }
  for (const auto& [composition, level] : asked) {
    entries.push_back({"at " + composition.formula(),
                       composition,
                       kFarAboveEvPerAtom * static_cast<double>(composition.atom_count()),
                       {}});
  }
  HullOptions options;
  options.references = HullOptions::References::kEndMembers;
  options.end_members = hull.end_members;
  std::vector<std::optional<double>> levels(compositions.size());
  try {
    const HullReport below = compute_hull(entries, options);
    std::size_t at = vertices;
    for (auto& [composition, level] : asked) {
      const HullEntryResult& probe = below.entries[at++];
      // A mix that needs a probe is of no entries: the composition lies outside what was calculated.
      const bool made = std::none_of(probe.decomposition.begin(), probe.decomposition.end(),
                                     [](const DecompositionPart& part) { return part.id.starts_with("at "); });
      if (made) level = kFarAboveEvPerAtom - probe.e_above_hull_ev_per_atom;
    }
  } catch (const InputError&) {
    return levels;  // end members that are not vertices of their own hull: nothing to compare with
  }
  for (std::size_t i = 0; i < compositions.size(); ++i) {
    const auto found = asked.find(compositions[i].without_vacancies().reduced());
    if (found != asked.end()) levels[i] = found->second;
  }
  return levels;
}

}  // namespace hullscan
