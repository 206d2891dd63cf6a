/// @file
/// Work units of a campaign as the command line needs them: what runs them, and which of them make up one share of a
/// job array.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "campaign/resolved_campaign.hpp"
#include "enumerator/space/strata.hpp"
#include "storage/shard_archive.hpp"
#include "workers/unit_runner.hpp"

namespace hullscan {

/// Atoms by which a composition's predictions are multiplied in partition sums; 0 where something is marked: the value
/// of a path is not an energy of a configuration.
std::int64_t energy_atoms(const SpaceStratum& stratum);

/// What unit runners of a campaign are made of. @param spaces must outlive them. @param archive of this process.
UnitRunnerParts runner_parts(const Campaign& campaign, const std::vector<SearchSpace>& spaces,
                             const std::filesystem::path& directory, const std::string& identity,
                             const std::shared_ptr<ShardArchive>& archive);

/// One share of a campaign: number `index` (from 1) of `count`.
struct Part {
  int index = 1, count = 1;
  friend bool operator==(const Part&, const Part&) = default;
};
/// "3/8". @throws InputError.
Part parse_part(const std::string& text);
std::string to_string(const Part& part);

/// The pieces that a part searches. Large strata are cut, small ones go to one part whole; the parts together are the
/// whole space, each piece in one of them, and every machine cuts alike.
std::vector<WorkUnit> units_of_part(const CampaignView& view, const std::vector<SearchSpace>& spaces, const Part& part);

}  // namespace hullscan
