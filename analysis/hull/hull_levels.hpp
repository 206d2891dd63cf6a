/// @file
/// The hull as a table: its energy at any compositions. A candidate's energy above the hull is then its own energy
/// minus one entry of the table, whatever their number.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "analysis/hull/hull.hpp"

namespace hullscan {

/// Formation energy of the hull, eV/atom, at every composition; nothing where no mix of the entries has the
/// composition, or where there is no atom. Cost: that of a hull with as many entries as there are distinct reduced
/// compositions.
std::vector<std::optional<double>> hull_levels(const HullReport& hull, std::span<const Composition> compositions);

}  // namespace hullscan
