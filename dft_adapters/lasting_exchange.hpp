/// @file
/// How a program is asked that stays and calculates one structure after the other (docs/formats/scorer.md, `relax`).
#pragma once

#include <filesystem>
#include <string>

#include "core/json.hpp"

namespace hullscan {

struct LastingExchange {
  std::string request_file;  ///< in the attempt's directory: what it is sent, JSON
  std::string result_file;   ///< where its answer is kept
  /// Words on an answer that is none to this attempt's request: then the program is not to be trusted any more. "" for
  /// an answer that can be judged, also for one that says why there is no energy.
  std::string (*why_no_answer)(const Json& result, const std::filesystem::path& directory) = nullptr;
};

}  // namespace hullscan
