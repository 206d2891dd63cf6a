/// @file
/// What the surrogate said against what the calculation said, of a report with a hull.
#pragma once

#include <optional>
#include <vector>

#include "analysis/report/report_content.hpp"

namespace hullscan {

struct Parity {
  struct Pair {
    double calculated_ev_per_atom = 0, predicted_ev_per_atom = 0;  ///< formation energies
  };
  std::vector<Pair> pairs;  ///< in the order of the entries
  double mae_ev_per_atom = 0, rmse_ev_per_atom = 0;
};

/// Nothing without a hull or without a prediction.
std::optional<Parity> parity_of(const Report& report);

}  // namespace hullscan
