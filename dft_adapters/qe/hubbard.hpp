/// @file
/// DFT+U of pw.x (Dudarev's form): which orbital of an element carries U, and how an input says so. The namelist
/// variables of older versions became a card of their own in 7.1, so the campaign file names the version.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/dft.hpp"
#include "core/species.hpp"

namespace hullscan::qe {

/// The localised shell that U is usually put on: "3d" of Ni, "4f" of Ce, "2p" of O; "" where there is no usual one.
std::string hubbard_manifold(Species species);

/// "7.2" -> true, "6.7" -> false: whether this version reads the HUBBARD card.
bool has_hubbard_card(std::string_view version);

/// Lines of &SYSTEM for versions without the card; "" where none of these species has a U. @param species in the
/// order of ATOMIC_SPECIES.
std::string hubbard_namelist(const std::vector<Species>& species, const DftSettings& settings);

/// The card for versions that have it; "" where none of these species has a U.
std::string hubbard_card(const std::vector<Species>& species, const DftSettings& settings);

/// What keeps the U of computed from being the asked one, in words; "" if they agree. @param asked U in eV by label.
/// @param computed by label as the XML has it: in Hartree, in Rydberg where the code is older than 7.
std::string hubbard_difference(const std::map<std::string, double>& asked,
                               const std::map<std::string, double>& computed);

}  // namespace hullscan::qe
