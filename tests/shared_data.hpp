/// @file
/// Where the tests find the labelled data that is not part of the project (HULLSCAN_DATA).
#pragma once

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>

namespace hullscan::test {

inline std::filesystem::path shared_data() {
  const char* set = std::getenv("HULLSCAN_DATA");
  return set != nullptr ? std::filesystem::path(set) : std::filesystem::path(HULLSCAN_DATA_DEFAULT);
}

/// True if `part` of the data is there; otherwise prints why the test is skipped.
inline bool have_shared_data(const std::string& part) {
  if (std::filesystem::exists(shared_data() / part)) return true;
  std::cout << "SKIPPED: " << (shared_data() / part).string() << " is absent; set HULLSCAN_DATA\n";
  return false;
}

}  // namespace hullscan::test
