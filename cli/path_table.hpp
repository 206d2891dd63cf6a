/// @file
/// Statistics of migration paths for people.
#pragma once

#include <string>

#include "analysis/statistics/path_statistics.hpp"

namespace hullscan::cli {

std::string path_table(const PathStatistics& statistics);

}  // namespace hullscan::cli
