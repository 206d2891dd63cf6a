/// @file
/// A campaign's report made from its store: filled in here, laid out by analysis. Its files: report_folder.hpp.
#pragma once

#include <vector>

#include "analysis/report/report_content.hpp"
#include "campaign/resolved_campaign.hpp"
#include "storage/campaign_store.hpp"

namespace hullscan {

/// @throws StorageError if what is stored cannot be of this campaign; InputError, FormatError if a file that the
/// campaign's [report] names cannot be read.
Report make_report(const CampaignView& view, const std::vector<SearchSpace>& spaces, const CampaignStore& store);

}  // namespace hullscan
