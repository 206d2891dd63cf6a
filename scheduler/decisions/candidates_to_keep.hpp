/// @file
/// How many candidates of every stratum a pass keeps.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/campaign/campaign.hpp"

namespace hullscan {

/// Enough that whatever a round takes of one stratum is there even if all earlier rounds took from it too.
inline std::uint32_t candidates_to_keep(const SelectSpec& select) {
  const int most = select.initial + select.per_round * std::max(1, select.rounds);
  return static_cast<std::uint32_t>(std::clamp(std::max({select.initial, select.per_round, most}), 32, 100'000));
}

}  // namespace hullscan
