/// @file
/// The spaces of a campaign as its report shows them: supercells, compositions, their books, and what a model predicts
/// of each composition.
#pragma once

#include <span>
#include <vector>

#include "analysis/report/report_content.hpp"
#include "campaign/report/tasks_seen.hpp"
#include "enumerator/space/strata.hpp"
#include "storage/campaign_store.hpp"

namespace hullscan {

/// @param strata of `spaces`. @param seen all tasks.
std::vector<ReportSpace> report_spaces(const CampaignView& view, const std::vector<SearchSpace>& spaces,
                                       const Strata& strata, const CampaignStore& store, const TasksSeen& seen);

}  // namespace hullscan
