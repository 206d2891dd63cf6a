#include "core/campaign.hpp"

namespace hullscan {}  // namespace hullscan
