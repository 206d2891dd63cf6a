/// @file
/// The k-point grid of a VASP calculation: written out, by density, by length, or left to VASP's KSPACING.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "core/lattice.hpp"

namespace hullscan::vasp {

struct KPointGrid {
  std::array<int, 3> n{1, 1, 1};
  bool gamma_centred = true;
  friend bool operator==(const KPointGrid&, const KPointGrid&) = default;
};

/// pymatgen's rule for its reciprocal_density: with V* the volume of the reciprocal cell (2π included) and p =
/// density
/// * V*, n_i = floor(max(cbrt(p a b c) / a_i, 1)). Gamma-centred if any n_i is odd, or two lengths are equal and not
/// all angles right (hexagonal, face- and body-centred cells, whose symmetry an even grid beside Gamma would break).
KPointGrid grid_by_density(const Lattice& lattice, double reciprocal_density);
/// VASP's automatic mesh: n_i = max(1, floor(length * |b_i| + 0.5)), b without 2π; Gamma-centred.
KPointGrid grid_by_length(const Lattice& lattice, double length_angstrom);
/// What VASP makes of KSPACING: n_i = max(1, ceil(|b_i| / spacing)), 2π included; Gamma-centred.
KPointGrid grid_by_spacing(const Lattice& lattice, double spacing_per_angstrom);

std::string kpoints_text(const KPointGrid& grid);
/// A file with a regular grid and no shift. @param problem why nothing is returned.
std::optional<KPointGrid> parse_kpoints(std::string_view text, std::string& problem);

}  // namespace hullscan::vasp
