/// @file
/// Runs a [[monte_carlo]]: chains of conditions over threads, kept in files after every point, so that the same line
/// goes on after any end; results as CSV and JSON.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "campaign/monte_carlo/monte_carlo_plan.hpp"
#include "campaign/resolved_campaign.hpp"
#include "core/json.hpp"

namespace hullscan {

struct MonteCarloOptions {
  std::filesystem::path directory;  ///< results go to directory/NAME
  std::size_t threads = 1;
  std::optional<std::chrono::steady_clock::time_point> deadline = {};
  std::vector<Configuration> labels = {};  ///< that the model was fitted to; where there are none, nothing is compared
};

struct MonteCarloResult {
  std::string name;
  bool finished = false;  ///< false: stopped by a signal or the deadline; the same line goes on
  Json json;              ///< what points.json holds
};

/// @pre the models are fitted. @throws InputError if directory/NAME was made with other keys or another model.
MonteCarloResult run_monte_carlo(const ResolvedCampaign& resolved, const MonteCarloPlan& plan,
                                 const MonteCarloOptions& options);

}  // namespace hullscan
