/// @file
/// Which entries may share a hull: those whose stated settings (hull keys) agree.
///
/// A key that ends in an element ("U.Fe", "pseudopotential.O") concerns the entries that hold the element. An entry
/// that states nothing is taken at its word with any other; one that states something must state what the others do.
#pragma once

#include <span>
#include <string>

#include "analysis/hull/hull.hpp"

namespace hullscan {

/// @throws InputError naming every key in which entries differ, and who they are.
void require_same_keys(std::span<const HullEntry> entries);

/// How `entry` differs from `others`, which agree among themselves: "functional PBEsol, not PBE; …", or "" if it does
/// not.
std::string difference_in_keys(const HullEntry& entry, std::span<const HullEntry> others);

}  // namespace hullscan
