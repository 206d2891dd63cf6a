/// @file
/// The files of a campaign's report.
#pragma once

#include <filesystem>

#include "analysis/entries/json_writer.hpp"
#include "analysis/report/report_content.hpp"

namespace hullscan {

/// What only the files show and a search for the best does not need: crystals and kept validations.
void complete_report(const std::filesystem::path& directory, Report& report);

/// report.html, report.json, hull.csv, entries.json, structures.extxyz, and paths.csv where paths are scored, under
/// DIR/report. A file that would not change is not touched. The log warns of what a reader of the numbers must know.
/// @throws StorageError.
void write_report(const std::filesystem::path& directory, const Report& report);

/// Final structures with energies, hull distances and where they come from, one extXYZ frame each.
void write_structures_extxyz(const Report& report, const TextSink& out);

}  // namespace hullscan
