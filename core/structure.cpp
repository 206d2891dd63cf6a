#include "core/structure.hpp"

#include <algorithm>
#include <limits>

namespace hullscan {

double Structure::shortest_distance_angstrom() const {
  if (species.empty()) return std::numeric_limits<double>::infinity();
  double shortest = lattice.shortest_vector_angstrom();
  for (std::size_t i = 0; i < positions.size(); ++i) {
    for (std::size_t j = i + 1; j < positions.size(); ++j) {
      shortest = std::min(shortest, lattice.distance_angstrom(positions[i], positions[j]));
    }
  }
  return shortest;
}

}  // namespace hullscan
