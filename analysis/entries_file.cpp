#include "analysis/entries_file.hpp"

#include <fmt/core.h>

#include <cmath>
#include <fstream>
#include <iterator>

#include "analysis/csv_lines.hpp"
#include "core/errors.hpp"

namespace hullscan {
namespace {

/// "Li0.5NiO2": elements with decimal subscripts, no brackets.
std::map<Species, double> decimal_formula(const std::string& formula) {
  std::map<Species, double> amounts;
  std::size_t at = 0;
  while (at < formula.size()) {
    std::size_t end = at + 1;
    while (end < formula.size() && std::islower(static_cast<unsigned char>(formula[end])) != 0) ++end;
    const Species species = Species::from_symbol(formula.substr(at, end - at));
    std::size_t stop = end;
    while (stop < formula.size() && (std::isdigit(static_cast<unsigned char>(formula[stop])) != 0 || formula[stop] == '.')) ++stop;
    const auto amount = stop == end ? std::optional(1.0) : parse_number(formula.substr(end, stop - end));
    if (!amount) throw InputError(fmt::format("formula \"{}\", character {}: no number", formula, end + 1));
    amounts[species] += *amount;
    at = stop;
  }
  return amounts;
}

}  // namespace

Composition composition_of(const std::string& formula, double& scale) {
  scale = 1;
  if (formula.find('.') == std::string::npos) return Composition::from_formula(formula);
  return integer_composition(decimal_formula(formula), scale);
}

Composition integer_composition(const std::map<Species, double>& amounts, double& scale) {
  constexpr double kLargest = 1e9;
  for (const auto& [species, amount] : amounts) {
    if (!std::isfinite(amount) || amount < 0 || amount > kLargest) {
      throw InputError(fmt::format("composition: amount of {} is {}, must be between 0 and {}", species.symbol(), amount, kLargest));
    }
  }
  for (std::int64_t q = 1; q <= 1000; ++q) {
    const auto factor = static_cast<double>(q);
    std::map<Species, std::int64_t> counts;
    bool all = true;
    for (const auto& [species, amount] : amounts) {
      const double scaled = amount * factor;
      all = all && std::abs(scaled - std::round(scaled)) <= 1e-6 * factor;
      counts[species] = std::llround(scaled);
    }
    if (!all) continue;
    scale = factor;
    return Composition(counts);
  }
  throw InputError("composition: amounts are not within 1e-6 of fractions with a common denominator of at most 1000");
}

std::vector<HullEntry> parse_entries_csv(const std::string& text, const std::string& file_name) {
  Problems problems;
  const std::vector<CsvLine> lines = split_csv(text);
  if (lines.empty()) throw InputError(file_name + ": empty; expected a header with columns id, formula, energy");
  std::map<std::string, std::size_t> column;
  std::vector<std::string> names;
  const CsvLine& header = lines.front();
  if (header.fields.empty()) throw InputError(to_string({file_name, header.number, 0}) + ": a quote is not closed on its line");
  for (std::size_t i = 0; i < header.fields.size(); ++i) {
    column.emplace(header.fields[i].text, i);
    names.push_back(header.fields[i].text);
  }
  const bool per_atom = !column.contains("energy") && column.contains("energy_per_atom");
  const std::string energy_name = per_atom ? "energy_per_atom" : "energy";
  for (const char* needed : {"id", "formula", "energy"}) {
    if (column.contains(needed) || (per_atom && std::string_view(needed) == "energy")) continue;
    problems.add({file_name, header.number, 0}, fmt::format("expected a header with columns id, formula, energy; no \"{}\"{}", needed, did_you_mean(needed, names)));
  }
  problems.throw_if_any();
  std::vector<HullEntry> entries;
  const std::size_t widest = std::max({column.at("id"), column.at("formula"), column.at(energy_name)});
  for (auto line = lines.begin() + 1; line != lines.end(); ++line) {
    const std::vector<CsvField>& fields = line->fields;
    if (fields.size() <= widest) {
      problems.add({file_name, line->number, 0}, fields.empty() ? "a quote is not closed on its line" : fmt::format("expected {} fields, found {}", column.size(), fields.size()));
      continue;
    }
    const CsvField &id = fields[column.at("id")], &formula = fields[column.at("formula")], &energy = fields[column.at(energy_name)];
    HullEntry entry;
    entry.id = id.text;
    if (id.text.empty()) problems.add({file_name, line->number, id.column}, "id: empty");
    double scale = 1;
    try {
      entry.composition = composition_of(formula.text, scale);
    } catch (const InputError& error) {
      problems.add({file_name, line->number, formula.column}, error.what());
    }
    const auto value = parse_number(energy.text);
    if (!value) problems.add({file_name, line->number, energy.column}, fmt::format("{}: expected a number ({}), found \"{}\"", energy_name, per_atom ? "eV/atom" : "eV per formula", energy.text));
    entry.energy_ev = value.value_or(0) * (per_atom ? static_cast<double>(entry.composition.atom_count()) : scale);
    for (const char* key : {"code", "functional", "pseudopotentials", "U"}) {
      if (const auto found = column.find(key); found != column.end() && found->second < fields.size() && !fields[found->second].text.empty()) {
        entry.keys[key] = fields[found->second].text;
      }
    }
    entries.push_back(std::move(entry));
  }
  problems.throw_if_any();
  return entries;
}

std::vector<HullEntry> read_entries(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw InputError(file.string() + ": cannot be read");
  const std::string text((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  return file.extension() == ".json" ? parse_entries_json(text, file.string()) : parse_entries_csv(text, file.string());
}

Json hull_json(const HullReport& report) {
  Json entries = Json::array();
  for (const HullEntryResult& entry : report.entries) {
    Json parts = Json::array();
    for (const DecompositionPart& part : entry.decomposition) parts.push_back({{"id", part.id}, {"fraction", part.fraction}});
    entries.push_back({{"id", entry.id},
                       {"formula", entry.composition.formula()},
                       {"formation_energy_per_atom", entry.formation_energy_ev_per_atom},
                       {"e_above_hull", entry.e_above_hull_ev_per_atom},
                       {"on_hull", entry.on_hull},
                       {"vertex", entry.vertex},
                       {"decomposition", std::move(parts)}});
  }
  Json kinds = Json::object();
  for (const HullEntryResult& entry : report.entries) {
    if (entry.vertex) kinds[entry.id] = name_of(vertex_kind(report, entry));
  }
  return {{"entries", std::move(entries)}, {"tolerance", report.tolerance_ev_per_atom}, {"vertex_kinds", std::move(kinds)}};
}

}  // namespace hullscan
