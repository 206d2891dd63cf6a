/// @file
/// mpirun waits for ever for the daemon of a host that it cannot reach any more, also when it was asked to abort.
#pragma once

#include <chrono>

namespace hullscan::detail {

/// Leaves a process behind that kills the mpirun which started this one, if it still runs when `patience` is over. Does
/// nothing where the parent is no mpirun: batch systems find a lost host themselves.
void end_launcher_after(std::chrono::seconds patience);

}  // namespace hullscan::detail
