/// @file
/// Runs a [[monte_carlo]]: chains of conditions over threads and MPI ranks, kept in files after every point, so that
/// the same line goes on after any end; results as CSV and JSON.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "campaign/monte_carlo/monte_carlo_plan.hpp"
#include "campaign/resolved_campaign.hpp"
#include "core/json.hpp"
#include "workers/mpi_session.hpp"

namespace hullscan {

/// How far the chains of this process are.
struct MonteCarloProgress {
  std::string name;
  std::size_t points_done = 0, points_total = 0;
  std::size_t precision_reached = 0;  ///< points among those done
  double sweeps_per_s = 0;
  std::optional<double> eta_s;  ///< by the time that the points of this process took so far
};

struct MonteCarloOptions {
  std::filesystem::path directory;  ///< results go to directory/NAME
  std::size_t threads = 1;
  std::optional<std::chrono::steady_clock::time_point> deadline = {};
  std::vector<Configuration> labels = {};  ///< that the model was fitted to; where there are none, nothing is compared
  /// Chain c is walked by rank c modulo the number of ranks; all ranks make the same calls. Nothing: this process only.
  const MpiSession* ranks = nullptr;
  /// Called on every rank five times a second. @returns false to stop.
  std::function<bool(const MonteCarloProgress&)> tell = {};
};

struct MonteCarloResult {
  std::string name;
  bool finished = false;  ///< false: stopped by a signal or the deadline; the same line goes on
  Json json;              ///< what points.json holds; rank 0 only
};

/// Rank 0 writes the results, and all ranks hear whether they are whole.
/// @pre the models are fitted. @throws InputError if directory/NAME was made with other keys or another model.
MonteCarloResult run_monte_carlo(const ResolvedCampaign& resolved, const MonteCarloPlan& plan,
                                 const MonteCarloOptions& options);

}  // namespace hullscan
