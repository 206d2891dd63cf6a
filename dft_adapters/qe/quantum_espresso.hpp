/// @file
/// Quantum ESPRESSO's pw.x.
///
/// The energy of a hull entry is the last total energy that the code prints with a '!': with smearing the free energy
/// F = E - TS, and for vc-relax that of the final electronic loop with the basis of the relaxed cell (not "Final
/// enthalpy", whose basis is still that of the first cell).
#pragma once

#include "dft_adapters/dft_code.hpp"

namespace hullscan {

const DftCode& quantum_espresso();

}  // namespace hullscan
