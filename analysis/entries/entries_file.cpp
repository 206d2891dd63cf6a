#include "analysis/entries/entries_file.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <set>
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

/// What was taken for what, in one line.
void warn_of_dialect(const CsvTable& table, const CsvNumbers& numbers, const EntryColumns& columns,
                     std::span<const HullEntry> entries, const std::string& file_name) {
  std::vector<std::string> said;
  if (table.separator != ',') {
    said.push_back(
        fmt::format("fields are separated by {}{}",
                    table.separator == ';'    ? "semicolons"
                    : table.separator == '\t' ? "tabs"
                    : table.separator == ' '  ? "blanks"
                                              : fmt::format("\"{}\"", table.separator),
                    numbers.decimal_comma() ? ", and numbers are taken to have a decimal comma: -1,50 is -1.5" : ""));
  }
  said.insert(said.end(), columns.remarks.begin(), columns.remarks.end());
  if (!said.empty()) log_warning(fmt::format("{}: {}", file_name, fmt::join(said, "; ")));
  if (table.reencoded) log_warning(file_name + ": is not UTF-8 and was taken for UTF-16 or Latin-1");
  const bool zero =
      std::all_of(entries.begin(), entries.end(), [](const HullEntry& entry) { return entry.energy_ev == 0; });
  if (zero && entries.size() > 1) log_warning(file_name + ": all energies are 0; is the right column called energy?");
}

/// "Li₂ Co O2" as "Li2CoO2": subscripts and blanks as programs and papers write them.
std::string plain_formula(const std::string& formula, char separator) {
  std::string plain;
  for (std::size_t i = 0; i < formula.size(); ++i) {
    const auto last = i + 2 < formula.size() ? static_cast<unsigned char>(formula[i + 2]) : 0U;
    if (formula.compare(i, 2, "\xE2\x82") == 0 && last >= 0x80 && last <= 0x89) {
      plain += static_cast<char>('0' + (last - 0x80));
      i += 2;
    } else if (formula[i] != ' ') {
      plain += formula[i];
    }
  }
  return with_decimal_points(std::move(plain), separator);
}

/// "−1.5" with the minus of typesetters.
std::string plain_number(std::string number) {
  if (number.starts_with("\xE2\x88\x92")) number.replace(0, 3, "-");
  return number;
}

const char* unit_text(const EntryColumns& columns) {
  const bool atomic = columns.kind == EnergyKind::kPerAtom || columns.kind == EnergyKind::kFormation;
  if (columns.unit_ev == 1) return atomic ? "eV/atom" : "eV per formula";
  return atomic ? "meV/atom" : "meV per formula";
}

/// Reads the lines below the header, one by one.
class EntryLines {
 public:
  EntryLines(const CsvTable& table, const EntryColumns& columns, const std::string& file)
      : table_(table), columns_(columns), file_(file), numbers_(table.separator) {
    const std::vector<CsvField>& header = table.lines.front().fields;
    width_ = header.size() + columns.shift;
    widest_ = std::max(columns.formula, columns.energy) + columns.shift;
    if (columns.id) widest_ = std::max(widest_, *columns.id + columns.shift);
    energy_name_ = columns.has_header ? header[columns.energy].text : "energy";
  }

  std::vector<HullEntry> read(EntryColumns& columns) {
    make_ids_where_they_do_not_fit(columns);
    for (auto line = table_.lines.begin() + (columns_.has_header ? 1 : 0); line != table_.lines.end(); ++line)
      add(*line);
    problems_.throw_if_any();
    return std::move(entries_);
  }
  [[nodiscard]] const CsvNumbers& numbers() const { return numbers_; }

 private:
  static bool is_empty(const CsvLine& line) {  // what a spreadsheet leaves of a deleted line
    return !line.fields.empty() && std::all_of(line.fields.begin(), line.fields.end(),
                                               [](const CsvField& field) { return field.text.empty(); });
  }

  void make_ids_where_they_do_not_fit(EntryColumns& columns) {
    std::set<std::string> seen;
    bool fits = columns.id.has_value();
    for (auto line = table_.lines.begin() + (columns.has_header ? 1 : 0); fits && line != table_.lines.end(); ++line) {
      if (is_empty(*line) || *columns.id + columns.shift >= line->fields.size()) continue;
      const std::string& id = line->fields[*columns.id + columns.shift].text;
      fits = !id.empty() && seen.insert(id).second;
    }
    const std::string name = columns.id ? table_.lines.front().fields[*columns.id].text : "";
    if (columns.id && !columns.id_must_fit && fits)
      columns.remarks.push_back(name.empty() ? "ids are those of the column without a name"
                                             : fmt::format("ids are those of \"{}\"", name));
    if (fits || columns.id_must_fit) {
      if (columns.id) return;
    }
    columns.id.reset();
    columns.remarks.push_back(name.empty()
                                  ? "there are no ids, so entries are #1, #2, …"
                                  : fmt::format("\"{}\" does not tell entries apart, so they are #1, #2, …", name));
  }

  /// @returns whether the line has the fields that the header names.
  bool has_its_fields(const CsvLine& line) {
    const std::vector<CsvField>& fields = line.fields;
    // More fields than the header names: an unquoted comma in a number or a name moved all that follow.
    if (fields.size() > widest_ && fields.size() <= width_) return true;
    const bool spare =
        fields.size() > width_ && std::all_of(fields.begin() + static_cast<std::ptrdiff_t>(width_), fields.end(),
                                              [](const CsvField& field) { return field.text.empty(); });
    if (spare) return true;
    problems_.add({file_, line.number, 0},
                  fields.empty() ? "a quote is not closed on its line"
                                 : fmt::format("expected {} fields, found {}{}", width_, fields.size(),
                                               fields.size() > width_ && table_.separator == ','
                                                   ? "; a comma inside a field must stand in quotes, and the decimal "
                                                     "mark is the point"
                                                   : ""));
    return false;
  }

  std::string id_of(const CsvLine& line) {
    if (!columns_.id) return fmt::format("#{}", ++made_);
    const CsvField& id = line.fields[*columns_.id + columns_.shift];
    if (id.text.empty()) problems_.add({file_, line.number, id.column}, "id: empty");
    const auto [before, fresh] = line_of_id_.try_emplace(id.text, line.number);
    if (!fresh && !id.text.empty()) {
      problems_.add({file_, line.number, id.column},
                    fmt::format("id \"{}\" is already that of line {}; ids must be unique", id.text, before->second));
    }
    return id.text;
  }

  void add(const CsvLine& line) {
    if (is_empty(line) || !has_its_fields(line)) return;
    const CsvField &formula = line.fields[columns_.formula + columns_.shift],
                   &energy = line.fields[columns_.energy + columns_.shift];
    HullEntry entry;
    entry.id = id_of(line);
    double scale = 1;
    try {
      const std::string plain = plain_formula(formula.text, table_.separator);
      entry.composition = composition_of(plain, scale);
      check_zeros(plain, entry.composition, to_string({file_, line.number, formula.column}));
    } catch (const InputError& error) {
      problems_.add({file_, line.number, formula.column}, error.what());
    }
    std::string why;
    const auto value = numbers_.read(plain_number(energy.text), why);
    if (!value)
      problems_.add({file_, line.number, energy.column},
                    fmt::format("{}: expected a number ({}), found \"{}\"{}", energy_name_, unit_text(columns_),
                                energy.text, why.empty() ? "" : "; " + why));
    const bool atomic = columns_.kind == EnergyKind::kPerAtom || columns_.kind == EnergyKind::kFormation;
    entry.energy_ev =
        columns_.unit_ev * value.value_or(0) * (atomic ? static_cast<double>(entry.composition.atom_count()) : scale);
    if (columns_.kind == EnergyKind::kFormation || columns_.kind == EnergyKind::kFormationPerFormula)
      entry.keys[kEnergiesKey] = kFormationEnergies;
    for (const auto& [key, column] : columns_.hull_keys) {
      const std::size_t at = column + columns_.shift;
      if (at < line.fields.size() && !line.fields[at].text.empty()) entry.keys[key] = line.fields[at].text;
    }
    entries_.push_back(std::move(entry));
  }

  const CsvTable& table_;
  const EntryColumns& columns_;
  const std::string& file_;
  CsvNumbers numbers_;
  std::size_t width_ = 0, widest_ = 0, made_ = 0;
  std::string energy_name_;
  std::map<std::string, int> line_of_id_;
  Problems problems_;
  std::vector<HullEntry> entries_;
};

}  // namespace

std::vector<HullEntry> parse_entries_csv(const std::string& text, const std::string& file_name,
                                         const NamedColumns& named) {
  const CsvTable table = read_csv(text, true);
  if (table.lines.empty()) throw InputError(file_name + ": empty; expected a header with columns id, formula, energy");
  const CsvLine& header = table.lines.front();
  if (header.fields.empty())
    throw InputError(to_string({file_name, header.number, 0}) + ": a quote is not closed on its line");
  EntryColumns columns = find_entry_columns(table, named, file_name);
  EntryLines lines(table, columns, file_name);
  std::vector<HullEntry> entries = lines.read(columns);
  warn_of_dialect(table, lines.numbers(), columns, entries, file_name);
  return entries;
}

std::vector<HullEntry> read_entries(const std::filesystem::path& file, const NamedColumns& columns) {
  const std::string text = user_file(file);
  if (file.extension() != ".json") return parse_entries_csv(text, file.string(), columns);
  if (!columns.empty()) throw InputError(file.string() + ": --columns names columns of a csv; this is json");
  return parse_entries_json(text, file.string());
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
