#include "campaign/searchable.hpp"

#include <fmt/format.h>

#include <set>

namespace hullscan {
namespace {

constexpr const char* kWaysToBegin =
    "Take kind = \"cluster-expansion\" with pairs or triplets, a larger run.scan_at_most, or a smaller space";
constexpr const char* kWaysToGoOn =
    "With kind = \"cluster-expansion\" with pairs or triplets, or with a larger run.scan_at_most, in the campaign file "
    "the "
    "same directory goes on, and all that it has calculated counts";

}  // namespace

std::vector<std::string> not_searchable(const ResolvedCampaign& resolved, const CampaignView& view, bool begun) {
  std::vector<std::string> lines;
  if (resolved.surrogates.space_count() == 0) return lines;
  const SettingsTable& settings = resolved.campaign.surrogates.front().settings;
  const Setting* kind = settings.find("kind");
  std::set<std::size_t> reported;
  for (const StratumView& stratum : view.strata) {
    const std::size_t space = stratum.stratum.space;
    if (!stratum.by_branch_and_bound || reported.count(space) != 0) continue;
    const Supercell& supercell = *resolved.spaces[space].supercells()[stratum.stratum.supercell];
    const auto why = why_not_searchable(resolved.surrogates.space(space), supercell);
    if (!why) continue;
    reported.insert(space);
    lines.push_back(fmt::format(
        "{}: surrogate.kind: {} of space \"{}\" has {} inequivalent configurations, more than run.scan_at_most = {:g}, "
        "so that run.keep = \"best\" searches its lowest by branch and bound; but {}. {}",
        to_string(kind != nullptr ? kind->where : settings.where), stratum.formula, resolved.spaces[space].name(),
        stratum.inequivalent.value_or(stratum.total).str(), resolved.campaign.run.scan_at_most, *why,
        begun ? kWaysToGoOn : kWaysToBegin));
  }
  return lines;
}

}  // namespace hullscan
