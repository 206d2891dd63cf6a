/// @file
/// An ordered periodic structure: what a DFT code sees. Vacancies are absences here.
#pragma once

#include <string>
#include <vector>

#include "core/composition.hpp"
#include "core/lattice.hpp"
#include "core/species.hpp"

namespace hullscan {

struct Structure {
  Lattice lattice;
  std::vector<Species> species;       ///< [atom_count], no vacancies
  std::vector<Fractional> positions;  ///< [atom_count]

  [[nodiscard]] std::size_t atom_count() const { return species.size(); }
  [[nodiscard]] Composition composition() const { return Composition::of(species); }
  /// Over all pairs of atoms and periodic images, an atom's own images included; Å. Infinity for no atoms.
  [[nodiscard]] double shortest_distance_angstrom() const;
  friend bool operator==(const Structure&, const Structure&) = default;
};

}  // namespace hullscan
