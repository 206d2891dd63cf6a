/// @file
/// Extended XYZ: frames of ordered structures with key=value pairs and per-atom columns.
#pragma once

#include <Eigen/Core>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/structure.hpp"

namespace hullscan {

struct LabelledFrame {
  Structure structure;  ///< vacancies ("X", "Va") in the file are left out
  std::map<std::string, std::string>
      info;                             ///< key -> value as text, quotes removed; Lattice and Properties are not in it
  std::vector<Eigen::Vector3d> forces;  ///< eV/Å, Cartesian, one per atom of `structure`; empty if the file has none
};

/// Every frame of the file, in order.
/// @throws FormatError `file:line:column: …`; a frame without Lattice is refused.
std::vector<LabelledFrame> read_extxyz(const std::filesystem::path& file);
/// @param file_name for messages.
std::vector<LabelledFrame> parse_extxyz(const std::string& text, const std::string& file_name);

}  // namespace hullscan
