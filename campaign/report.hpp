/// @file
/// A campaign's report made from its store: filled in here, laid out by analysis.
#pragma once

#include <filesystem>

#include "analysis/entries/json_writer.hpp"
#include "analysis/report/report_content.hpp"
#include "campaign/resolved_campaign.hpp"
#include "storage/campaign_store.hpp"

namespace hullscan {

Report make_report(const CampaignView& view, const std::vector<SearchSpace>& spaces, const CampaignStore& store);

/// report.html, report.json, hull.csv, entries.json, structures.extxyz under DIR/report. A file that would not change
/// is not touched. @throws StorageError.
void write_report(const std::filesystem::path& directory, const Report& report);

/// Final structures with energies, hull distances and where they come from, one extXYZ frame each.
void write_structures_extxyz(const Report& report, const TextSink& out);

}  // namespace hullscan
