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
  std::uint64_t seed = 1;            ///< of the annealing that finds a first answer
  std::function<bool()> stop_asked;  ///< asked every few thousand nodes, by one thread at a time; may be empty
  std::uint64_t most_nodes = std::numeric_limits<std::uint64_t>::max();  ///< stopped then, at the same place every time
  std::size_t threads = 1;                                               ///< the same answer for any number
  std::function<std::size_t()> more_threads = {};  ///< beside these, asked from time to time; may be empty
};

struct BestSearchResult {
  std::vector<Candidate> best;  ///< best first, by better(); scores in 1e-9 eV per atom as in a full scan
  bool proven = false;          ///< nothing outside `best` is better than its last
  double bound_ev_per_atom =
      0;  ///< no configuration outside `best` is lower: if proven the last score, or infinite if all are in it
  std::uint64_t nodes = 0;
};

/// Simulated annealing finds a first answer. The energy is then written as a constant and terms that are never negative
/// (best/squares_bound.hpp), first with few and, if a short search proves nothing, with many parameters. A tree in
/// which site after site is decided (best/site_branches.hpp) is explored in rounds: the open branches of the lowest
/// bounds, each up to so many nodes, with the worst that was kept before the round as limit; so neither the answer nor
/// a bound of a search stopped by nodes depends on the threads. Same request, same answer unless the clock stops it.
BestSearchResult search_best(const BestSearchRequest& request);

}  // namespace hullscan
