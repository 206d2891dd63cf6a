/// @file
/// The ranking of a campaign in which nothing was calculated: the model's candidates against each other.
#pragma once

#include "analysis/report/report_content.hpp"

namespace hullscan {

/// Whether the report's files hold candidates in the place of results: nothing was calculated and a model ranks.
bool holds_predictions(const Report& report);

/// Fills in ids, energies above the lowest of the composition in the same space, and, where the model's energies of
/// different compositions can be compared, energies against the end members and above the hull of the predictions.
/// Nothing where something was calculated.
void rank_predictions(Report& report);

/// Whether the predictions have a hull of their own: their energies of different compositions can be compared.
bool has_predicted_hull(const Report& report);
/// A report whose entries are the predictions, for what draws a hull; `entries_are_predicted` says so.
/// @pre has_predicted_hull(report)
Report report_of_predictions(const Report& report);

/// Why entries.json holds no predictions, a whole sentence.
inline constexpr const char* kNoPredictedEntries =
    "entries.json (pymatgen) and the OPTIMADE export stay empty: whoever reads them takes their energies for results.";

}  // namespace hullscan
