/// @file
/// What to try after a failure of VASP: the ladder of the error that the failure's reason quotes, or of its kind.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "core/dft.hpp"

namespace hullscan::vasp {

/// How a failure's reason says that an odd or Gamma-centred grid leaves nothing to centre.
inline constexpr const char* kCentredAtGamma = "k-points centred at Gamma";

/// A rung that would change a hull key is passed over, and one that would change neither INCAR nor KPOINTS as VASP
/// understands them: ALGO = Normal where no ALGO is given, a grid centred at Gamma that is so already.
std::optional<Correction> next_correction(const DftFailure& failure, const DftSettings& settings,
                                          std::span<const std::string> tried);

}  // namespace hullscan::vasp
