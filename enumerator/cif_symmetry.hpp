/// @file
/// The symmetry operations that a CIF data block states: listed, else by Hall symbol, else by Hermann–Mauguin symbol,
/// else by number, else none.
#pragma once

#include <string>
#include <vector>

#include "core/lattice.hpp"
#include "core/parent_crystal.hpp"
#include "enumerator/cif_document.hpp"

namespace hullscan {

struct CifSymmetry {
  std::vector<SymmetryOperation> operations;  ///< a group modulo translations, identity first; translations in [0, 1)
  std::string stated_by;                      ///< for messages: "12 listed operations", "Hermann–Mauguin symbol \"P n m a\""
  std::string doubt;                          ///< what else it may have meant, or empty
};

/// @throws FormatError `file:line:column: …`: unreadable or unknown symbols, operations that are no group or do not fit
/// the lattice.
CifSymmetry symmetry_of_cif(const CifBlock& block, const std::string& file_name, const Lattice& lattice);

}  // namespace hullscan
