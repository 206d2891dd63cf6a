/// @file
/// A crystal from VASP's POSCAR or CONTCAR. Version 4, which names no elements, is refused.
#pragma once

#include <string>

#include "core/crystal.hpp"

namespace hullscan {

/// Labels are element and running number. Selective-dynamics flags, velocities and predictor-corrector lines are ignored.
/// @throws FormatError `file:line:column: …`
Crystal crystal_from_poscar(const std::string& text, const std::string& file_name);

}  // namespace hullscan
