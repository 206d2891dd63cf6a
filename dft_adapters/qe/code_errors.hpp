/// @file
/// Messages with which pw.x gives up, and what kind of failure each is.
#pragma once

#include "core/dft.hpp"
#include "dft_adapters/qe/output_text.hpp"

namespace hullscan::qe {

/// kCrashed for an error that is not in the table.
FailureKind kind_of(const CodeError& error);

}  // namespace hullscan::qe
