/// @file
/// Which column of a table of entries is the id, the formula and the energy, by the names that people and programs give
/// them; and what kind of energy it is. A name that may mean two things is refused, never guessed.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "analysis/entries/csv_lines.hpp"
#include "core/errors.hpp"

namespace hullscan {

/// Columns as a person names them (`hullscan hull --columns energy="E0"`): [one of kEntryColumns] the header's word, or
/// the number of the column from 1.
using NamedColumns = std::map<std::string, std::string>;
inline constexpr const char* kEntryColumns[] = {"id", "formula", "energy", "energy_per_atom",
                                                "formation_energy_per_atom"};

/// "formula=Compound,energy=3", which may be repeated. @throws InputError for another form or an unknown name.
NamedColumns parse_named_columns(const std::vector<std::string>& words);

enum class EnergyKind { kTotal, kPerAtom, kFormation, kFormationPerFormula };

struct EntryColumns {
  bool has_header = true;         ///< the first line names the columns
  std::size_t shift = 0;          ///< lines have this many fields before the first named one (an index)
  std::optional<std::size_t> id;  ///< of a column; nothing: ids are made
  bool id_must_fit = true;        ///< an empty id or one that is there twice is a problem; else ids are made
  std::size_t formula = 0, energy = 0;
  EnergyKind kind = EnergyKind::kTotal;
  double unit_ev = 1;                            ///< what one of the column's unit is
  std::map<std::string, std::size_t> hull_keys;  ///< [key] column
  std::vector<std::string> remarks;              ///< clauses: what was taken for what, beyond the documented names
};

/// @param table has a line. @throws InputError with the header's place, what it holds and how to go on.
EntryColumns find_entry_columns(const CsvTable& table, const NamedColumns& named, const std::string& file_name);

}  // namespace hullscan
