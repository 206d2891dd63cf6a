#include "core/parent_crystal.hpp"

#include <Eigen/LU>
#include <algorithm>

namespace hullscan {

Lattice ParentCrystal::primitive_lattice() const {
  return Lattice(cell_in_primitive.cast<double>().inverse() * lattice.rows());
}

std::vector<Species> ParentCrystal::formula_order() const {
  std::vector<Species> order;
  const auto append = [&](Species species) {
    if (!species.is_vacancy() && std::find(order.begin(), order.end(), species) == order.end())
      order.push_back(species);
  };
  for (const ParentSite& site : sites) {
    if (site.sublattice == kFixedSite) {
      append(site.fixed_species);
    } else {
      for (const Species species : sublattices[static_cast<std::size_t>(site.sublattice)].allowed) append(species);
    }
  }
  return order;
}

}  // namespace hullscan
