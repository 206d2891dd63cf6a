/// @file
/// How many sites of every sublattice every species takes.
#pragma once

#include <compare>
#include <vector>

namespace hullscan {

/// Exact counts of one composition in one supercell.
struct CompositionCounts {
  /// [sublattice][index into the sublattice's `allowed`]; a row sums to the sublattice's number of sites.
  std::vector<std::vector<int>> of_sublattice;
  friend bool operator==(const CompositionCounts&, const CompositionCounts&) = default;
  friend auto operator<=>(const CompositionCounts&, const CompositionCounts&) = default;
};

}  // namespace hullscan
