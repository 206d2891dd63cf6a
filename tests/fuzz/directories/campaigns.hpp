/// @file
/// The small campaigns whose directories are damaged; each in a folder FOLDER/NAME with its directory "c", and beside
/// it what its campaign file names.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace hullscan::test {

/// Runs hullscan with these arguments in a folder, with HULLSCAN_CRASH_AT if that is not empty. @returns exit code, 128
/// + signal.
using RunHullscan = std::function<int(const std::vector<std::string>& arguments, const std::filesystem::path& folder,
                                      const std::string& crash_at)>;

/// labelled: calculations, a fit, rounds, one task failed; orbits kept. scored: electrostatics alone. several: two
/// spaces, calculations without a model. marked: pairs, nothing calculated. parts: the first of two ("c") and the
/// second ("other"). open: labelled, killed in the middle, so that tasks, a log of writes and a lock are left over.
/// @throws std::runtime_error if one does not run.
std::vector<std::string> make_campaigns(const std::filesystem::path& folder, const RunHullscan& run);

}  // namespace hullscan::test
