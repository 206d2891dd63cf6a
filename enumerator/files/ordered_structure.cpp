#include "enumerator/files/ordered_structure.hpp"

#include <fmt/format.h>

#include "core/errors.hpp"

namespace hullscan {

Structure ordered_structure(const Crystal& crystal) {
  Structure structure{crystal.lattice, {}, {}};
  for (const CrystalSite& site : crystal.sites) {
    if (site.occupants.size() != 1)
      throw FormatError(
          fmt::format("{}: site {} is not wholly occupied by one element: this is no structure that has "
                      "one energy",
                      crystal.source, site.label));
    if (site.occupants[0].species.is_vacancy()) continue;
    structure.species.push_back(site.occupants[0].species);
    structure.positions.push_back(site.position);
  }
  if (structure.species.empty()) throw FormatError(crystal.source + ": it has no atoms");
  return structure;
}

}  // namespace hullscan
