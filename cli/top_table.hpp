/// @file
/// The best structures of a campaign for people who look at a terminal.
#pragma once

#include <filesystem>

#include "campaign/top.hpp"
#include "storage/campaign_store.hpp"

namespace hullscan::cli {

void print_top(const TopList& list);

/// Of a campaign without results whose model has scored: the ten best, and why the files of results are empty.
/// Nothing where there are results, or where no model ranks.
void print_ranking_without_results(const CampaignView& view, const std::vector<SearchSpace>& spaces,
                                   const CampaignStore& store, const Report& report,
                                   const std::filesystem::path& directory);

}  // namespace hullscan::cli
