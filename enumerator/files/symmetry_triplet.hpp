/// @file
/// Symmetry operations written as coordinates, "x-y,x,z+1/2".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/parent_crystal.hpp"

namespace hullscan {

/// Translations are in [0, 1) and multiples of 1/24 are exact. Accepts upper case, spaces, "1/2", "0.5", ".5", either
/// order, a number before it ("3 -x,y,z"), and twelve numbers: the rows of the rotation, each with its translation or
/// all before it.
/// @throws FormatError saying at which character and why.
SymmetryOperation parse_triplet(std::string_view text);

/// "x,y,z,+1" and "x1,x2,x3,x4+1/2" without what follows the third coordinate: magnetic and superspace operations.
std::string first_three_coordinates(std::string_view text);

/// "x-y,x,z+1/2": shortest form, terms before the fraction.
std::string triplet_text(const SymmetryOperation& operation);

}  // namespace hullscan
