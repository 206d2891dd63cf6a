/// @file
/// The structures of a table of energies that names none, as data sets are published: files called by the rows' ids, in
/// the table's folder or one inside it, or a table beside it whose column `structures` holds CIF texts.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "campaign/import/energy_table.hpp"
#include "core/crystal.hpp"

namespace hullscan {

class StructuresOfIds {
 public:
  /// @param table its path. @param rows its rows. @throws InputError that says where structures were looked for.
  StructuresOfIds(const std::filesystem::path& table, const std::vector<EnergyRow>& rows);
  /// @throws FormatError for a structure that is none, or of a row without one.
  [[nodiscard]] Crystal of(std::size_t row) const;

 private:
  struct Text {
    int line = 0;
    std::string cif;
  };
  bool find_files(const std::filesystem::path& folder);
  bool find_table(const std::filesystem::path& beside);

  const std::vector<EnergyRow>& rows_;
  std::map<std::string, std::filesystem::path> files_;  ///< by id
  std::filesystem::path texts_of_;                      ///< the table of texts
  std::vector<Text> texts_;                             ///< [rows]
};

}  // namespace hullscan
