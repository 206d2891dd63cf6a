/// @file
/// The entries of a report for other programs: a table, and one structure file each.
#pragma once

#include <filesystem>
#include <string>

#include "analysis/report/report_content.hpp"

namespace hullscan {

/// A line for each entry; energies against the hull are empty where there is none.
std::string entries_csv(const Report& report);

enum class StructureFormat { kCif, kPoscar };

/// One file for each entry that has a structure, "ID_FORMULA.cif" or ".vasp", in a folder that must not exist yet.
/// @returns how many. @throws StorageError.
int write_structure_files(const Report& report, const std::filesystem::path& folder, StructureFormat format);

}  // namespace hullscan
