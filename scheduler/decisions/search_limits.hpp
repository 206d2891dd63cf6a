/// @file
/// Compositions too large to be generated (run.keep = "best"): which they are, and what the search for their best has
/// proven. Kept as facts of the campaign.
#pragma once

#include <cstdint>
#include <optional>

#include "core/campaign/campaign.hpp"
#include "core/protocol.hpp"
#include "scheduler/campaign_view.hpp"
#include "storage/campaign_facts.hpp"

namespace hullscan {

class CampaignStore;

/// Those of the file.
SearchLimits asked_search_limits(const RunSpec& run);
/// Those the campaign was begun with; the file's, stored now, if it has not begun. A change since is warned of.
SearchLimits settle_search_limits(const RunSpec& run, CampaignStore& store);
/// From now on others, for a campaign that cannot go on with those it was begun with.
void change_search_limits(const SearchLimits& limits, CampaignStore& store);
/// As settled; nothing is searched by branch and bound in a campaign that settled nothing.
SearchLimits search_limits(const CampaignStore& store);

/// Marks the strata to search by branch and bound. Those with marked objects never are.
void mark_branch_and_bound(CampaignView& view, const SearchLimits& limits);

/// Stores what one search has proven, and says it in the log.
void keep_search(int pass, const CampaignView& view, const UnitScored& result, CampaignStore& store);
std::optional<SearchBound> kept_search(int pass, const Stratum& stratum, const CampaignStore& store);

}  // namespace hullscan
