/// @file
/// What a campaign predicts composition by composition, for people who look at a terminal: every level of every space,
/// spaces against each other, and how wrong its models are.
#pragma once

#include "analysis/report/report_content.hpp"

namespace hullscan::cli {

/// Counts, mean degeneracy, and the predicted energies of every composition: their distribution over all configurations
/// and their Boltzmann average. Nothing where no composition has predictions or counts.
void print_levels(const Report& report);
/// Every pair of spaces that share compositions: lowest predictions and Boltzmann averages against each other.
void print_phase_differences(const Report& report);
/// Errors of the validations that the campaign keeps (`hullscan validate --into`), by group, over their repeats.
void print_validations(const Report& report);

}  // namespace hullscan::cli
