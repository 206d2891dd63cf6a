/// @file
/// The HDF5 file of `hullscan enumerate`: configurations with their degeneracies, one group of columns a supercell.
/// The layout, for readers in other languages: docs/formats/orbit-table.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/supercell.hpp"

namespace hullscan {

/// An orbit of marked objects: what a configuration has besides its colouring.
struct OrbitTableMarker {
  std::vector<std::uint32_t> sites;  ///< of one object: one or two of the supercell's sites
  std::uint64_t objects = 1;         ///< in the orbit
  double distance_angstrom = 0;      ///< between two sites along their line
};

/// Compositions of one supercell of one space.
struct OrbitTableHeader {
  std::string space;
  std::vector<std::string> count_names;            ///< "M1.Al"
  std::vector<std::vector<std::uint32_t>> counts;  ///< [composition][count_names]
  std::vector<OrbitTableMarker> markers;           ///< empty if the space marks nothing
};

class OrbitTableWriter {
 public:
  /// @throws InputError if `file` exists, StorageError if it cannot be written.
  OrbitTableWriter(const std::filesystem::path& file, const std::string& campaign);
  ~OrbitTableWriter();  ///< nothing stays without finish()

  /// Rows that follow are of this supercell.
  void begin_supercell(const OrbitTableHeader& header, const Supercell& supercell);
  /// @param composition index into the header's counts. @param marker index into its markers; exactly where there are
  /// some. Memory stays below a few MiB. @throws StorageError.
  void add(std::uint32_t composition, std::optional<std::uint32_t> marker, std::uint64_t degeneracy,
           std::optional<int> space_group, std::span<const std::uint8_t> occupation);
  /// Makes the file visible under its name, whole and durable. @throws StorageError.
  void finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hullscan
