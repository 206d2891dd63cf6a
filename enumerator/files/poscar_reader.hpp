/// @file
/// A crystal from VASP's POSCAR or CONTCAR. Version 4 names no elements: they are taken from the comment line, with a
/// warning, where that names as many as there are counts; else it is refused.
#pragma once

#include <string>

#include "core/crystal.hpp"
#include "enumerator/files/reading_warnings.hpp"

namespace hullscan {

/// Labels are element and running number. Selective-dynamics flags, velocities and predictor-corrector lines are
/// ignored.
/// @throws FormatError `file:line:column: …`
Crystal crystal_from_poscar(const std::string& text, const std::string& file_name, ReadingWarnings& warnings);

}  // namespace hullscan
