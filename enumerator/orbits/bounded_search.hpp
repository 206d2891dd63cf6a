/// @file
/// All orbits of a composition, if a limited amount of work finds them: for compositions whose size no formula tells,
/// which are those with minimum distances. The search prunes by the distances, so it may be done in a moment where
/// almost no random colouring is allowed.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "enumerator/orbits/orbit_enumerator.hpp"

namespace hullscan {

/// Visits every orbit in search order, as OrbitEnumerator does.
/// @param steps most inner nodes of the search, and most orbits. Some 10^7 a second; the same on every machine.
/// @param visit may be empty: only counted.
/// @returns nothing if that was not enough; what was visited by then is the beginning of the search order.
std::optional<EnumerationOutcome> enumerate_within(std::uint64_t steps,
                                                   const std::shared_ptr<const GroupAction>& action,
                                                   const CompositionCounts& counts, const EnumerationOptions& options,
                                                   const std::function<void(const Orbit&)>& visit = {});

}  // namespace hullscan
