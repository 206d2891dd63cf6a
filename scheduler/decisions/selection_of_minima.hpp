/// @file
/// The lowest of every composition: for phases that compete, of which the one that is higher at every composition has
/// no configuration near the hull and is to be computed all the same.
#pragma once

#include "scheduler/decisions/selection.hpp"

namespace hullscan {

/// The lowest prediction of every reduced composition of every space, then the second lowest of every one, and so on;
/// what has no prediction comes last.
std::vector<std::size_t> select_composition_minima(std::span<const Prospect> prospects, std::size_t count);

}  // namespace hullscan
