/// @file
/// POSCAR and CONTCAR as VASP runs need them (the format itself: core/structure_files/poscar.hpp). VASP wants the atoms
/// species by species; the order is chosen once and kept, so that whatever comes back atom by atom can be mapped to the
/// atoms that were given.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/structure.hpp"

namespace hullscan::vasp {

/// order[i] = index in `structure` of the i-th atom of the file: by species (atomic number), then as given.
std::vector<std::size_t> file_order(const Structure& structure);

/// The species of the blocks, in the file's order.
std::vector<Species> file_species(const Structure& structure);

/// Direct coordinates, scale 1, 16 digits. A left-handed cell is written inverted through the origin: the same
/// crystal with positive triple product, which VASP insists on.
std::string poscar_text(const Structure& structure, const std::string& title);

/// @param problem why nothing is returned; a vacancy among the atoms is refused too.
std::optional<Structure> parse_poscar(std::string_view text, std::string& problem);

/// `structure` has atom i at order[i]: the atoms back as they were given. An order that does not fit changes nothing.
Structure in_given_order(const Structure& structure, const std::vector<std::size_t>& order);

}  // namespace hullscan::vasp
