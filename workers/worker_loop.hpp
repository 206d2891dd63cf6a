/// @file
/// What a worker does all day: says hello, then does what the master asks until it is stopped.
#pragma once

#include <cstddef>

#include "workers/unit_runner.hpp"
#include "workers/worker_link.hpp"

namespace hullscan {

/// Returns when the master says Stop, or after the worker had to give up: then the master got WorkerFailed with the
/// reason.
void serve(WorkerLink& link, UnitRunner& runner);

/// Workers of this process that wait for the master's next word: a search that is under way may use as many threads
/// more.
std::size_t waiting_workers();

}  // namespace hullscan
