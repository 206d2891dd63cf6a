/// @file
/// Whether a campaign's model can search the compositions that run.keep = "best" does not generate.
#pragma once

#include <string>
#include <vector>

#include "campaign/resolved_campaign.hpp"
#include "scheduler/campaign_view.hpp"

namespace hullscan {

/// One line for each space with strata for branch and bound that the model has no bound for, at the line of
/// surrogate.kind.
/// @param view with StratumView::by_branch_and_bound as the limits mark it.
/// @param begun whether the lines say how to go on with what is there, or how to begin otherwise.
std::vector<std::string> not_searchable(const ResolvedCampaign& resolved, const CampaignView& view, bool begun = false);

}  // namespace hullscan
