/// @file
/// A crystal from the items of one CIF data block.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/crystal.hpp"
#include "enumerator/files/reading_warnings.hpp"

namespace hullscan {

/// What contradicts itself without making the crystal doubtful is a warning with both values: a formula, a
/// multiplicity, a symbol. Atoms on one place, occupancies above 1, and operations that are not a group or do not fit
/// the cell are refused.
/// @param block without "data_", or its number from 1; empty: the first that holds a structure. See read_crystal.
/// @throws FormatError
Crystal crystal_from_cif(const std::string& text, const std::string& file_name, const std::string& block,
                         ReadingWarnings& warnings);

/// The crystal of every block that holds one, with the block's name, in order.
/// @throws FormatError with what is wrong in every block.
std::vector<std::pair<std::string, Crystal>> crystals_from_cif(const std::string& text, const std::string& file_name,
                                                               ReadingWarnings& warnings);

}  // namespace hullscan
