/// @file
/// Whether a crystal's lattice is face-centred, for the k-point grids of named sets.
#pragma once

#include "core/structure.hpp"

namespace hullscan::vasp {

/// The lattice of all translations that leave the crystal as it is (to 1e-3 Å; those of the cell among them) has a
/// face-centred cell of right angles: cubic (three equal edges) or orthorhombic (three different ones). Two equal edges
/// would be a body-centred tetragonal lattice. The cell given may be any cell of the crystal.
bool is_face_centred(const Structure& structure);

}  // namespace hullscan::vasp
