/// @file
/// The primitive cell of an ordered structure that is not quite periodic in it, as relaxations leave it.
#pragma once

#include <vector>

#include "core/structure.hpp"

namespace hullscan {

struct PrimitiveStructure {
  Structure structure;    ///< in the orientation of the given one
  std::vector<int> atom;  ///< [atoms of `structure`] which atom of the given structure each is
};

/// The structure itself, if it is primitive.
/// @param tolerance_angstrom how far an atom may be from the translated one.
/// Cost: nothing where the counts of the species have no common divisor, else O(atoms^3) at most.
PrimitiveStructure primitive_structure(const Structure& structure, double tolerance_angstrom = 0.02);

}  // namespace hullscan
