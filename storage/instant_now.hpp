/// @file
/// The present moment as records keep it.
#pragma once

#include <chrono>

#include "storage/records.hpp"

namespace hullscan {

inline Instant instant_now() {
  return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

}  // namespace hullscan
