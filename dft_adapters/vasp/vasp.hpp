/// @file
/// The adapter of VASP (vasp_std and its kin). Energies are extrapolated to zero smearing; see docs/dft-codes.md.
#pragma once

#include "dft_adapters/dft_code.hpp"

namespace hullscan {

const DftCode& vasp_code();

}  // namespace hullscan
