/// @file
/// Supercell matrices in Hermite normal form, and those of them that symmetry does not make equal.
/// Source: Hart & Forcade, Phys. Rev. B 77, 224115 (2008), sections II and III.
#pragma once

#include <vector>

#include "core/parent_crystal.hpp"
#include "core/supercell.hpp"

namespace hullscan {

/// The one basis of the lattice spanned by the rows of `matrix` that is lower triangular with a positive diagonal and
/// 0 <= H(i,j) < H(j,j) for j < i. Two matrices span the same lattice exactly if their forms are equal.
/// @throws InputError if the matrix is singular.
SupercellMatrix hermite_normal_form(const SupercellMatrix& matrix);

/// Every Hermite normal form of determinant `volume`, sorted by its rows.
/// @throws InputError if volume < 1.
std::vector<SupercellMatrix> hermite_normal_forms(int volume);

/// The supercells of `volume` reference cells, one of each set that the point group of the primitive crystal maps onto
/// each other: the smallest Hermite normal form of the set, over the reference cell; sorted.
/// @throws InputError if volume < 1. Cost: O(number of forms * |point group|).
std::vector<SupercellMatrix> distinct_supercells(const ParentCrystal& parent, int volume);

}  // namespace hullscan
