/// @file
/// A campaign directory as the run of its file finds it: begun if it is not there.
#pragma once

#include <filesystem>

#include "campaign/resolved_campaign.hpp"
#include "storage/campaign_store.hpp"

namespace hullscan {

/// Database and DIR/inputs; what killed writers left is removed. Under the campaign's lock.
/// @throws InputError if the directory holds another campaign, StorageError.
CampaignStore open_campaign_directory(const std::filesystem::path& directory, const ResolvedCampaign& resolved);

}  // namespace hullscan
