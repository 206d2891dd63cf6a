/// @file
/// Ridge regression that a few wrong targets do not spoil.
#pragma once

#include "surrogates/regression/ridge.hpp"

namespace hullscan {

/// Tukey's bisquare weight: (1 - (r / c)²)² within c, 0 beyond. c = 4.685 deviations keeps 95 % of the efficiency where
/// the errors are normal (Holland & Welsch, Commun. Stat. Theory Methods 6, 813 (1977)).
double bisquare_weight(double residual, double cutoff);

/// What the rows of a problem should weigh, by iteratively reweighted least squares: their weights times the bisquare
/// of their studentised residuals (times error_scale), the deviation being 1.4826 medians of these. Studentised,
/// r / sqrt(1 - h), a row is neither blamed for its leverage nor hidden by it. The least that a row keeps is 10^-4 of
/// its weight, so that a column that it alone has stays determined. Rows of error_scale 0 keep their weight: nothing
/// can be said against them. The weights themselves where the rows are fewer than twice the columns or than 10: then
/// residuals do not tell a wrong target from a coefficient.
/// @returns [labels]. Cost: at most 20 fits.
Eigen::VectorXd robust_weights(RidgeProblem problem);

}  // namespace hullscan
