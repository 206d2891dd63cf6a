/// @file
/// Where `hullscan enumerate` puts its configurations. A format is a class of this shape and a line in
/// `open_orbit_writer`.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/supercell.hpp"
#include "enumerator/space/search_space.hpp"

namespace hullscan {

/// One inequivalent configuration; valid during the call.
struct OrbitRow {
  const SearchSpace* space = nullptr;
  std::size_t supercell = 0, composition = 0;
  std::optional<std::size_t> marker;  ///< orbit of marked objects
  const CompositionCounts* counts = nullptr;
  std::uint64_t degeneracy = 0;
  std::optional<int> space_group;
  std::span<const std::uint8_t> occupation;
  std::uint64_t index = 0;  ///< from 0 over the whole file
};

class OrbitWriter {
 public:
  virtual ~OrbitWriter() = default;
  virtual void add(const OrbitRow& row) = 0;
  /// Makes the file visible under its name, whole and durable. Without it nothing stays.
  virtual void finish() = 0;
};

struct OrbitOutput {
  std::filesystem::path file;
  std::string format;    ///< of the files in a .zip: cif | poscar
  std::string campaign;  ///< its name
  double expected = 0;   ///< configurations; only for the width of numbers in file names
};

/// By the file's ending: .csv, .h5, .extxyz, .zip. @throws InputError for others, listing them, or if the file
/// exists.
std::unique_ptr<OrbitWriter> open_orbit_writer(const OrbitOutput& output, const std::vector<SearchSpace>& spaces);

/// One character a varied site: the index of its species in the sublattice's `species`, 0-9 then a-z.
std::string occupation_text(std::span<const std::uint8_t> occupation);

}  // namespace hullscan
