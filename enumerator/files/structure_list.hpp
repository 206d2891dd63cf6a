/// @file
/// The key `structures` of a [[space]]: a file of many structures, or a folder of files.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/crystal.hpp"
#include "core/structure.hpp"

namespace hullscan {

struct ListedCrystal {
  std::size_t number = 0;  ///< in the list, from 1
  std::string name;        ///< of its file in a folder ("LiNiO2_P21c"), else its number; unique, fit for a file name
  std::filesystem::path file;  ///< that holds it
  std::string block;           ///< as read_crystal takes it
  std::shared_ptr<const Crystal> crystal;
  Structure structure;  ///< the same, ordered
};

/// @param list a CIF or extended XYZ file of any number of structures, or a folder whose structure files are taken in
/// the order of their names; other files in it are passed over.
/// @throws FormatError with what is wrong in any of them; InputError where there is no such place, or nothing in it.
std::vector<ListedCrystal> read_structure_list(const std::filesystem::path& list);

/// Where the files of a list are: itself, or the files in the folder that hold structures, by name.
std::vector<std::filesystem::path> files_of_structure_list(const std::filesystem::path& list);

}  // namespace hullscan
