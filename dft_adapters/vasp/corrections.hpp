/// @file
/// What to try after a failure of VASP: the ladder of the error that the failure's reason quotes, or of its kind.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "core/dft.hpp"

namespace hullscan::vasp {

/// A rung that would change nothing, or a hull key, is passed over.
std::optional<Correction> next_correction(const DftFailure& failure, const DftSettings& settings,
                                          std::span<const std::string> tried);

}  // namespace hullscan::vasp
