/// @file
/// Special quasirandom structures by looking at every inequivalent configuration of the given supercells.
/// Cited: Zunger, Wei, Ferreira & Bernard, Phys. Rev. Lett. 65, 353 (1990).
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "enumerator/orbits/composition_counts.hpp"
#include "workers/sqs/correlations.hpp"

namespace hullscan {

/// Q = sum over orbits of two and more sites of weight * |correlation - target|, divided by the sum of the weights.
struct QuasirandomObjective {
  std::vector<double> targets;                       ///< [orbits]; usually random_correlations()
  std::array<double, 3> weights = {1.0, 0.5, 0.25};  ///< of every orbit of 2, 3 and 4 sites; >= 0
};

struct QuasirandomStructure {
  Configuration configuration;
  double objective = 0;
  std::vector<double> correlations;  ///< [orbits]
};

/// The `count` configurations with the lowest objective, proven: every inequivalent configuration with these counts is
/// visited. Configurations that are periods of a smaller supercell are left out, so those of distinct supercells
/// differ. Ties are kept in the order of supercells, then of the search. The same for any number of threads.
/// @param supercells of one volume, as distinct_supercells() gives them. @param counts of each of them.
/// @returns ascending; fewer than `count` if there are no more.
std::vector<QuasirandomStructure> best_quasirandom(const ClusterOrbits& orbits,
                                                   std::span<const SupercellMatrix> supercells,
                                                   const CompositionCounts& counts,
                                                   const QuasirandomObjective& objective, std::size_t count,
                                                   std::size_t threads);

}  // namespace hullscan
