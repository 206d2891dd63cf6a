/// @file
/// The outcome of a calculation as the kind that a test expects.
#pragma once

#include <catch2/catch.hpp>

#include "dft_adapters/dft_code.hpp"

namespace hullscan::test {

inline const DftConverged& converged(const DftOutcome& outcome) {
  if (const auto* failure = std::get_if<DftFailure>(&outcome)) FAIL("refused: " << failure->reason);
  return std::get<DftConverged>(outcome);
}

inline const DftFailure& failed(const DftOutcome& outcome) {
  REQUIRE(std::holds_alternative<DftFailure>(outcome));
  return std::get<DftFailure>(outcome);
}

inline const DftCode& vasp_adapter() { return *find_dft_code("vasp"); }

}  // namespace hullscan::test
