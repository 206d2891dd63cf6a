/// @file
/// Exact counts of a campaign's configurations: by closed forms, by enumeration only where minimum distances leave
/// none or where space groups are asked for. What enumerating all would cost is enumeration_cost.hpp's.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "core/big_integer.hpp"
#include "enumerator/crystal/looser_symmetry.hpp"
#include "enumerator/space/strata.hpp"

namespace hullscan {

/// By space-group number.
using SpaceGroupCounts = std::map<int, OrbitCount>;

/// A composition round one orbit of marked objects.
struct MarkerCount {
  SpaceStratum stratum;
  std::optional<OrbitCount> count;  ///< nothing where no closed form exists
};

struct CompositionCount {
  SpaceStratum first;  ///< of the composition's strata, which differ in their markers alone
  OrbitCount count;
  SpaceGroupCounts space_groups;     ///< sum to `count`; empty unless asked for
  std::vector<MarkerCount> markers;  ///< empty where the space marks nothing
};

struct SupercellCount {
  std::size_t supercell = 0;  ///< index into SearchSpace::supercells
  OrbitCount count;
  std::vector<CompositionCount> compositions;
};

struct SpaceCount {
  const SearchSpace* space = nullptr;
  std::vector<SupercellCount> supercells;
  std::optional<LooserSymmetry> looser;
};

struct CampaignCount {
  OrbitCount count;
  std::vector<SpaceCount> spaces;
  SpaceGroupCounts space_groups;  ///< of all; empty unless asked for
};

/// In the order of Strata.
/// @param spaces must outlive the result.
/// @param space_groups whether each composition is shared out among the space groups of its configurations, which
///        enumerates all of them.
/// @param counted is told, after each composition, how many orbits have been counted; may be empty.
/// @throws InputError if what minimum distances leave of a composition takes too long to count, unless space groups
///         are asked for.
CampaignCount count_campaign(std::span<const SearchSpace> spaces, bool space_groups,
                             const std::function<void(const BigInteger&)>& counted = {});

}  // namespace hullscan
