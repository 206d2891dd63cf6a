/// @file
/// Databases of the Atomic Simulation Environment (ASE) in SQLite: rows of the table `systems`, read only.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/structure.hpp"

namespace hullscan {

struct AseSystem {
  std::int64_t id = 0;
  std::optional<Structure> structure;  ///< none: see `fault`
  std::string fault;                   ///< why the row is no crystal; "" if it is one
  std::optional<double> energy_ev;     ///< total
  std::optional<std::vector<Eigen::Vector3d>> forces_ev_per_angstrom;
  std::string calculator;                         ///< "vasp"; "" if none is said
  std::map<std::string, std::string> key_values;  ///< key_value_pairs, numbers as JSON writes them
};

/// Whether a file begins as SQLite's do; what is in it is not looked at.
[[nodiscard]] bool is_sqlite_file(const std::filesystem::path& file);

/// Every row, by id. Layout: ase/db/sqlite.py of ASE 3.22, version 9 of the database, and earlier ones that have the
/// same columns. @throws FormatError if it is no such database.
[[nodiscard]] std::vector<AseSystem> read_ase_database(const std::filesystem::path& file);

}  // namespace hullscan
