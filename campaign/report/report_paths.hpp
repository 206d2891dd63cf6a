/// @file
/// The scored migration paths of a campaign as its report shows them.
#pragma once

#include <vector>

#include "analysis/report/report_content.hpp"
#include "enumerator/space/strata.hpp"
#include "scheduler/campaign_view.hpp"
#include "storage/campaign_store.hpp"

namespace hullscan {

/// The scored paths of every space that marks some, from the histograms of the last finished pass. The reference set
/// is the campaign's, else the paths with the fewest dopants.
std::vector<PathStatistics> report_paths(const CampaignView& view, const std::vector<SearchSpace>& spaces,
                                         const Strata& strata, const CampaignStore& store);

}  // namespace hullscan
