#include "analysis/entries_file.hpp"

#include <fmt/core.h>

#include <charconv>
#include <cmath>
#include <fstream>
#include <iterator>

#include "core/errors.hpp"

namespace hullscan {
namespace {

struct Field {
  std::string text;
  int column = 1;
};

/// One CSV record of one line. @returns nothing if a quote is not closed.
std::optional<std::vector<Field>> split_line(const std::string& line) {
  std::vector<Field> fields(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quoted) {
      if (c == '"' && i + 1 < line.size() && line[i + 1] == '"') {
        fields.back().text += c;
        ++i;
      } else if (c == '"') {
        quoted = false;
      } else {
        fields.back().text += c;
      }
    } else if (c == '"' && fields.back().text.find_first_not_of(" \t") == std::string::npos) {
      quoted = true;
      fields.back().text.clear();
    } else if (c == ',') {
      fields.push_back({"", static_cast<int>(i) + 2});
    } else {
      fields.back().text += c;
    }
  }
  if (quoted) return std::nullopt;
  for (Field& field : fields) {
    const std::size_t first = field.text.find_first_not_of(" \t");
    if (first == std::string::npos) {
      field.text.clear();
    } else {
      field.text = field.text.substr(first, field.text.find_last_not_of(" \t") - first + 1);
    }
  }
  return fields;
}

std::optional<double> number(const std::string& text) {
  double value = 0;
  const char* begin = text.data();
  if (!text.empty() && *begin == '+') ++begin;
  const auto [end, fault] = std::from_chars(begin, text.data() + text.size(), value);
  if (fault != std::errc() || end != text.data() + text.size() || begin == end) return std::nullopt;
  return value;
}

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
    const auto amount = stop == end ? std::optional(1.0) : number(formula.substr(end, stop - end));
    if (!amount) throw InputError(fmt::format("formula \"{}\", character {}: no number", formula, end + 1));
    amounts[species] += *amount;
    at = stop;
  }
  return amounts;
}

Composition composition_of(const std::string& formula, double& scale) {
  scale = 1;
  if (formula.find('.') == std::string::npos) return Composition::from_formula(formula);
  return integer_composition(decimal_formula(formula), scale);
}

Species species_of(std::string symbol) {
  // "Fe3+", "O2-", "Li+": an oxidation state is not part of a species.
  if (!symbol.empty() && (symbol.back() == '+' || symbol.back() == '-')) {
    const std::size_t end = symbol.find_first_of("0123456789+-");
    symbol.resize(end);
  }
  return Species::from_symbol(symbol);
}

std::optional<HullEntry> entry_from_json(const Json& json, std::size_t index, const std::string& file, Problems& problems) {
  std::string name = fmt::format("#{}", index + 1);
  const auto problem = [&](const std::string& what) { problems.add({file, 0, 0}, fmt::format("entry {}: {}", name, what)); };
  if (!json.is_object()) {
    problem("expected an object");
    return std::nullopt;
  }
  HullEntry entry;
  entry.id = name;
  for (const char* key : {"entry_id", "id"}) {
    const auto found = json.find(key);
    if (found == json.end() || found->is_null()) continue;
    if (found->is_string()) {
      entry.id = found->get<std::string>();
    } else if (found->is_number_integer()) {
      entry.id = found->dump();
    } else {
      problem(fmt::format("\"{}\" is {}, expected a text", key, found->dump()));
    }
  }
  if (entry.id != name) name += fmt::format(" (\"{}\")", entry.id);
  double scale = 1;
  bool good = true;
  try {
    if (const auto amounts = json.find("composition"); amounts != json.end() && amounts->is_object()) {
      std::map<Species, double> counts;
      for (const auto& [symbol, amount] : amounts->items()) {
        if (symbol == "@module" || symbol == "@class" || symbol == "@version") continue;
        if (!amount.is_number()) throw InputError(fmt::format("composition: amount of {} is {}, expected a number", symbol, amount.dump()));
        counts[species_of(symbol)] += amount.get<double>();
      }
      entry.composition = integer_composition(counts, scale);
    } else if (const auto formula = json.find("formula"); formula != json.end() && formula->is_string()) {
      entry.composition = composition_of(formula->get<std::string>(), scale);
    } else {
      throw InputError("no \"composition\" {symbol: amount} and no \"formula\"");
    }
    if (entry.composition.atom_count() == 0) throw InputError("composition: no atoms");
  } catch (const InputError& error) {
    problem(error.what());
    good = false;
  }
  const auto energy = json.find("energy");
  if (energy == json.end() || !energy->is_number()) {
    problem(energy == json.end() ? "no \"energy\"" : fmt::format("\"energy\" is {}, expected a number (eV)", energy->dump()));
    return std::nullopt;
  }
  entry.energy_ev = energy->get<double>();
  if (const auto correction = json.find("correction"); correction != json.end() && !correction->is_null()) {
    if (correction->is_number()) {
      entry.energy_ev += correction->get<double>();
    } else {
      problem("\"correction\" is no number");
    }
  }
  entry.energy_ev *= scale;
  if (const auto keys = json.find("keys"); keys != json.end() && keys->is_object()) {
    for (const auto& [key, value] : keys->items()) entry.keys[key] = value.is_string() ? value.get<std::string>() : value.dump();
  }
  return good ? std::optional(std::move(entry)) : std::nullopt;
}

}  // namespace

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
  std::vector<HullEntry> entries;
  std::map<std::string, std::size_t> column;
  bool have_header = false;
  std::size_t begin = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  for (int line_number = 1; begin < text.size(); ++line_number) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string line = text.substr(begin, end - begin);
    begin = end + 1;
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.find_first_not_of(" \t") == std::string::npos) continue;
    const auto fields = split_line(line);
    if (!fields) {
      problems.add({file_name, line_number, 0}, "a quote is not closed on its line");
      continue;
    }
    if (!have_header) {
      have_header = true;
      std::vector<std::string> names;
      for (std::size_t i = 0; i < fields->size(); ++i) {
        column.emplace((*fields)[i].text, i);
        names.push_back((*fields)[i].text);
      }
      for (const char* needed : {"id", "formula", "energy"}) {
        if (!column.contains(needed)) {
          problems.add({file_name, line_number, 0}, fmt::format("expected a header with columns id, formula, energy; no \"{}\"{}", needed, did_you_mean(needed, names)));
        }
      }
      problems.throw_if_any();
      continue;
    }
    const std::size_t widest = std::max({column.at("id"), column.at("formula"), column.at("energy")});
    if (fields->size() <= widest) {
      problems.add({file_name, line_number, 0}, fmt::format("expected {} fields, found {}", column.size(), fields->size()));
      continue;
    }
    const Field& id = (*fields)[column.at("id")];
    const Field& formula = (*fields)[column.at("formula")];
    const Field& energy = (*fields)[column.at("energy")];
    HullEntry entry;
    entry.id = id.text;
    if (id.text.empty()) problems.add({file_name, line_number, id.column}, "id: empty");
    double scale = 1;
    try {
      entry.composition = composition_of(formula.text, scale);
    } catch (const InputError& error) {
      problems.add({file_name, line_number, formula.column}, error.what());
    }
    const auto value = number(energy.text);
    if (!value) problems.add({file_name, line_number, energy.column}, fmt::format("energy: expected a number (eV per formula), found \"{}\"", energy.text));
    entry.energy_ev = value.value_or(0) * scale;
    entries.push_back(std::move(entry));
  }
  if (!have_header) problems.add({file_name, 0, 0}, "empty; expected a header with columns id, formula, energy");
  problems.throw_if_any();
  return entries;
}

std::vector<HullEntry> parse_entries_json(const std::string& text, const std::string& file_name) {
  Json json;
  try {
    json = Json::parse(text);
  } catch (const Json::parse_error& error) {
    const std::size_t at = std::min<std::size_t>(error.byte == 0 ? 0 : error.byte - 1, text.size());
    const auto line = static_cast<int>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n')) + 1;
    const std::size_t start = at == 0 ? std::string::npos : text.rfind('\n', at - 1);
    const auto column = static_cast<int>(at - (start == std::string::npos ? 0 : start + 1)) + 1;
    throw InputError(to_string({file_name, line, column}) + ": not valid JSON");
  } catch (const Json::exception& error) {
    throw InputError(file_name + ": not valid JSON: " + error.what());
  }
  const Json* list = &json;
  if (json.is_object() && json.contains("entries")) list = &json["entries"];
  if (!list->is_array()) throw InputError(file_name + ": expected a list of entries or {\"entries\": [...]}");
  Problems problems;
  std::vector<HullEntry> entries;
  for (std::size_t i = 0; i < list->size(); ++i) {
    if (auto entry = entry_from_json((*list)[i], i, file_name, problems)) entries.push_back(std::move(*entry));
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
  return {{"entries", std::move(entries)}, {"tolerance", report.tolerance_ev_per_atom}};
}

}  // namespace hullscan
