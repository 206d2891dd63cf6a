/// @file
/// What a worker does all day: says hello, then does what the master asks until it is stopped.
#pragma once

#include "workers/unit_runner.hpp"
#include "workers/worker_link.hpp"

namespace hullscan {

/// Returns when the master says Stop, or after the worker had to give up: then the master got WorkerFailed with the
/// reason.
void serve(WorkerLink& link, UnitRunner& runner);

}  // namespace hullscan
