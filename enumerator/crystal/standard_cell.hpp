/// @file
/// The symmetry that an ordered structure has by its coordinates, and its cell as International Tables set it.
#pragma once

#include <optional>
#include <string>

#include "core/structure.hpp"

namespace hullscan {

/// @returns 1 to 230; nothing where no symmetry is found at this tolerance (atoms closer than it).
std::optional<int> space_group_number(const Structure& structure, double symprec_angstrom);

enum class StandardCell { kConventional, kPrimitive };

/// The same crystal in the standard setting of its space group, with positions and lattice freed of what is within the
/// tolerance (spglib: spg_standardize_cell). The number of atoms may change; atoms of a species stand together.
/// @param[out] why the reason where nothing is returned.
std::optional<Structure> standardised(const Structure& structure, StandardCell cell, double symprec_angstrom,
                                      std::string& why);

struct SymmetricCell {
  int space_group_number = 1;
  Structure conventional;
};
/// Space group and conventional cell, by one search instead of two.
std::optional<SymmetricCell> symmetric_cell(const Structure& structure, double symprec_angstrom);

}  // namespace hullscan
