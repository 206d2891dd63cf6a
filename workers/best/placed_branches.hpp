/// @file
/// The search of a dilute composition: few sites with another species than the background. Internal to workers.
#pragma once

#include <cstdint>
#include <functional>

#include "workers/best/composition_energy.hpp"

namespace hullscan::detail {

struct PlacedSearch {
  std::uint64_t most_nodes = 0;
  std::function<bool()> stop_asked;  ///< asked every few thousand nodes; may be empty
  std::function<double()> limit_ev;  ///< above which nothing is wanted
  std::function<void(const SiteOptions&)> take;
};

struct PlacedSearchResult {
  bool finished = false;  ///< else nothing that was not taken is below bound_ev, or it is above the limit
  double bound_ev = 0;
  std::uint64_t nodes = 0;
};

/// Where so few sites are placed that a tree of them is smaller than one that decides every site.
bool is_dilute(const CompositionEnergy& energy, const SearchOrder& order);

/// Sets of sites grow in ascending order, stage by stage of the search order; sets that an operation of the group makes
/// smaller are cut off near the root. A node is cut if even the sum of the lowest fields, each with half of its lowest
/// couplings to as many others as are still to be placed, is above the limit; triplets enter with their negative parts.
PlacedSearchResult search_placed(const CompositionEnergy& energy, const SearchOrder& order, const PlacedSearch& search);

}  // namespace hullscan::detail
