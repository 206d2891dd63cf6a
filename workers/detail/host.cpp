#include "workers/detail/host.hpp"

#include <unistd.h>

#include <array>

namespace hullscan::detail {

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown host";
}

std::int64_t process_id() { return ::getpid(); }

}  // namespace hullscan::detail
