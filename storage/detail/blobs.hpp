/// @file
/// Exact bytes of values in campaign.db; the layouts are in docs/formats/campaign-db.md.
/// Decoding throws StorageError on anything that does not fit.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/dft.hpp"
#include "core/structure.hpp"
#include "core/work_unit.hpp"

namespace hullscan::storage_detail {

using Blob = std::vector<std::uint8_t>;

/// Big-endian words, so that the order of bytes is the order of cursors.
Blob cursor_blob(const Cursor& cursor);
Cursor cursor_of(std::span<const std::uint8_t> blob);

/// Little-endian: number of atoms u32, lattice rows 9 × f64, species codes u8, fractional positions 3 × f64 per atom.
Blob structure_blob(const Structure& structure);
Structure structure_of(std::span<const std::uint8_t> blob);

/// Little-endian f64.
Blob doubles_blob(std::span<const double> values);
std::vector<double> doubles_of(std::span<const std::uint8_t> blob);

Blob vectors_blob(const std::vector<Eigen::Vector3d>& vectors);
std::vector<Eigen::Vector3d> vectors_of(std::span<const std::uint8_t> blob);
Blob matrix_blob(const Eigen::Matrix3d& matrix);  ///< row by row
Eigen::Matrix3d matrix_of(std::span<const std::uint8_t> blob);

/// {"code": …, "values": {…}}
std::string settings_text(const DftSettings& settings);
DftSettings settings_of(const std::string& text);
std::string text_map_text(const std::map<std::string, std::string>& map);
std::map<std::string, std::string> text_map_of(const std::string& text);

}  // namespace hullscan::storage_detail
