/// @file
/// Extended XYZ: frames of ordered structures with key=value pairs and per-atom columns. The one parser and the one
/// writer of the format.
#pragma once

#include <Eigen/Core>
#include <map>
#include <string>
#include <vector>

#include "core/structure.hpp"
#include "core/structure_files/coordinate_text.hpp"

namespace hullscan {

struct LabelledFrame {
  Structure structure;  ///< vacancies ("X", "Va") in the file are left out
  std::map<std::string, std::string>
      info;                             ///< key -> value as text, quotes removed; Lattice and Properties are not in it
  std::vector<Eigen::Vector3d> forces;  ///< eV/Å, Cartesian, one per atom of `structure`; empty if the file has none
};

/// Every frame of the text, in order.
/// @param file_name for messages.
/// @throws FormatError `file:line:column: …`; a frame without Lattice is refused.
std::vector<LabelledFrame> parse_extxyz(const std::string& text, const std::string& file_name);

/// One frame. `info` is written as key=value after Lattice and Properties, values quoted where needed.
/// @param forces_ev_per_angstrom Cartesian, one per atom, or empty.
std::string to_extxyz(const Structure& structure, const std::map<std::string, std::string>& info,
                      const std::vector<Eigen::Vector3d>& forces_ev_per_angstrom = {},
                      const CoordinateLayout& layout = {});

}  // namespace hullscan
