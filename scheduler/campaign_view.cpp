#include "scheduler/campaign_view.hpp"

#include <algorithm>
#include <map>

#include "analysis/hull/end_members.hpp"
#include "core/errors.hpp"

namespace hullscan {
const StratumView& CampaignView::view(const Stratum& stratum) const {
  const auto found = std::lower_bound(strata.begin(), strata.end(), stratum,
                                      [](const StratumView& view, const Stratum& key) { return view.stratum < key; });
  if (found == strata.end() || found->stratum != stratum) throw Error("a stratum that this campaign does not have");
  return *found;
}

std::vector<std::pair<std::uint32_t, std::string>> missing_end_members(const CampaignView& view) {
  std::map<std::pair<std::uint32_t, Composition>, bool> exists;
  for (const StratumView& stratum : view.strata) {
    if (!stratum.end_member) continue;
    exists[{stratum.stratum.space, stratum.composition.reduced()}] |=
        !stratum.inequivalent || *stratum.inequivalent > 0;
  }
  std::vector<std::pair<std::uint32_t, std::string>> missing;
  for (const auto& [end, found] : exists) {
    const auto& [space, composition] = end;
    if (!found) missing.emplace_back(space, composition.formula(view.spaces[space].parent->formula_order()));
  }
  return missing;
}

void mark_end_members(CampaignView& view) {
  std::map<std::uint32_t, std::vector<Composition>> of_family;
  const auto family = [&](const StratumView& stratum) { return view.spaces[stratum.stratum.space].family; };
  for (const StratumView& stratum : view.strata) of_family[family(stratum)].push_back(stratum.composition);
  for (auto& [space, compositions] : of_family) compositions = choose_end_members(compositions).compositions;
  for (StratumView& stratum : view.strata) {
    const auto& ends = of_family[family(stratum)];
    stratum.end_member = std::find(ends.begin(), ends.end(), stratum.composition.reduced()) != ends.end();
  }
}

}  // namespace hullscan
