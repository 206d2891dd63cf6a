#include "workers/sqs/exact_search.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <limits>
#include <mutex>
#include <thread>

#include "enumerator/crystal/supercell_group.hpp"
#include "enumerator/orbits/orbit_enumerator.hpp"

namespace hullscan {
namespace {

using Found = std::vector<QuasirandomStructure>;

/// [orbits], summing to 1 unless all are 0.
std::vector<double> orbit_weights(const ClusterOrbits& orbits, const QuasirandomObjective& objective) {
  std::vector<double> weights;
  double sum = 0;
  for (const DecoratedOrbit& orbit : orbits.orbits()) {
    weights.push_back(orbit.sites.size() < 2 ? 0 : objective.weights[orbit.sites.size() - 2]);
    sum += weights.back();
  }
  for (double& weight : weights) weight = sum > 0 ? weight / sum : 0;
  return weights;
}

/// Orders only by the objective, so that the first of equal ones stays first.
void keep(Found& best, QuasirandomStructure one, std::size_t count) {
  const auto place =
      std::upper_bound(best.begin(), best.end(), one.objective,
                       [](double value, const QuasirandomStructure& other) { return value < other.objective; });
  best.insert(place, std::move(one));
  if (best.size() > count) best.pop_back();
}

Found best_of_supercell(const ClusterOrbits& orbits, const SupercellMatrix& matrix, const CompositionCounts& counts,
                        const QuasirandomObjective& objective, std::size_t count) {
  const auto supercell = std::make_shared<const Supercell>(orbits.parent_pointer(), matrix);
  const SupercellGroup group = group_of(*supercell);
  std::vector<int> sublattices;
  for (int i = 0; i < static_cast<int>(supercell->varied_sites().size()); ++i)
    sublattices.push_back(supercell->sublattice_of(i));
  const auto action =
      std::make_shared<const GroupAction>(group.permutations, sublattices, group.reference_translations);
  const CellCorrelations cell(orbits, *supercell);
  const std::vector<double> weights = orbit_weights(orbits, objective);

  Found best;
  std::vector<double> values;
  const OrbitEnumerator enumerator(action, counts, {.superperiodic = false});
  (void)enumerator.run({}, {}, [&](const Orbit& orbit) {
    cell.point_values(orbit.occupation, values);
    const double bound = best.size() < count ? std::numeric_limits<double>::infinity() : best.back().objective;
    double reached = 0;
    for (std::size_t o = 0; o < weights.size() && reached < bound; ++o) {
      if (weights[o] > 0) reached += weights[o] * std::abs(cell.correlation(o, values) - objective.targets[o]);
    }
    if (reached < bound) {
      const std::vector<std::uint8_t> occupation(orbit.occupation.begin(), orbit.occupation.end());
      keep(best, {{supercell, occupation}, reached, cell.correlations(occupation)}, count);
    }
    return true;
  });
  return best;
}

}  // namespace

std::vector<QuasirandomStructure> best_quasirandom(const ClusterOrbits& orbits,
                                                   std::span<const SupercellMatrix> supercells,
                                                   const CompositionCounts& counts,
                                                   const QuasirandomObjective& objective, std::size_t count,
                                                   std::size_t threads) {
  std::vector<Found> of_supercell(supercells.size());
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;
  std::exception_ptr failure;
  const auto work = [&] {
    try {
      for (std::size_t i = next++; i < supercells.size(); i = next++)
        of_supercell[i] = best_of_supercell(orbits, supercells[i], counts, objective, count);
    } catch (...) {
      const std::lock_guard lock(mutex);
      failure = std::current_exception();
      next = supercells.size();
    }
  };
  {
    std::vector<std::jthread> others;
    for (std::size_t t = 1; t < std::min(threads, supercells.size()); ++t) others.emplace_back(work);
    work();
  }
  if (failure) std::rethrow_exception(failure);

  Found best;
  for (Found& found : of_supercell) {
    for (QuasirandomStructure& one : found) keep(best, std::move(one), count);
  }
  return best;
}

}  // namespace hullscan
