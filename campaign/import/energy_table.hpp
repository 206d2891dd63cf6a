/// @file
/// CSV with names of structure files and their energies, as people write it: columns in any order, by names with or
/// without units, whatever separates them.
#pragma once

#include <string>
#include <vector>

namespace hullscan {

struct EnergyRow {
  int line = 0;
  std::string id;         ///< "" if the table has no such column
  std::string structure;  ///< name of the file as written; "" of a table that names ids alone
  double energy_ev = 0;   ///< total of its cell, or per atom
  bool per_atom = false;
  std::vector<std::string> fields = {};  ///< as written
};

/// The header names the columns: `structure`, `file`, `path`, `cif`, … and `energy`, `total_energy`, `energy_per_atom`,
/// "E (eV)", … ; `id` or `name` if there is one; an id is enough where structures are found by it.
/// A total energy comes before one per atom. Units: eV, meV; without one eV.
/// @throws InputError with every problem of the table, `file:line:column: …`.
[[nodiscard]] std::vector<EnergyRow> parse_energy_table(const std::string& bytes, const std::string& file_name);

}  // namespace hullscan
