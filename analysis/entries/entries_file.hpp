/// @file
/// Entries of a hull read from CSV or JSON (entries_json.cpp: our own and those of other programs and databases), and
/// the hull written as JSON (`hullscan hull`).
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "analysis/entries/entry_columns.hpp"
#include "analysis/hull/hull.hpp"
#include "core/json.hpp"
#include "core/structure.hpp"

namespace hullscan {

/// By the file's name: .json, else CSV.
/// @throws InputError with every problem of the file (CSV: `file:line:column`), or if it cannot be read.
/// @param columns of a CSV, where its header does not say which is which.
std::vector<HullEntry> read_entries(const std::filesystem::path& file, const NamedColumns& columns = {});

/// A header line names the columns, as people and programs name them (entry_columns.hpp): a formula, and an energy (eV
/// of the formula as written), an energy per atom or a formation energy; ids are made where there are none. `code`,
/// `functional`, `pseudopotentials` and `U` are hull keys; others are ignored. Fields may be quoted; empty lines are
/// skipped. Fractional subscripts ("Li0.5NiO2") are scaled to integers, the energy with them. What was taken for what
/// is one warning.
std::vector<HullEntry> parse_entries_csv(const std::string& text, const std::string& file_name,
                                         const NamedColumns& columns = {});

/// A list of entries, bare or as "entries", "all_entries", "data" or "response" of an object, or an object of entries
/// (AFLUX). What
/// each may look like, and which hull keys are taken from it: docs/formats/entries.md. An absent or null id becomes
/// "#n", counted from 1.
std::vector<HullEntry> parse_entries_json(const std::string& text, const std::string& file_name);

/// An entry and, where the file gives one, its structure; the entry's energy is of its own composition, of which the
/// structure may hold several.
struct StructuredEntry {
  HullEntry entry;
  std::optional<Structure> structure;
};
/// The same with structures: pymatgen's ComputedStructureEntry and Structure, and `PhaseDiagram.as_dict`. A structure
/// that is disordered or of another composition than its entry is a problem of the file.
std::vector<StructuredEntry> parse_structured_entries_json(const std::string& text, const std::string& file_name);

/// The hull key of an entry whose energy is a formation energy against the elements, and its value.
inline constexpr const char* kEnergiesKey = "energies";
inline constexpr const char* kFormationEnergies = "formation energies";
/// True if every entry is such a one: the hull takes the elements at 0.
bool all_formation_energies(std::span<const HullEntry> entries);

/// "Li0.5NiO2", "Ca(OH)2". @param[out] scale what the amounts were multiplied by. @throws InputError.
Composition composition_of(const std::string& formula, double& scale);

/// Amounts times the smallest q <= 1000 for which every amount lies within 1e-6 of p/q.
/// @param[out] scale q. @throws InputError if there is none, or if an amount is negative or not finite.
Composition integer_composition(const std::map<Species, double>& amounts, double& scale);

/// {"entries": [{"id", "formula", "formation_energy_per_atom", "e_above_hull", "on_hull", "vertex",
/// "decomposition": [{"id", "fraction"}]}], "tolerance"}; eV/atom.
Json hull_json(const HullReport& report);

}  // namespace hullscan
