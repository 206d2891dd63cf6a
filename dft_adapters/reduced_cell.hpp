/// @file
/// The same crystal by shorter lattice vectors. Supercells come as Hermite normal forms, often long and skewed; a
/// k-point grid along such vectors is dense in the wrong places and lacks the crystal's symmetry.
#pragma once

#include "core/structure.hpp"

namespace hullscan {

/// Vectors are replaced by the sum or difference with the others as long as that makes them shorter: the result is
/// Minkowski-reduced (|a_i| <= |a_i + n·a_others| for coefficients -1, 0, 1, which suffices in three dimensions:
/// Nguyen & Stehlé, ACM Trans. Algorithms 5, 46 (2009)). Handedness, orientation and order of atoms are kept; a cell
/// that is reduced comes back as it is. Same argument, same bits.
Structure with_reduced_cell(const Structure& structure);

}  // namespace hullscan
