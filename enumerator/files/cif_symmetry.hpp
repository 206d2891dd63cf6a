/// @file
/// The symmetry operations that a CIF data block states: listed (magnetic and superspace ones too, without time
/// reversal and modulation), else by Hall symbol, else by Hermann–Mauguin symbol, else by number, else by magnetic
/// group, else none.
#pragma once

#include <string>
#include <vector>

#include "core/lattice.hpp"
#include "core/parent_crystal.hpp"
#include "enumerator/files/cif_document.hpp"
#include "enumerator/files/reading_warnings.hpp"

namespace hullscan {

struct CifSymmetry {
  std::vector<SymmetryOperation> operations;  ///< a group modulo translations, identity first; translations in [0, 1)
  std::string stated_by;  ///< for messages: "12 listed operations", "Hermann–Mauguin symbol \"P n m a\""
  std::string setting;    ///< "origin 2", "setting P 1 2_1/n 1", where the file leaves a choice; or empty
};

/// What the block may mean: one, or, where a symbol or a number leaves open which origin or axes, the usual one
/// first. All fit the lattice.
/// @throws FormatError `file:line:column: …`: unreadable or unknown symbols, operations that are not a group or do not
/// fit the lattice.
std::vector<CifSymmetry> symmetries_of_cif(const CifBlock& block, const std::string& file_name, const Lattice& lattice,
                                           ReadingWarnings& warnings);

/// The number of the space group that the block names, 0 if none: for the shape of a cell that is not given in full.
int space_group_number_of_cif(const CifBlock& block);

/// Where the block states its symmetry by symbol or number; nullptr if it does not.
const CifValue* symmetry_symbol_of_cif(const CifBlock& block);

}  // namespace hullscan
