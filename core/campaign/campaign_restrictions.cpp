#include "core/campaign/campaign_restrictions.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace hullscan {

RestrictSpec read_restriction(const SettingsTable& table, Problems& problems) {
  SettingsReader reader(table, "space.restrict", problems);
  RestrictSpec spec;
  spec.where = table.where;
  reader.require("by", "the name of the space whose results judge the species");
  spec.by = reader.text("by", "");
  if (const auto keep = reader.integer("keep", 1, 1000)) spec.keep = static_cast<int>(*keep);
  if (const auto within = reader.number("within_mev", 0, 1e6)) spec.within_ev_per_site = *within / 1000;
  if (!spec.keep && !spec.within_ev_per_site && !reader.has("keep") && !reader.has("within_mev")) {
    problems.add(
        table.where,
        "space.restrict: expected keep = N (the lowest N species of each sublattice), within_mev = X (those at "
        "most X meV per site above the hull), or both");
  }
  reader.finish();
  return spec;
}

void check_restrictions(const std::vector<SpaceSpec>& spaces, Problems& problems) {
  std::vector<std::string> judges;
  for (const SpaceSpec& space : spaces) {
    if (!space.restricted) judges.push_back(space.name);
  }
  for (const SpaceSpec& space : spaces) {
    if (!space.restricted) continue;
    const SourcePosition& where = space.restricted->where;
    const std::string& by = space.restricted->by;
    const auto judge =
        std::find_if(spaces.begin(), spaces.end(), [&](const SpaceSpec& other) { return other.name == by; });
    if (judge == spaces.end()) {
      problems.add(where, fmt::format("space.restrict.by: there is no space \"{}\"{}", by, did_you_mean(by, judges)));
      continue;
    }
    if (judge->restricted) {
      problems.add(where, fmt::format("space.restrict.by: \"{}\" is restricted itself; there are two stages", by));
      continue;
    }
    for (const SublatticeSpec& sublattice : space.sublattices) {
      const auto same = std::find_if(judge->sublattices.begin(), judge->sublattices.end(),
                                     [&](const SublatticeSpec& other) { return other.name == sublattice.name; });
      for (const CountRule& rule : sublattice.species) {
        const bool known = same != judge->sublattices.end() &&
                           std::any_of(same->species.begin(), same->species.end(),
                                       [&](const CountRule& other) { return other.species == rule.species; });
        if (!known) {
          problems.add(rule.where, fmt::format("space.restrict: \"{}\" has no {}.{} and cannot judge it", by,
                                               sublattice.name, rule.species.symbol()));
        }
      }
    }
  }
}

}  // namespace hullscan
