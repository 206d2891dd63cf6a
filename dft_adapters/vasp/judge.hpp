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

/// A directory as an executor of ours leaves it, or any directory with vasprun.xml and OUTCAR. What is not there
/// (request, exit code, OUTCAR of somebody else's calculation) is not held against it; vasprun.xml must be.
/// @param file_or_directory a vasprun.xml, an OUTCAR, or their directory.
/// @throws InputError if the path does not exist.
DftOutcome judge(const std::filesystem::path& file_or_directory);

}  // namespace hullscan::vasp
