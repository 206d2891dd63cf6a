/// @file
/// Where the table of MPI calls comes from: linked to the program, or a library that is opened when ranks are started
/// (cmake -DHULLSCAN_MPI_MODULE=ON), so that one program runs alone without any MPI and with any of those that its
/// modules were made for. Internal to workers.
#pragma once

#include "workers/detail/mpi_calls.hpp"

namespace hullscan::detail::mpi {

/// @throws TransportError that says which modules were tried and why they cannot be opened.
const MpiCalls& calls();
/// nullptr where there is none.
const MpiCalls* calls_if_any() noexcept;

}  // namespace hullscan::detail::mpi
