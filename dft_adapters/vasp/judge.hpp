/// @file
/// Whether a VASP calculation is accepted. "aborting loop because EDIFF is reached" is printed too when the
/// electronic steps ran out, so steps are counted; an end marker, a complete vasprun.xml and an echo of what was
/// asked are needed.
#pragma once

#include <filesystem>

#include "core/dft.hpp"

namespace hullscan::vasp {

inline constexpr const char* kOutputFile = "vasp.out";
inline constexpr const char* kRequestFile = "hullscan-request.json";

/// A directory as an executor of ours leaves it: vasprun.xml and OUTCAR must be there and agree.
DftOutcome judge_for_campaign(const std::filesystem::path& directory);

/// A calculation that somebody else started. What is not there (request, exit code, OUTCAR) is not held against it;
/// packed files and those that job managers rename are read; an OUTCAR without vasprun.xml is judged by what it has,
/// and the result says what is missing.
/// @param file_or_directory a vasprun.xml, an OUTCAR, or their directory.
/// @throws InputError if the path does not exist.
DftOutcome judge(const std::filesystem::path& file_or_directory);

}  // namespace hullscan::vasp
