/// @file
/// What to try after a failure of pw.x: ladders of named handlers, each used a bounded number of times. None changes
/// the physics (a hull key): a calculation that needs smearing is left to a person.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "core/dft.hpp"

namespace hullscan::qe {

std::optional<Correction> next_correction(const DftFailure& failure, const DftSettings& settings,
                                          std::span<const std::string> tried);

}  // namespace hullscan::qe
