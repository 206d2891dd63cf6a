/// @file
/// A crystal from the items of one CIF data block.
#pragma once

#include <string>

#include "core/crystal.hpp"

namespace hullscan {

/// @param block without "data_"; empty: the only one that holds a structure. See read_crystal.
/// @throws FormatError
Crystal crystal_from_cif(const std::string& text, const std::string& file_name, const std::string& block);

}  // namespace hullscan
