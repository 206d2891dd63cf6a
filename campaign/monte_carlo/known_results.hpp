/// @file
/// What a campaign that has run knows and a walk should: the phases on its hull, and the labels of its models.
#pragma once

#include <filesystem>
#include <vector>

#include "campaign/monte_carlo/monte_carlo_plan.hpp"

namespace hullscan {

struct KnownResults {
  HullPhases phases;                               ///< none where there is no hull
  std::vector<std::vector<Configuration>> labels;  ///< [space]
};

/// @throws StorageError.
KnownResults known_results(const std::filesystem::path& directory);

}  // namespace hullscan
