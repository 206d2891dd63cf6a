#include "workers/detail/mpi_module.hpp"

namespace hullscan::detail::mpi {

const MpiCalls& calls() { return *hullscan_mpi_calls_1(); }
const MpiCalls* calls_if_any() noexcept { return hullscan_mpi_calls_1(); }

}  // namespace hullscan::detail::mpi
