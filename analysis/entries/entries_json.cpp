#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "analysis/entries/entries_file.hpp"
#include "core/errors.hpp"
#include "core/foreign_json.hpp"
#include "core/json_text.hpp"

namespace hullscan {
namespace {

Species species_of(std::string symbol) {
  // "Fe3+", "O2-", "Li+": an oxidation state is not part of a species.
  if (!symbol.empty() && (symbol.back() == '+' || symbol.back() == '-'))
    symbol.resize(symbol.find_first_of("0123456789+-"));
  return Species::from_symbol(symbol);
}

std::vector<std::string> words(const std::string& text, const char* separators) {
  std::vector<std::string> list;
  for (std::size_t begin = text.find_first_not_of(separators); begin != std::string::npos;) {
    const std::size_t end = std::min(text.find_first_of(separators, begin), text.size());
    list.push_back(text.substr(begin, end - begin));
    begin = text.find_first_not_of(separators, end);
  }
  return list;
}

/// First member that is there and not null.
const Json* member(const Json& json, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (const auto found = json.find(name); found != json.end() && !found->is_null()) return &*found;
  }
  return nullptr;
}

std::string text_of(const Json& value) { return value.is_string() ? value.get<std::string>() : json_text(value); }

/// {symbol: amount}; AFLOW's species "Ag,Au" with composition "2,1" (or lists); a formula under one of many names.
Composition composition_from(const Json& json, double& scale) {
  scale = 1;
  if (const Json* amounts = member(json, {"composition", "unit_cell_formula"});
      amounts != nullptr && amounts->is_object()) {
    std::map<Species, double> counts;
    for (const auto& [symbol, amount] : amounts->items()) {
      if (symbol.starts_with('@')) continue;
      if (!amount.is_number())
        throw InputError(fmt::format("composition: amount of {} is {}, expected a number", symbol, json_text(amount)));
      counts[species_of(symbol)] += amount.get<double>();
    }
    return integer_composition(counts, scale);
  }
  if (const Json* species = member(json, {"species"}); species != nullptr && json.contains("composition")) {
    const auto list = [](const Json& value) {
      if (value.is_string()) return words(value.get<std::string>(), ", ");
      std::vector<std::string> texts;
      if (value.is_array()) {
        for (const Json& one : value) texts.push_back(text_of(one));
      }
      return texts;
    };
    const auto symbols = list(*species), amounts = list(json["composition"]);
    if (!symbols.empty() && symbols.size() == amounts.size()) {
      std::string formula;
      for (std::size_t i = 0; i < symbols.size(); ++i) formula += symbols[i] + amounts[i];
      return composition_of(formula, scale);
    }
  }
  if (const Json* formula = member(
          json, {"formula", "composition", "full_formula", "formula_pretty", "pretty_formula", "compound", "name"});
      formula != nullptr && formula->is_string()) {
    std::string text = formula->get<std::string>();
    std::erase(text, ' ');  // "Fe2 O3"
    return composition_of(text, scale);
  }
  throw InputError("no \"composition\" {symbol: amount} and no \"formula\"");
}

double correction_of(const Json& json) {
  if (const Json* correction = member(json, {"correction"})) {
    if (!correction->is_number()) throw InputError("\"correction\" is not a number");
    return correction->get<double>();
  }
  double sum = 0;
  if (const Json* adjustments = member(json, {"energy_adjustments"});
      adjustments != nullptr && adjustments->is_array()) {
    for (const Json& one : *adjustments) {
      if (!one.is_object()) continue;
      if (const Json* value = member(one, {"value"}); value != nullptr && value->is_number()) {
        sum += value->get<double>();
      } else if (one.contains("adj_per_atom") && one.contains("n_atoms") && one["adj_per_atom"].is_number() &&
                 one["n_atoms"].is_number()) {
        sum += one["adj_per_atom"].get<double>() * one["n_atoms"].get<double>();
      }
    }
  }
  return sum;
}

double number_of(const Json& value, const char* name) {
  if (value.is_number()) return value.get<double>();
  throw InputError(fmt::format("\"{}\" is {}, expected a number (eV)", name, json_text(value)));
}

/// Total energy in eV of `scale` times the composition as written; a formation energy is marked in `keys`.
double energy_from(const Json& json, const Composition& composition, double scale,
                   std::map<std::string, std::string>& keys) {
  const auto atoms = static_cast<double>(composition.atom_count());
  for (const char* name : {"energy", "enthalpy_cell", "energy_cell"}) {
    const auto found = json.find(name);
    if (found == json.end()) continue;
    // AFLOW's cell may hold several of the formulas written.
    const Json* sites = std::string_view(name) == "energy" ? nullptr : member(json, {"natoms"});
    if (sites != nullptr && sites->is_number()) return number_of(*found, name) / sites->get<double>() * atoms;
    return (number_of(*found, name) + (std::string_view(name) == "energy" ? correction_of(json) : 0.0)) * scale;
  }
  for (const char* name : {"energy_per_atom", "enthalpy_atom", "energy_pa"}) {
    if (const auto found = json.find(name); found != json.end()) return number_of(*found, name) * atoms;
  }
  for (const char* name : {"formation_energy_per_atom", "delta_e", "enthalpy_formation_atom"}) {
    if (const auto found = json.find(name); found != json.end()) {
      keys[kEnergiesKey] = kFormationEnergies;
      return number_of(*found, name) * atoms;
    }
  }
  throw InputError("no \"energy\"");
}

/// What other programs say of how the energy was made, in our words.
void add_foreign_keys(const Json& json, const Composition& composition, std::map<std::string, std::string>& keys) {
  if (const Json* type = member(json, {"run_type"})) {
    std::string name = text_of(*type);
    keys["code"] = "vasp";
    if (name.ends_with("+U")) name.resize(name.size() - 2);
    keys["functional"] = name == "GGA" ? "PBE" : name;
  }
  if (const Json* type = member(json, {"dft_type"})) {  // AFLOW: "PAW_PBE"
    keys["code"] = "vasp";
    std::string name = type->is_array() && !type->empty() ? text_of((*type)[0]) : text_of(*type);
    if (const auto at = name.rfind('_'); at != std::string::npos) name = name.substr(at + 1);
    keys["functional"] = name;
  }
  if (const Json* hubbards = member(json, {"hubbards"}); hubbards != nullptr && hubbards->is_object()) {
    for (const auto& [symbol, value] : hubbards->items()) {
      const auto species = Species::parse(symbol);
      if (species && composition.count(*species) > 0 && value.is_number() && value.get<double>() != 0)
        keys["U." + symbol] = json_text(value);
    }
  }
  if (const Json* potentials = member(json, {"potcar_symbols"}); potentials != nullptr && potentials->is_array()) {
    for (const Json& one : *potentials) {  // "PBE Fe_pv"
      const std::string name = text_of(one), last = name.substr(name.rfind(' ') + 1);
      keys["pseudopotential." + last.substr(0, last.find('_'))] = name;
    }
  }
}

std::optional<HullEntry> entry_from_json(const Json& json, std::size_t index, const std::string& file,
                                         Problems& problems) {
  std::string name = fmt::format("#{}", index + 1);
  const auto problem = [&](const std::string& what) {
    problems.add({file, 0, 0}, fmt::format("entry {}: {}", name, what));
  };
  if (!json.is_object()) {
    problem("expected an object");
    return std::nullopt;
  }
  HullEntry entry;
  entry.id = name;
  for (const char* key : {"entry_id", "id", "material_id", "auid"}) {
    const auto found = json.find(key);
    if (found == json.end() || found->is_null()) continue;
    if (!found->is_string() && !found->is_number_integer()) {
      problem(fmt::format("\"{}\" is {}, expected a text", key, found->dump()));
      continue;
    }
    entry.id = text_of(*found);
    break;
  }
  if (entry.id != name) name += fmt::format(" (\"{}\")", entry.id);
  double scale = 1;
  bool good = true;
  try {
    entry.composition = composition_from(json, scale);
    if (entry.composition.atom_count() == 0) throw InputError("composition: no atoms");
  } catch (const InputError& error) {
    problem(error.what());
    good = false;
  }
  try {
    entry.energy_ev = energy_from(json, entry.composition, scale, entry.keys);
  } catch (const InputError& error) {
    problem(error.what());
    return std::nullopt;
  }
  add_foreign_keys(json, entry.composition, entry.keys);
  if (const Json* parameters = member(json, {"parameters"}); parameters != nullptr && parameters->is_object()) {
    add_foreign_keys(*parameters, entry.composition, entry.keys);
    // Our own export: every parameter is a hull key, and one of them names the code.
    if (const auto code = parameters->find("code"); code != parameters->end() && code->is_string()) {
      for (const auto& [key, value] : parameters->items()) entry.keys[key] = text_of(value);
    }
  }
  if (const Json* keys = member(json, {"keys"}); keys != nullptr && keys->is_object()) {
    for (const auto& [key, value] : keys->items()) entry.keys[key] = text_of(value);
  }
  return good ? std::optional(std::move(entry)) : std::nullopt;
}

bool is_corrected(const Json& json) {
  if (!json.is_object()) return false;
  try {
    return correction_of(json) != 0;
  } catch (const InputError&) {
    return false;  // reported where the entry is read
  }
}

/// Entries with and without U whose corrections put them on one scale (Jain et al., Phys. Rev. B 84, 045115 (2011))
/// agree with each other, and with no plain calculation.
void state_mixed_scheme(std::vector<HullEntry>& entries) {
  if (std::none_of(entries.begin(), entries.end(), [](const HullEntry& entry) {
        return std::any_of(entry.keys.begin(), entry.keys.end(),
                           [](const auto& key) { return key.first.starts_with("U."); });
      }))
    return;
  for (HullEntry& entry : entries) {
    std::erase_if(entry.keys, [](const auto& key) { return key.first.starts_with("U."); });
    if (const auto functional = entry.keys.find("functional"); functional != entry.keys.end())
      functional->second += " and U, mixed by corrections";
  }
}

/// The list within the file: bare, under a name, or the values of an object of objects.
std::vector<const Json*> entries_within(const Json& json, const std::string& file_name) {
  const Json* list = &json;
  if (json.is_object()) {
    for (const char* name : {"entries", "all_entries", "data", "response"}) {
      if (const auto found = json.find(name); found != json.end() && (found->is_array() || found->is_object())) {
        list = &*found;
        break;
      }
    }
  }
  std::vector<const Json*> entries;
  const bool of_objects =
      list->is_object() && !list->empty() && std::all_of(list->begin(), list->end(), [](const Json& one) {
        return one.is_object() && (one.contains("auid") || one.contains("compound"));
      });
  if (!list->is_array() && !of_objects)
    throw InputError(file_name + ": expected a list of entries or {\"entries\": [...]}");
  for (const Json& one : *list) entries.push_back(&one);
  return entries;
}

/// @throws InputError unless there are `count` finite numbers.
std::vector<double> numbers_of(const Json& json, std::size_t count, const char* name) {
  std::vector<double> numbers;
  if (json.is_array() && json.size() == count) {
    for (const Json& one : json) {
      if (one.is_number() && std::isfinite(one.get<double>())) numbers.push_back(one.get<double>());
    }
  }
  if (numbers.size() != count) throw InputError(fmt::format("{}: expected {} numbers", name, count));
  return numbers;
}

Eigen::Vector3d vector_of(const Json& json, const char* name) {
  const std::vector<double> x = numbers_of(json, 3, name);
  return {x[0], x[1], x[2]};
}

/// pymatgen's Structure.as_dict. @throws InputError, FormatError.
Structure pymatgen_structure(const Json& json) {
  const Json *lattice = member(json, {"lattice"}), *sites = member(json, {"sites"});
  const Json* matrix = lattice != nullptr && lattice->is_object() ? member(*lattice, {"matrix"}) : nullptr;
  if (matrix == nullptr || !matrix->is_array() || matrix->size() != 3 || sites == nullptr || !sites->is_array())
    throw InputError("expected pymatgen's \"lattice\" with its \"matrix\" and \"sites\"");
  Eigen::Matrix3d rows;
  for (int i = 0; i < 3; ++i) rows.row(i) = vector_of((*matrix)[static_cast<std::size_t>(i)], "matrix").transpose();
  Structure structure{Lattice(rows), {}, {}};
  for (const Json& site : *sites) {
    const Json* species = site.is_object() ? member(site, {"species"}) : nullptr;
    if (species == nullptr || !species->is_array() || species->size() != 1 || !(*species)[0].is_object())
      throw InputError("a site without exactly one species");
    const Json* element = member((*species)[0], {"element"});
    const Json* occupancy = member((*species)[0], {"occu"});
    if (element == nullptr || !element->is_string() ||
        (occupancy != nullptr && (!occupancy->is_number() || std::abs(occupancy->get<double>() - 1) > 1e-6)))
      throw InputError("a site that is not wholly occupied by an element");
    const Json *fractional = member(site, {"abc"}), *cartesian = member(site, {"xyz"});
    if (fractional == nullptr && cartesian == nullptr) throw InputError("a site without coordinates");
    structure.species.push_back(species_of(element->get<std::string>()));
    structure.positions.push_back(fractional != nullptr
                                      ? wrapped({vector_of(*fractional, "abc")})
                                      : wrapped(structure.lattice.to_fractional({vector_of(*cartesian, "xyz")})));
  }
  if (structure.species.empty()) throw InputError("it has no sites");
  return structure;
}

/// @param take is given every good entry with its JSON. @throws InputError with every problem of the file.
template <class Take>
void each_entry(const std::string& text, const std::string& file_name, const Take& take) {
  std::string problem;
  const std::optional<Json> read = parse_foreign_json(text, problem);
  if (!read) throw InputError(fmt::format("{}:{}", file_name, problem));
  Problems problems;
  std::vector<HullEntry> entries;
  std::vector<const Json*> written;
  std::size_t index = 0;
  bool corrected = false;
  for (const Json* one : entries_within(*read, file_name)) {
    corrected = corrected || is_corrected(*one);
    if (auto entry = entry_from_json(*one, index++, file_name, problems)) {
      entries.push_back(std::move(*entry));
      written.push_back(one);
    }
  }
  if (corrected) state_mixed_scheme(entries);
  for (std::size_t i = 0; i < entries.size(); ++i) take(*written[i], std::move(entries[i]), problems);
  problems.throw_if_any();
}

}  // namespace

std::vector<HullEntry> parse_entries_json(const std::string& text, const std::string& file_name) {
  std::vector<HullEntry> entries;
  each_entry(text, file_name, [&](const Json&, HullEntry&& entry, Problems&) { entries.push_back(std::move(entry)); });
  return entries;
}

std::vector<StructuredEntry> parse_structured_entries_json(const std::string& text, const std::string& file_name) {
  std::vector<StructuredEntry> all;
  each_entry(text, file_name, [&](const Json& json, HullEntry&& entry, Problems& problems) {
    StructuredEntry one{std::move(entry), std::nullopt};
    try {
      if (const Json* written = member(json, {"structure"}); written != nullptr && written->is_object()) {
        one.structure = pymatgen_structure(*written);
        if (one.structure->composition().reduced() != one.entry.composition.reduced())
          throw InputError(fmt::format("its structure is {}", one.structure->composition().formula()));
      }
    } catch (const Error& error) {
      problems.add({file_name, 0, 0}, fmt::format("entry {} ({}): structure: {}", one.entry.id,
                                                  one.entry.composition.formula(), error.what()));
      one.structure.reset();
    }
    all.push_back(std::move(one));
  });
  return all;
}

bool all_formation_energies(std::span<const HullEntry> entries) {
  return !entries.empty() && std::all_of(entries.begin(), entries.end(), [](const HullEntry& entry) {
    const auto found = entry.keys.find(kEnergiesKey);
    return found != entry.keys.end() && found->second == kFormationEnergies;
  });
}

}  // namespace hullscan
