/// @file
/// The tasks of a campaign as its report shows them: entries of the hull, failures, and results that do not count.
#pragma once

#include <vector>

#include "analysis/report/report_content.hpp"
#include "campaign/report/tasks_seen.hpp"
#include "enumerator/space/strata.hpp"
#include "storage/campaign_store.hpp"

namespace hullscan {

/// Adds every task that has ended to the content: one at a time, since all of them at once are gigabytes.
/// @param strata of `spaces`. @returns what the rest of the report wants to know of the tasks.
/// @throws StorageError naming those that cannot be of this campaign.
TasksSeen add_tasks(const CampaignView& view, const std::vector<SearchSpace>& spaces, const Strata& strata,
                    const CampaignStore& store, ReportContent& content);

}  // namespace hullscan
