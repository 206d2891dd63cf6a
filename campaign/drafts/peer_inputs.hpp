/// @file
/// Inputs of other programs that enumerate configurations, rewritten as a campaign file.
#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "campaign/drafts/varied_sites.hpp"
#include "core/crystal.hpp"

namespace hullscan {

struct PeerInput {
  std::filesystem::path structure;
  std::array<int, 3> supercell{1, 1, 1};
  std::vector<SublatticeText> sublattices;
};

/// "2x2x1". @throws InputError that names `option`.
std::array<int, 3> parse_supercell(const std::string& text, const std::string& option);

/// A configuration of CSSlib (JSON). Its limits are fractions of all atoms of the supercell, rounded down. A fictive
/// species, marked by `is_fictive` or listed in `fictive_atoms`, stands for a vacancy, in the structure file too. The
/// structure is looked for beside the file and in the current folder.
/// @throws InputError with everything that is wrong with it; FormatError for the structure.
PeerInput read_csslib(const std::filesystem::path& file, double symprec_angstrom);

/// A CIF with mixed sites as the `supercell` program takes it: positions with the same labels share one composition,
/// occupancy times positions of each. Positions with the same occupants share one too, unless populations tell them
/// apart.
/// @param populations "LABEL=N" or, as that program has it, "LABEL:p=N"; LABEL may end in *.
/// @throws InputError where a number of atoms is not whole or does not fit.
PeerInput read_supercell_program(const std::filesystem::path& structure, const Crystal& crystal,
                                 const std::array<int, 3>& supercell, const std::vector<std::string>& populations,
                                 double symprec_angstrom);

}  // namespace hullscan
