/// @file
/// What the report draws against composition besides the hull: ensembles of the calculated configurations (cell
/// parameters, energies, finite temperature), voltages, hulls of other settings, and the hull at a temperature.
#pragma once

#include "analysis/report/report_content.hpp"

namespace hullscan {

/// Fills everything of the report that follows from its content and its hull: finish_report calls them in this order.
void split_references(Report& report, std::span<const HullEntry> entries);  ///< other_hulls out of content.references
/// The metal of the working ion beside a host that is not a mix of elements (LiNiO2–NiO2) is the voltage's zero, not a
/// competing phase: it would only make Li–NiO2 of the picture. With entries of every element it stays.
void set_ion_metal_aside(Report& report, std::span<const HullEntry> entries);
/// Predictions are against the end members of the campaign's own entries; references may have brought others. Moves
/// every prediction to the report's. @param entries the campaign's.
void move_predictions(Report& report, std::span<const HullEntry> entries);
/// Says why, and removes what is none, wherever degeneracies are not of one common cell: report_free_energies.cpp.
void judge_free_energies(Report& report);
void add_ensembles(Report& report);  ///< axes, ensembles, x of measured points
void add_voltages(Report& report);
void add_cuts(Report& report);
void add_free_energy_hulls(Report& report);    ///< report_free_energies.cpp
void add_hull_of_predictions(Report& report);  ///< hull energies of compositions, candidates

}  // namespace hullscan
