/// @file
/// What a campaign file says of its second stage: `restrict` of a space. Read by campaign.cpp.
#pragma once

#include <vector>

#include "core/campaign/campaign.hpp"
#include "core/campaign/settings.hpp"

namespace hullscan {

RestrictSpec read_restriction(const SettingsTable& table, Problems& problems);

/// Whether each restricted space is judged by one that is there, knows its species, and is not a second stage itself.
void check_restrictions(const std::vector<SpaceSpec>& spaces, Problems& problems);

}  // namespace hullscan
