/// @file
/// Where this process runs. Internal to workers.
#pragma once

#include <cstdint>
#include <string>

namespace hullscan::detail {

std::string host_name();
std::int64_t process_id();

}  // namespace hullscan::detail
