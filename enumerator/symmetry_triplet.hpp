/// @file
/// Symmetry operations written as coordinates, "x-y,x,z+1/2".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/parent_crystal.hpp"

namespace hullscan {

/// Translations are in [0, 1) and multiples of 1/24 are exact. Accepts upper case, spaces, "1/2", "0.5", ".5", either order.
/// @throws FormatError saying at which character and why.
SymmetryOperation parse_triplet(std::string_view text);

/// "x-y,x,z+1/2": shortest form, terms before the fraction.
std::string triplet_text(const SymmetryOperation& operation);

}  // namespace hullscan
