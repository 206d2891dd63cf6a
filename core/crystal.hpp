/// @file
/// A crystal as a structure file describes it: sites with labels and (partial) occupancies, all of one unit cell.
/// Symmetry is not part of it; it is found later, from the coordinates.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/lattice.hpp"
#include "core/species.hpp"

namespace hullscan {

struct Occupant {
  Species species;
  double occupancy = 1.0;                 ///< (0, 1]
  std::optional<double> oxidation_state;  ///< if the file says one
  friend bool operator==(const Occupant&, const Occupant&) = default;
};

struct CrystalSite {
  std::string label;                           ///< from the file ("Pb1"), else element and running number
  Fractional position;                         ///< in [0, 1)
  std::vector<Occupant> occupants;             ///< sorted by species; occupancies sum to 1, the vacancy included
  std::vector<std::string> other_labels = {};  ///< of further sites listed at the same place: a mixed site has several
};

struct Crystal {
  Lattice lattice;
  std::vector<CrystalSite> sites;  ///< every site of the cell; images of one listed site stand together, in file order
  std::string source;              ///< file (and data block) it was read from
};

}  // namespace hullscan
