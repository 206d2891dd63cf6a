/// @file
/// Tie lines of a hull of any number of end members: the pairs of stable phases that are in equilibrium with each
/// other alone.
#pragma once

#include <utility>
#include <vector>

#include "analysis/hull/hull.hpp"

namespace hullscan {

/// Pairs of reduced compositions, each in the order of the entries; end members without an entry of their own are
/// there too. Where four phases share a facet, one or both of its diagonals.
/// Cost: a cut of the vertices' hull for each pair of vertices.
std::vector<std::pair<Composition, Composition>> hull_edges(const HullReport& report);

}  // namespace hullscan
