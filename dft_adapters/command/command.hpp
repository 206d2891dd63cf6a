/// @file
/// Any program as the calculator: it finds request.json in its working directory and leaves result.json there.
#pragma once

#include "dft_adapters/dft_code.hpp"

namespace hullscan {

const DftCode& command_code();

}  // namespace hullscan
