/// @file
/// Parts of report.json that its writers and the page's share.
#pragma once

#include "analysis/entries/json_writer.hpp"
#include "analysis/report/report_content.hpp"
#include "core/json.hpp"

namespace hullscan {

inline constexpr std::size_t kNoLimit = static_cast<std::size_t>(-1);

/// What a page may leave out of report.json.
struct ReportJsonOptions {
  std::vector<std::size_t> entries;        ///< which of the entries, ascending
  bool all_entries = true;                 ///< then `entries` says nothing
  std::size_t structure_bytes = kNoLimit;  ///< roughly, of the structures written, lowest first
  bool compositions = true;                ///< of the supercells
};

Json report_json(const Report& report, const ReportJsonOptions& options);
/// A list with one element a line.
void write_json_lines(std::size_t count, const std::function<std::string(std::size_t)>& element, const TextSink& out);
Json or_null(const std::optional<double>& value);
Json matrix_json(const SupercellMatrix& matrix);
Json structure_json(const Structure& structure);

// report_curves_json.cpp
Json ensembles_json(const Report& report);
Json voltages_json(const Report& report);
Json measured_json(const Report& report);
Json coefficients_json(const Report& report);
Json candidates_json(const Report& report);
Json other_hulls_json(const Report& report);
Json validations_json(const Report& report);
Json path_models_json(const Report& report);

/// report_page.cpp: what the page holds: report.json, or, where that would be too much, its best entries in full and
/// the rest as packed points.
Json page_json(const Report& report);

}  // namespace hullscan
