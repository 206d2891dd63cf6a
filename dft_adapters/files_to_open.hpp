/// @file
/// Which files of a calculation that has ended stay as they are, beside the archive of the others: what a person opens.
#pragma once

#include <string>
#include <vector>

#include "dft_adapters/dft_code.hpp"

namespace hullscan {

/// The main output and, where it is a file of its own, the final structure: names in the attempt's directory; two at
/// most.
std::vector<std::string> files_to_open(const DftCode& code);

}  // namespace hullscan
