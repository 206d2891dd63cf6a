/// @file
/// The lowest configurations of one composition without visiting all of them: branch and bound over a lattice
/// polynomial. The same answer as the full scan, or, stopped, what was found with a proven bound on everything else.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <vector>

#include "core/work_unit.hpp"
#include "enumerator/orbits/orbit_enumerator.hpp"
#include "surrogates/lattice/branch_scorer.hpp"

namespace hullscan {

struct BestSearchRequest {
  std::shared_ptr<const GroupAction> action;
  CompositionCounts counts;
  EnumerationOptions options;
  std::shared_ptr<const BranchTables> tables;  ///< about the background of the composition's search order
  std::int64_t atoms = 0;                      ///< of the supercell with this composition; > 0
  std::size_t count = 100;
  Stratum stratum;
  std::uint64_t seed = 1;            ///< of the descents that find a first answer
  std::function<bool()> stop_asked;  ///< asked every few thousand nodes; may be empty
  std::uint64_t most_nodes = std::numeric_limits<std::uint64_t>::max();  ///< stopped then, at the same place every time
};

struct BestSearchResult {
  std::vector<Candidate> best;  ///< best first, by better(); scores in 1e-9 eV per atom as in a full scan
  bool proven = false;          ///< nothing outside `best` is better than its last
  double bound_ev_per_atom =
      0;  ///< no configuration outside `best` is lower: if proven the last score, or infinite if all are in it
  std::uint64_t nodes = 0;
};

/// Sets of sites grow in ascending order, stage by stage of the search order; sets that an operation of the group
/// makes smaller are cut off near the root. A node is cut if even the sum of the lowest fields, each with half of its
/// lowest couplings to as many others as are still to be placed, is above the worst that is kept; triplets enter with
/// their negative parts. A first answer comes from descents by exchange of two sites. At the root a second bound
/// replaces the occupation by a vector on the sphere it lies on (a quadratic form's minimum there is exact), which
/// holds for pairs. Same request, same answer unless it is stopped.
BestSearchResult search_best(const BestSearchRequest& request);

}  // namespace hullscan
