/// @file
/// What a build of hullscan may do without, and whether this one has it: for `--version` and `doctor`.
#pragma once

#include <string>
#include <vector>

namespace hullscan::cli {

struct BuildPart {
  std::string library;     ///< "cairo"
  std::string purpose;     ///< what it is there for
  std::string why_absent;  ///< "" if it is there
};

/// Without the KIM API, whose version is said too, and XGBoost, which is looked for when it is needed.
std::vector<BuildPart> build_parts();

}  // namespace hullscan::cli
