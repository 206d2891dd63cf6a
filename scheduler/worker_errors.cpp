#include "scheduler/worker_errors.hpp"

#include <fmt/format.h>

namespace hullscan {

std::string fault_of_hello(std::size_t worker, const WorkerHello& hello) {
  if (hello.protocol_version == kProtocolVersion) return "";
  return fmt::format("worker {} on {} speaks protocol {}, this master {}; all ranks must run the same hullscan", worker,
                     hello.host, hello.protocol_version, kProtocolVersion);
}

}  // namespace hullscan
