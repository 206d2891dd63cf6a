/// @file
/// The executor that a campaign file asks for, and what bounds its calculations.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>

#include "core/campaign/campaign.hpp"
#include "scheduler/executors/executor.hpp"
#include "scheduler/task_loop.hpp"

namespace hullscan {

struct Calculations {
  std::unique_ptr<Executor> executor;
  TaskLimits limits;
};

/// @param lasting the program stays (DftCode::lasting): then run.executor is "local". @param store remembers the word
/// that the names of the campaign's jobs begin with.
/// @param deadline of this run. Inside a job its end is one too: then it is brought forward.
/// @throws InputError if the executor cannot be had here (mode = "pilot" outside a Slurm job).
Calculations make_calculations(const RunSpec& run, bool lasting, const std::filesystem::path& directory,
                               CampaignStore& store, std::optional<std::chrono::steady_clock::time_point>& deadline);

}  // namespace hullscan
