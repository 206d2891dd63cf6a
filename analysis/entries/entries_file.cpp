#include "analysis/entries/entries_file.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <span>

#include "analysis/entries/csv_lines.hpp"
#include "core/errors.hpp"
#include "core/file_bytes.hpp"
#include "core/log.hpp"

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
    while (stop < formula.size() &&
           (std::isdigit(static_cast<unsigned char>(formula[stop])) != 0 || formula[stop] == '.'))
      ++stop;
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
      throw InputError(
          fmt::format("composition: amount of {} is {}, must be between 0 and {}", species.symbol(), amount, kLargest));
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

namespace {

/// "Energy (eV)" of a spreadsheet: without case and unit.
std::string plain_name(const std::string& name) {
  std::string plain = name;
  if (const auto unit = plain.find_first_of("([/"); unit != std::string::npos && unit > 0) {
    std::string in = plain.substr(unit);
    std::erase_if(in, [](unsigned char c) { return std::isalpha(c) == 0 && c != '/'; });
    if (in == "eV" || in == "/eV" || in == "eV/atom" || in == "/eV/atom" || in == "eV/formula") plain.resize(unit);
  }
  std::erase_if(plain, [](unsigned char c) { return c == ' ' || c == '\t'; });
  std::transform(plain.begin(), plain.end(), plain.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return plain;
}

/// [name] column. Names as they are documented come first, then those that differ in case and unit only.
std::map<std::string, std::size_t> columns_of(const CsvLine& header) {
  std::map<std::string, std::size_t> column;
  for (std::size_t i = 0; i < header.fields.size(); ++i) column.emplace(header.fields[i].text, i);
  for (const char* name : {"id", "formula", "energy", "energy_per_atom"}) {
    for (std::size_t i = 0; i < header.fields.size(); ++i) {
      std::string plain = plain_name(header.fields[i].text);
      const bool atomic = header.fields[i].text.find("eV/atom") != std::string::npos;
      if (plain == "energy" && atomic) plain = "energy_per_atom";
      if (plain == name) column.emplace(name, i);
    }
  }
  return column;
}

/// The digit 0 where the letter was meant: "Mg0", "LiCo02". Amounts of 0 beside others ("Li0CoO2") leave an element
/// out, as programs write it, and are reported.
void check_zeros(const std::string& formula, const Composition& composition, const std::string& where) {
  for (std::size_t i = 1; i < formula.size(); ++i) {
    const auto before = static_cast<unsigned char>(formula[i - 1]);
    if (formula[i] != '0' || std::isdigit(before) != 0 || before == '.') continue;
    const char next = i + 1 < formula.size() ? formula[i + 1] : ' ';
    if (next == '.') continue;
    if (std::isdigit(static_cast<unsigned char>(next)) != 0 || composition.atom_count() == 0) {
      throw InputError(
          fmt::format("formula \"{}\", character {}: the digit 0; is the letter O meant?", formula, i + 1));
    }
    log_warning(
        fmt::format("{}: formula \"{}\", character {}: an amount of 0 leaves the element out; is the letter O meant?",
                    where, formula, i + 1));
  }
}

void warn_of_dialect(const CsvTable& table, const CsvNumbers& numbers, std::span<const HullEntry> entries,
                     const std::string& file_name) {
  if (table.separator != ',') {
    log_warning(
        fmt::format("{}: fields are separated by {}{}", file_name,
                    table.separator == ';'    ? "semicolons"
                    : table.separator == '\t' ? "tabs"
                                              : fmt::format("\"{}\"", table.separator),
                    numbers.decimal_comma() ? ", and numbers are taken to have a decimal comma: -1,50 is -1.5" : ""));
  }
  if (table.reencoded) log_warning(file_name + ": is not UTF-8 and was taken for UTF-16 or Latin-1");
  const bool zero =
      std::all_of(entries.begin(), entries.end(), [](const HullEntry& entry) { return entry.energy_ev == 0; });
  if (zero && entries.size() > 1) log_warning(file_name + ": all energies are 0; is the right column called energy?");
}

}  // namespace

std::vector<HullEntry> parse_entries_csv(const std::string& text, const std::string& file_name) {
  Problems problems;
  const CsvTable table = read_csv(text);
  const std::vector<CsvLine>& lines = table.lines;
  if (lines.empty()) throw InputError(file_name + ": empty; expected a header with columns id, formula, energy");
  const CsvLine& header = lines.front();
  if (header.fields.empty())
    throw InputError(to_string({file_name, header.number, 0}) + ": a quote is not closed on its line");
  const std::map<std::string, std::size_t> column = columns_of(header);
  std::vector<std::string> names;
  for (const CsvField& field : header.fields) names.push_back(field.text);
  const bool per_atom = !column.contains("energy") && column.contains("energy_per_atom");
  const std::string energy_name = per_atom ? "energy_per_atom" : "energy";
  for (const char* needed : {"id", "formula", "energy"}) {
    if (column.contains(needed) || (per_atom && std::string_view(needed) == "energy")) continue;
    problems.add({file_name, header.number, 0},
                 fmt::format("expected a header with columns id, formula, energy; no \"{}\"{}", needed,
                             did_you_mean(needed, names)));
  }
  problems.throw_if_any();
  std::vector<HullEntry> entries;
  CsvNumbers numbers(table.separator);
  std::map<std::string, int> line_of_id;
  const std::size_t widest = std::max({column.at("id"), column.at("formula"), column.at(energy_name)});
  for (auto line = lines.begin() + 1; line != lines.end(); ++line) {
    const std::vector<CsvField>& fields = line->fields;
    const bool empty = !fields.empty() && std::all_of(fields.begin(), fields.end(),
                                                      [](const CsvField& field) { return field.text.empty(); });
    if (empty) continue;  // what a spreadsheet leaves of a deleted line
    // More fields than the header names: an unquoted comma in a number or a name moved all that follow.
    if (fields.size() <= widest || fields.size() > header.fields.size()) {
      const bool spare = fields.size() > header.fields.size() &&
                         std::all_of(fields.begin() + static_cast<std::ptrdiff_t>(header.fields.size()), fields.end(),
                                     [](const CsvField& field) { return field.text.empty(); });
      if (!spare) {
        problems.add(
            {file_name, line->number, 0},
            fields.empty()
                ? "a quote is not closed on its line"
                : fmt::format("expected {} fields, found {}{}", header.fields.size(), fields.size(),
                              fields.size() > header.fields.size() && table.separator == ','
                                  ? "; a comma inside a field must stand in quotes, and the decimal mark is the point"
                                  : ""));
        continue;
      }
    }
    const CsvField &id = fields[column.at("id")], &formula = fields[column.at("formula")],
                   &energy = fields[column.at(energy_name)];
    HullEntry entry;
    entry.id = id.text;
    if (id.text.empty()) problems.add({file_name, line->number, id.column}, "id: empty");
    const auto [before, fresh] = line_of_id.try_emplace(id.text, line->number);
    if (!fresh && !id.text.empty()) {
      problems.add({file_name, line->number, id.column},
                   fmt::format("id \"{}\" is already that of line {}; ids must be unique", id.text, before->second));
    }
    double scale = 1;
    try {
      const std::string plain = with_decimal_points(formula.text, table.separator);
      entry.composition = composition_of(plain, scale);
      check_zeros(plain, entry.composition, to_string({file_name, line->number, formula.column}));
    } catch (const InputError& error) {
      problems.add({file_name, line->number, formula.column}, error.what());
    }
    std::string why;
    const auto value = numbers.read(energy.text, why);
    if (!value)
      problems.add({file_name, line->number, energy.column},
                   fmt::format("{}: expected a number ({}), found \"{}\"{}", energy_name,
                               per_atom ? "eV/atom" : "eV per formula", energy.text, why.empty() ? "" : "; " + why));
    entry.energy_ev = value.value_or(0) * (per_atom ? static_cast<double>(entry.composition.atom_count()) : scale);
    for (const char* key : {"code", "functional", "pseudopotentials", "U"}) {
      if (const auto found = column.find(key);
          found != column.end() && found->second < fields.size() && !fields[found->second].text.empty()) {
        entry.keys[key] = fields[found->second].text;
      }
    }
    entries.push_back(std::move(entry));
  }
  problems.throw_if_any();
  warn_of_dialect(table, numbers, entries, file_name);
  return entries;
}

std::vector<HullEntry> read_entries(const std::filesystem::path& file) {
  const std::string text = user_file(file);
  return file.extension() == ".json" ? parse_entries_json(text, file.string()) : parse_entries_csv(text, file.string());
}

Json hull_json(const HullReport& report) {
  Json entries = Json::array();
  for (const HullEntryResult& entry : report.entries) {
    Json parts = Json::array();
    for (const DecompositionPart& part : entry.decomposition)
      parts.push_back({{"id", part.id}, {"fraction", part.fraction}});
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
  return {
      {"entries", std::move(entries)}, {"tolerance", report.tolerance_ev_per_atom}, {"vertex_kinds", std::move(kinds)}};
}

}  // namespace hullscan
