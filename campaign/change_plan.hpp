/// @file
/// What becomes of a campaign directory whose campaign file has changed: what is kept, what is done anew.
///
/// Calculations belong to a structure and to the settings that decide their result, so they stay whatever the file
/// says; those that the new spaces hold, with the new settings, count. Rounds go on where only the model or the
/// selection has changed, and begin anew, with what is known, where the spaces or the settings have.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "campaign/resolved_campaign.hpp"
#include "storage/campaign_store.hpp"

namespace hullscan {

struct ChangePlan {
  RevisionChange change;             ///< without the folder of its inputs
  std::vector<std::string> differs;  ///< the keys, as differences() has them, and files that have changed
  std::vector<std::string> effects;  ///< for people, a sentence each; empty: nothing is done anew
};

/// Nothing changes in the directory.
/// @param view of the campaign as it is now. @returns nothing if the directory holds this campaign already.
/// @throws InputError if the directory holds a part of a campaign, which cannot change.
std::optional<ChangePlan> plan_change(const std::filesystem::path& directory, const CampaignStore& store,
                                      const ResolvedCampaign& now, const CampaignView& view, Instant at);

}  // namespace hullscan
