/// @file
/// What was done to the energy of a finished task besides what was asked of every task: remedies that changed settings
/// which an energy depends on, and a basis that is not of the final cell. For the report, so that no such entry looks
/// like the rest.
#pragma once

#include <string>
#include <vector>

#include "dft_adapters/dft_code.hpp"
#include "storage/records.hpp"

namespace hullscan {

/// Sentences without a final stop, oldest step first; empty: nothing. "ISMEAR = 0 instead of -5
/// (vasp-gaussian-smearing)".
std::vector<std::string> energy_remarks(const DftCode& code, const TaskRecord& task);

}  // namespace hullscan
