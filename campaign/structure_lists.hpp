/// @file
/// Spaces that are lists of structures: generated candidates, structures of the literature. Each becomes a space of one
/// configuration, or an orbit of another space where it is one.
#pragma once

#include <vector>

#include "core/campaign/campaign.hpp"
#include "core/complaints.hpp"
#include "enumerator/space/search_space.hpp"

namespace hullscan {

/// The spaces of a campaign in their order. Lists move from campaign.spaces to campaign.lists, and their structures
/// stand in their place: a structure that lies on the lattice of another space that can hold it goes to
/// campaign.listed_orbits, one that is listed twice is left out.
/// What is wrong goes to `complaints`. @returns those that could be built; the campaign is as it was if one could not.
std::vector<SearchSpace> build_spaces(Campaign& campaign, RepeatRule rule, Complaints& complaints);

}  // namespace hullscan
