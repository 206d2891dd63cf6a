/// @file
/// What several subcommands do first: read the campaign file and build its spaces.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/campaign.hpp"
#include "enumerator/search_space.hpp"

namespace hullscan::cli {

struct LoadedCampaign {
  Campaign campaign;
  std::vector<SearchSpace> spaces;  ///< one for each campaign.spaces
};

/// @throws InputError, FormatError with every problem found.
LoadedCampaign load_campaign(const std::filesystem::path& file);

/// "[[2,0,0],[0,2,0],[0,0,2]]", or "2×2×2" where the matrix is diagonal.
std::string matrix_text(const SupercellMatrix& matrix);

}  // namespace hullscan::cli
