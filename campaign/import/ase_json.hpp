/// @file
/// Databases of ASE in JSON: {"1": {"numbers": {"__ndarray__": …}, …}, "ids": […]}.
#pragma once

#include <string>
#include <vector>

#include "storage/ase_database.hpp"

namespace hullscan {

/// @throws InputError if it is no such database.
[[nodiscard]] std::vector<AseSystem> parse_ase_json(const std::string& text, const std::string& file_name);

}  // namespace hullscan
