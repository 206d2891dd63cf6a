#include "scheduler/decisions/selection_of_minima.hpp"

#include <cmath>

#include "scheduler/decisions/prospect_order.hpp"

namespace hullscan {

std::vector<std::size_t> select_composition_minima(std::span<const Prospect> prospects, std::size_t count) {
  // To 0.1 meV/atom, as in select_hull_distance.
  const auto energy = [&](std::size_t i) {
    return std::round(1e4 * prospects[i].predicted_formation_energy_ev_per_atom.value_or(1e6));
  };
  return one_of_every_composition(prospects, all_prospects(prospects), count, [&](std::vector<std::size_t>& members) {
    std::sort(members.begin(), members.end(), [&](std::size_t a, std::size_t b) {
      if (energy(a) != energy(b)) return energy(a) < energy(b);
      return more_symmetric(prospects[a], prospects[b]);
    });
  });
}

}  // namespace hullscan
