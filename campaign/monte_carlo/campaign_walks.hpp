/// @file
/// The [[monte_carlo]] of a campaign by the model that it has fitted: what `hullscan run` does when the campaign is
/// done, and `hullscan mc` by itself.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "campaign/monte_carlo/monte_carlo_run.hpp"
#include "campaign/resolved_campaign.hpp"
#include "workers/mpi_session.hpp"

namespace hullscan {

/// Plans of all [[monte_carlo]] of the file, or of those that are named. What is wrong goes to `problems`, at its line:
/// also that there is no [[surrogate]] to walk by.
/// @param resolved must outlive the plans.
std::vector<MonteCarloPlan> plans_of(const ResolvedCampaign& resolved, Problems& problems,
                                     const HullPhases& phases = {}, const std::vector<std::string>& names = {});

/// The model that the campaign of a directory scores with now. @returns false if it holds none.
/// @throws InputError if it is another one than the campaign file's.
bool take_model_of(ResolvedCampaign& resolved, const std::filesystem::path& directory);

struct WalkOptions {
  std::filesystem::path directory;  ///< results go to directory/monte_carlo
  std::size_t threads = 1;          ///< of every rank
  std::optional<std::chrono::steady_clock::time_point> deadline = {};
  std::vector<std::vector<Configuration>> labels = {};  ///< [space]
  bool set_others_aside =
      false;  ///< results of another model or other keys go to NAME.earlier-N; else they are refused
  std::function<bool(const MonteCarloProgress&)> tell = {};  ///< see MonteCarloOptions
  std::function<void(const MonteCarloResult&)> ended = {};   ///< rank 0, after each
};

/// One [[monte_carlo]] after the other, until one is stopped; all ranks make this call.
/// @pre the models are fitted. @returns whether all are finished.
bool walk(const ResolvedCampaign& resolved, const std::vector<MonteCarloPlan>& plans, const WalkOptions& options,
          const MpiSession& ranks);

/// After a campaign: by its final model, with its status.json saying how far it is; all ranks make this call. The file
/// `drain` in the directory stops it. @returns whether all are finished.
bool walk_after_campaign(ResolvedCampaign& resolved, const std::filesystem::path& directory, std::size_t threads,
                         std::optional<std::chrono::steady_clock::time_point> deadline, const MpiSession& ranks);

}  // namespace hullscan
