/// @file
/// A task as a person names it: the first digits of its key, or the id of its entry in a report ("fcc-1a2b3c4d").
#pragma once

#include <string>

#include "storage/campaign_store.hpp"

namespace hullscan {

/// @throws InputError if no task or several have this id.
TaskRecord find_task(const CampaignStore& store, const std::string& id);

}  // namespace hullscan
