/// @file
/// What relaxations became: their structures mapped to the orbits of the campaign's spaces.
#pragma once

#include <memory>
#include <vector>

#include "enumerator/space/search_space.hpp"
#include "scheduler/campaign_view.hpp"

namespace hullscan {

/// @param spaces must outlive it and stay where they are.
std::shared_ptr<RelaxedOrbits> relaxed_orbits(const std::vector<SearchSpace>& spaces);

}  // namespace hullscan
