/// @file
/// One chain of a [[monte_carlo]]: its points one after the other, or all temperatures at once, kept in a file after
/// every point so that it goes on after any end.
#pragma once

#include <atomic>
#include <cstdint>

#include "campaign/monte_carlo/monte_carlo_cell.hpp"
#include "core/json.hpp"

namespace hullscan {

/// What the chains of this process have done so far.
struct WalkCounters {
  std::atomic<std::uint64_t> sweeps{0};
  std::atomic<std::size_t> points{0}, precise{0};
  std::atomic<std::size_t> points_from_files{0};  ///< of `points`, by an earlier process
  std::atomic<bool> stop{false};                  ///< set by others: chains stop after their block
};

struct ChainResult {
  bool finished = false;  ///< false: it was stopped, and the same call goes on
  Json points;            ///< of point_json, in the order of temperatures
  Json lowest;            ///< of an annealing: the quenched configuration; else null
};

/// @param threads of a tempering. @param counters count up, for a display.
/// @throws InputError if its file was made with other keys, another model or another version of the program,
/// StorageError if the file is damaged.
ChainResult run_chain(const MonteCarloCell& cell, std::size_t number, std::size_t threads, WalkCounters& counters);

/// As far as its file says. @throws as run_chain.
ChainResult read_chain(const MonteCarloCell& cell, std::size_t number);

/// Of the chains that are kept in a folder of results. @returns "" where there are none, "?" where they are of another
/// version or damaged.
std::string identity_of_chains(const std::filesystem::path& folder);

}  // namespace hullscan
