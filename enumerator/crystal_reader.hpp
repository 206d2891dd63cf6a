/// @file
/// Reads a crystal, with labels and partial occupancies, from CIF, POSCAR/CONTCAR or extended XYZ.
/// The format is known by the file's name, else by its content.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/crystal.hpp"

namespace hullscan {

/// @param block CIF data block, without "data_"; empty: the only one that holds a structure. Ignored by other formats.
/// @throws FormatError `file:line:column: …` for anything that does not describe one crystal beyond doubt: a cell whose
/// content contradicts the file's own formula is refused, not repaired.
Crystal read_crystal(const std::filesystem::path& file, const std::string& block = "");

/// The data blocks of a CIF file in order, without "data_".
std::vector<std::string> cif_block_names(const std::filesystem::path& file);

}  // namespace hullscan
