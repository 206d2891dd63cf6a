#include "core/protocol.hpp"

namespace hullscan {}  // namespace hullscan
