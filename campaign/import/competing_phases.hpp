/// @file
/// Phases from elsewhere that lie in no space of the campaign and compete on its hull. The campaign's database holds
/// them, as text in our format of entries; DIR/imports/competing.json is its copy for people and other programs.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "analysis/hull/hull.hpp"
#include "core/json.hpp"
#include "storage/campaign_store.hpp"

namespace hullscan {

inline constexpr const char* kImportsFolder = "imports";
inline constexpr const char* kCompetingFile = "competing.json";

struct CompetingPhase {
  HullEntry entry;
  std::string source;    ///< "mp.json: mp-81", for the report
  std::string why;       ///< why it is none of the campaign's configurations
  Json provenance = {};  ///< file, hash, date, who
};

/// In the order in which they came. @throws StorageError if what is stored is damaged.
[[nodiscard]] std::vector<CompetingPhase> competing_phases(const CampaignStore& store);
/// The same as entries.
[[nodiscard]] std::vector<HullEntry> competing_entries(const CampaignStore& store);
/// The fact that remembers them, as Import::facts takes it.
[[nodiscard]] std::pair<std::string, std::string> fact_competing_phases(const std::vector<CompetingPhase>& phases);
/// Writes the copy, durably. Nothing is written where there was never a phase.
void write_competing_copy(const std::filesystem::path& directory, const CampaignStore& store);

}  // namespace hullscan
