/// @file
/// Every task of a store, read in another thread while the ones before are worked on.
#pragma once

#include <functional>

#include "storage/campaign_store.hpp"

namespace hullscan {

/// As CampaignStore::each_task over every task, in the same order; `visit` is called in this thread and must not use
/// the store. Memory: at most some thousand tasks are read ahead. @throws what reading or `visit` throws.
void each_task_ahead(const CampaignStore& store, const std::function<void(TaskRecord&&)>& visit);

}  // namespace hullscan
