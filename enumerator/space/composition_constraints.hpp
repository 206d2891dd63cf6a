/// @file
/// Whether a composition meets a linear constraint of the campaign file.
#pragma once

#include "core/campaign/campaign.hpp"
#include "enumerator/orbits/composition_counts.hpp"

namespace hullscan {

/// Left side minus right side of the constraint agrees with its relation.
bool satisfies(const LinearConstraint& constraint, const ParentCrystal& parent, const CompositionCounts& counts);

}  // namespace hullscan
