/// @file
/// Interatomic potentials of the OpenKIM repository as the calculator. The adapter only exchanges files; the KIM API
/// is spoken by `hullscan kim-single-point`, which runs in the directory of the calculation: a potential that crashes
/// takes one attempt with it, not the campaign.
#pragma once

#include "dft_adapters/dft_code.hpp"

namespace hullscan {

inline constexpr const char* kKimSubcommand = "kim-single-point";

const DftCode& kim_code();

}  // namespace hullscan
