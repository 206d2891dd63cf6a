/// @file
/// What the commands say where a looser tolerance finds a larger group.
#pragma once

#include <string>
#include <vector>

#include "core/json.hpp"
#include "enumerator/crystal/looser_symmetry.hpp"

namespace hullscan {

/// "at symprec 0.01 Å it would be R-3m (166), 22 instead of 46 inequivalent"
std::string looser_symmetry_text(const LooserSymmetry& looser);
/// {"symprec_angstrom", "space_group", "inequivalent"}; the number as a decimal string, null where it was not counted.
Json looser_symmetry_json(const LooserSymmetry& looser);
/// A warning in the log for every space of which there is something to say.
void log_looser_symmetry(const std::vector<SearchSpace>& spaces);

}  // namespace hullscan
