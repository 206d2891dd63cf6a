/// @file
/// The numbers of a tree as report.json gives them: energies, lengths and angles to 9 decimals; shares of end members
/// and entropies to 12. Whole numbers and texts stay.
#pragma once

#include "core/json.hpp"

namespace hullscan {

[[nodiscard]] Json published(Json tree);

}  // namespace hullscan
