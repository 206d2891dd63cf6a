/// @file
/// The adapter of Quantum ESPRESSO.
#pragma once

#include "dft_adapters/dft_code.hpp"

namespace hullscan::test {

inline const DftCode& qe_code() { return *find_dft_code("quantum-espresso"); }

}  // namespace hullscan::test
