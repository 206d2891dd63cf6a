/// @file
/// Low configurations of a composition before anything is proven: simulated annealing by exchanges of two sites.
/// Internal to workers.
#pragma once

#include <cstdint>
#include <functional>

#include "workers/best/composition_energy.hpp"

namespace hullscan::detail {

struct AnnealingRequest {
  std::uint64_t seed = 1;
  std::size_t replicas = 8;
  std::function<bool()> stop_asked;  ///< asked between replicas; may be empty
  /// Above this, in eV of the cell, nothing is taken any more.
  std::function<double()> limit_ev;
  std::function<void(const SiteOptions&)> take;
};

/// The end of every replica, and those neighbours of it (one exchange away) that are below the limit, are taken. Draws
/// are counted, not the clock: the same configurations every time, unless it is stopped.
/// Source: Kirkpatrick, Gelatt & Vecchi, Science 220, 671 (1983).
void anneal(const CompositionEnergy& energy, const AnnealingRequest& request);

}  // namespace hullscan::detail
