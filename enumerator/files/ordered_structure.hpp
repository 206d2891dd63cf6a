/// @file
/// A crystal without mixed sites, as a calculation sees it.
#pragma once

#include "core/crystal.hpp"
#include "core/structure.hpp"

namespace hullscan {

/// @throws FormatError if a site holds several species, or one not wholly, or there are no atoms.
Structure ordered_structure(const Crystal& crystal);

}  // namespace hullscan
