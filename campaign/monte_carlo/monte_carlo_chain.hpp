/// @file
/// One chain of a [[monte_carlo]]: its points one after the other, or all temperatures at once, kept in a file after
/// every point so that it goes on after any end.
#pragma once

#include <atomic>
#include <cstdint>

#include "campaign/monte_carlo/monte_carlo_cell.hpp"
#include "core/json.hpp"

namespace hullscan {

struct ChainResult {
  bool finished = false;  ///< false: it was stopped, and the same call goes on
  Json points;            ///< of point_json, in the order of temperatures
  Json lowest;            ///< of an annealing: the quenched configuration; else null
};

/// @param threads of a tempering. @param sweeps_done counts up, for a display.
/// @throws InputError if its file was made with other keys, another model or another version of the program,
/// StorageError if the file is damaged.
ChainResult run_chain(const MonteCarloCell& cell, std::size_t number, std::size_t threads,
                      std::atomic<std::uint64_t>& sweeps_done);

}  // namespace hullscan
