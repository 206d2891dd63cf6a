/// @file
/// Ordered structures as text that other programs read. Same arguments, same bytes.
#pragma once

#include <Eigen/Core>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "core/structure.hpp"

namespace hullscan {

/// One data block in P1. A CIF holds cell lengths and angles, so the orientation in space is lost; distances are kept.
/// @param name of the data block; characters that a block name may not hold become '_'.
std::string to_cif(const Structure& structure, const std::string& name);

/// VASP 5: species line, direct coordinates; atoms grouped by species in the order of `order`, species that it does not
/// name following as they first appear. Within a species the order of the structure is kept.
std::string to_poscar(const Structure& structure, const std::string& comment, std::span<const Species> order = {});

/// One frame. `info` is written as key=value after Lattice and Properties, values quoted where needed.
/// @param forces_ev_per_angstrom Cartesian, one per atom, or empty.
std::string to_extxyz(const Structure& structure, const std::map<std::string, std::string>& info,
                      const std::vector<Eigen::Vector3d>& forces_ev_per_angstrom = {});

}  // namespace hullscan
