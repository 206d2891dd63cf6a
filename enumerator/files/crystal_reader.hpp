/// @file
/// Reads a crystal, with labels and partial occupancies, from CIF, POSCAR/CONTCAR or extended XYZ.
/// The format is known by the file's name, else by its content.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "core/crystal.hpp"

namespace hullscan {

/// @param block CIF data block, without "data_", or its number in the file; frame of an extended XYZ file, from 1.
/// Empty: the first that holds a structure, with a warning if there are others. Ignored for a POSCAR.
/// @throws FormatError `file:line:column: …` for what describes no crystal, or one with two atoms on one place.
/// What is suspicious but harmless is logged as a warning.
Crystal read_crystal(const std::filesystem::path& file, const std::string& block = "");

/// Every structure of a file: blocks of a CIF that hold one, frames of an extended XYZ file.
/// @returns each with what read_crystal takes as its `block`; "" where the file holds one. @throws FormatError with
/// what is wrong in every one.
std::vector<std::pair<std::string, Crystal>> read_crystals(const std::filesystem::path& file);

/// The data blocks of a CIF file in order, without "data_".
std::vector<std::string> cif_block_names(const std::filesystem::path& file);

}  // namespace hullscan
