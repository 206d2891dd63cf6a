/// @file
/// A task as a person names it: its id in a report ("fcc-1a2b3c4d"), its digits alone, or how one of these begins.
#pragma once

#include <string>

#include "storage/campaign_store.hpp"

namespace hullscan {

/// The name of a space counts where the task is in one of the campaign's spaces: "bcc-1a2b3c4d" is not
/// "fcc-1a2b3c4d". A task whose space is gone is found by its digits after any name, as an earlier report has it.
/// @throws InputError if no task has this id, naming those of its digits in other spaces; or if several begin like it,
/// naming them.
TaskRecord find_task(const CampaignStore& store, const std::string& id);

}  // namespace hullscan
