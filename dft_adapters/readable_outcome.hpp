/// @file
/// What a DFT code said, safe to store and to print: its words come from files that anything may have written.
#pragma once

#include "core/dft.hpp"

namespace hullscan {

/// The same outcome with every text valid UTF-8, without control characters, on one line, and no longer than 1000
/// bytes.
[[nodiscard]] DftOutcome with_readable_words(DftOutcome outcome);

}  // namespace hullscan
