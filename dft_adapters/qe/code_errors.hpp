/// @file
/// Messages with which pw.x gives up, and what kind of failure each is.
#pragma once

#include <string>
#include <vector>

#include "core/dft.hpp"
#include "dft_adapters/qe/output_text.hpp"

namespace hullscan::qe {

/// kCrashed for an error that is not in the table.
FailureKind kind_of(const CodeError& error);

/// The parts of messages that the table knows, for whoever looks whether a good output has any of them.
std::vector<std::string> known_messages();

}  // namespace hullscan::qe
