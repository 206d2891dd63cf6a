/// @file
/// How far a relaxation has taken a structure from the sites of its lattice, where the atoms are known one by one.
/// enumerator/mapping/lattice_mapping.hpp finds the sites of a structure of which nothing is known.
#pragma once

#include <optional>

#include "core/structure.hpp"

namespace hullscan {

struct LatticeDeparture {
  double rms_displacement_angstrom = 0;  ///< of the atoms from their sites, in the relaxed structure's strained lattice
  double shear_strain = 0;               ///< as LatticeMapping::shear_strain
  double largest_displacement_angstrom = 0;  ///< of one atom
};

/// Beyond this a structure has left the lattice: its energy says nothing of the configuration it came from.
inline constexpr double kOffLatticeAngstrom = 0.25;
/// Half the strain from bcc to fcc (Bain's, 0.30): beyond it a cell belongs to another lattice.
inline constexpr double kOffLatticeShear = 0.15;

/// An atom this far from its site may be on another one: about half the distance of neighbouring sites.
inline constexpr double kHopAngstrom = 1.0;

/// @param sites the structure a calculation began with. @param relaxed its end: the same atoms in the same order, its
///        cell in any basis of the lattice, rotated a little or not, the origin anywhere. Layers: with any vacuum.
/// @returns nothing where the lattices have no common basis: strained beyond recognition.
std::optional<LatticeDeparture> lattice_departure(const Structure& sites, const Structure& relaxed);

/// Its energy says nothing of the configuration it came from.
bool left_lattice(const std::optional<LatticeDeparture>& departure);

}  // namespace hullscan
