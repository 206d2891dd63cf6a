/// @file
/// How many candidates of every stratum a pass keeps.
#pragma once

#include <cstdint>

#include "scheduler/campaign_view.hpp"

namespace hullscan {

/// Of the configurations that a pass has kept so many are scored by a second model, where its [[surrogate]] does not
/// say `keep`.
inline constexpr std::int64_t kRefinedByDefault = 10'000;

/// Enough that whatever a round takes of one stratum is there even if all earlier rounds took from it too; and enough
/// for a second model, were its share twice that of an even spread. The same number for who runs a campaign, who makes
/// its database again and who joins its parts.
/// @param whole every stratum, of both stages.
std::uint32_t candidates_to_keep(const CampaignView& whole);

}  // namespace hullscan
