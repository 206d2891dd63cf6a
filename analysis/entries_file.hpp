/// @file
/// Entries of a hull read from CSV or JSON, and the hull written as JSON (`hullscan hull`).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "analysis/hull.hpp"
#include "core/json.hpp"

namespace hullscan {

/// By the file's name: .json, else CSV.
/// @throws InputError with every problem of the file (CSV: `file:line:column`), or if it cannot be read.
std::vector<HullEntry> read_entries(const std::filesystem::path& file);

/// A header line names the columns; `id`, `formula` and `energy` (eV per formula as written) are needed, others are
/// ignored. Fields may be quoted; empty lines are skipped. Fractional subscripts ("Li0.5NiO2") are scaled to integers,
/// the energy with them.
std::vector<HullEntry> parse_entries_csv(const std::string& text, const std::string& file_name);

/// A list, or {"entries": [list]}, of {"id" | "entry_id", "composition": {symbol: amount} | "formula": text, "energy"}.
/// pymatgen's ComputedEntry and ComputedStructureEntry are such: their "correction" is added to "energy" and an oxidation
/// state behind a symbol ("Fe3+") is dropped. An absent or null id becomes "#n", counted from 1. "keys": {text: text} are
/// hull keys.
std::vector<HullEntry> parse_entries_json(const std::string& text, const std::string& file_name);

/// Amounts times the smallest q <= 1000 for which every amount lies within 1e-6 of p/q.
/// @param[out] scale q. @throws InputError if there is none, or if an amount is negative or not finite.
Composition integer_composition(const std::map<Species, double>& amounts, double& scale);

/// {"entries": [{"id", "formula", "formation_energy_per_atom", "e_above_hull", "on_hull", "vertex",
/// "decomposition": [{"id", "fraction"}]}], "tolerance"}; eV/atom.
Json hull_json(const HullReport& report);

}  // namespace hullscan
