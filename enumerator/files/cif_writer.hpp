/// @file
/// Ordered structures as CIF. Same arguments, same bytes. POSCAR and extended XYZ: core/structure_files.
#pragma once

#include <string>

#include "core/structure.hpp"

namespace hullscan {

/// One data block in P1. A CIF holds cell lengths and angles, so the orientation in space is lost; distances are kept.
/// @param name of the data block; characters that a block name may not hold become '_'.
std::string to_cif(const Structure& structure, const std::string& name);

}  // namespace hullscan
