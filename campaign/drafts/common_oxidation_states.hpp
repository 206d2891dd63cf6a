/// @file
/// The common oxidation states of the elements.
#pragma once

#include <span>

#include "core/species.hpp"

namespace hullscan {

/// Commonest first; empty for noble gases, the vacancy, and elements beyond californium.
/// Source: Greenwood & Earnshaw, Chemistry of the Elements, 2nd ed. (Butterworth-Heinemann, 1997), the tables of
/// oxidation states of its chapters; the order, and states of the oxides of batteries and superconductors (Ni3+, V4+,
/// Ti3+, Mn3+, Co4+), by how often solids have them.
std::span<const int> common_oxidation_states(Species species);

}  // namespace hullscan
