#include "cli/peer_inputs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <optional>
#include <set>

#include "core/errors.hpp"
#include "core/json.hpp"
#include "enumerator/crystal_reader.hpp"

namespace hullscan::cli {
namespace {

namespace fs = std::filesystem;

constexpr double kWhole = 0.01;  ///< atoms

int cells(const std::array<int, 3>& supercell) { return supercell[0] * supercell[1] * supercell[2]; }

bool is_number(const std::string& text) {
  return !text.empty() && text.size() <= 6 && text.find_first_not_of("0123456789") == std::string::npos;
}

std::string range_text(int low, int high) {
  return low == high ? std::to_string(low) : fmt::format("\"{}..{}\"", low, high);
}

/// Checks of a JSON object that collect what is wrong.
class JsonReader {
 public:
  JsonReader(const Json& json, std::string where, std::vector<std::string>& problems)
      : json_(json), where_(std::move(where)), problems_(problems) {}

  void only(const std::set<std::string>& keys) {
    if (!json_.is_object()) return problem("expected an object");
    for (const auto& [key, value] : json_.items()) {
      if (keys.count(key) == 0) problem(fmt::format("unknown key \"{}\"; known: {}", key, fmt::join(keys, ", ")));
    }
  }
  std::string text(const std::string& key, const std::optional<std::string>& otherwise = {}) {
    if (json_.is_object() && json_.contains(key) && json_[key].is_string()) return json_[key];
    if (otherwise && json_.is_object() && !json_.contains(key)) return *otherwise;
    problem(fmt::format("\"{}\": expected a text", key));
    return "";
  }
  double fraction(const std::string& key) {
    if (json_.is_object() && json_.contains(key) && json_[key].is_number()) {
      const double value = json_[key];
      if (value >= 0 && value <= 1) return value;
    }
    problem(fmt::format("\"{}\": expected a number from 0 to 1", key));
    return 0;
  }
  bool truth(const std::string& key) {
    if (!json_.is_object() || !json_.contains(key)) return false;
    if (json_[key].is_boolean()) return json_[key];
    problem(fmt::format("\"{}\": expected true or false", key));
    return false;
  }
  void problem(const std::string& what) { problems_.push_back(where_ + ": " + what); }

 private:
  const Json& json_;
  std::string where_;
  std::vector<std::string>& problems_;
};

Json read_json(const fs::path& file) {
  std::ifstream in(file);
  if (!in) throw InputError(file.string() + ": cannot be read");
  try {
    return Json::parse(in);
  } catch (const Json::parse_error& error) {
    throw InputError(fmt::format("{}: {}", file.string(), error.what()));
  }
}

fs::path found_structure(const fs::path& file, const std::string& name) {
  for (const fs::path& candidate : {file.parent_path() / name, fs::path(name)}) {
    if (fs::exists(candidate)) return candidate;
  }
  throw InputError(fmt::format("{}: structure_filename: {} is neither beside the file nor in the current folder",
                               file.string(), name));
}

/// Sites that share one composition: those listed with the same labels.
struct MixedGroup {
  std::set<std::string> labels;
  std::string label;  ///< of the sites, as a campaign names them
  std::map<Species, double> occupancy;
  int positions = 0;  ///< in the cell
};

std::vector<MixedGroup> mixed_groups(const Crystal& crystal) {
  std::vector<MixedGroup> groups;
  for (const CrystalSite& site : crystal.sites) {
    if (site.occupants.size() < 2) continue;
    std::set<std::string> labels(site.other_labels.begin(), site.other_labels.end());
    labels.insert(site.label);
    auto group = std::find_if(groups.begin(), groups.end(), [&](const MixedGroup& g) { return g.labels == labels; });
    if (group == groups.end()) {
      groups.push_back({labels, site.label, {}, 0});
      group = std::prev(groups.end());
      for (const Occupant& occupant : site.occupants) group->occupancy[occupant.species] = occupant.occupancy;
    }
    ++group->positions;
  }
  return groups;
}

/// "Pb" of "Pb1", "Pb1a", "Pb*".
std::string element_of(const std::string& label) {
  const auto letters = [](char c) { return (c >= 'a' && c <= 'z'); };
  if (label.size() > 1 && letters(label[1])) return label.substr(0, 2);
  return label.substr(0, 1);
}

struct Population {
  std::string label;
  int count = 0;
  bool used = false;
};

Population parse_population(const std::string& text) {
  const auto equals = text.rfind('=');
  std::string label = text.substr(0, equals == std::string::npos ? text.size() : equals);
  if (label.ends_with(":p")) label.resize(label.size() - 2);
  const std::string number = equals == std::string::npos ? "" : text.substr(equals + 1);
  if (label.empty() || !is_number(number)) {
    throw InputError(fmt::format("--population {}: expected LABEL=N or LABEL:p=N, as in Pb1=26", text));
  }
  return {label, std::stoi(number)};
}

bool matches(const std::string& pattern, const std::string& label) {
  if (pattern.ends_with('*')) return label.starts_with(pattern.substr(0, pattern.size() - 1));
  return pattern == label;
}

}  // namespace

std::array<int, 3> parse_supercell(const std::string& text, const std::string& option) {
  std::array<int, 3> supercell{};
  std::string::size_type begin = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    const auto end = i < 2 ? text.find('x', begin) : text.size();
    const std::string part = end == std::string::npos ? "" : text.substr(begin, end - begin);
    if (!is_number(part) || part.size() > 3 || std::stoi(part) == 0) {
      throw InputError(fmt::format("{} {}: expected three numbers, as in 2x2x1", option, text));
    }
    supercell[i] = std::stoi(part);
    begin = end + 1;
  }
  return supercell;
}

PeerInput read_csslib(const fs::path& file) {
  const Json json = read_json(file);
  std::vector<std::string> problems;
  JsonReader reader(json, file.string(), problems);
  reader.only({"result_dir", "structure_filename", "supercell", "num_workers", "substitution"});
  PeerInput input;
  input.supercell = parse_supercell(reader.text("supercell", "1x1x1"), "supercell");
  const std::string name = reader.text("structure_filename");
  if (!problems.empty()) throw InputError(fmt::format("{}", fmt::join(problems, "\n")));
  input.structure = found_structure(file, name);
  const double atoms =
      static_cast<double>(read_crystal(input.structure, "").sites.size()) * cells(input.supercell);

  std::map<std::string, std::map<std::string, std::string>> species_of;  // replaced element: species: rule
  const Json substitutions = json.contains("substitution") ? json["substitution"] : Json::array();
  for (std::size_t i = 0; i < substitutions.size(); ++i) {
    JsonReader rule(substitutions[i], fmt::format("{}: substitution {}", file.string(), i + 1), problems);
    rule.only({"specie_to_substitute", "substitute_with", "substitution_low_limit", "substitution_high_limit",
               "is_fictive"});
    const std::string replaced = rule.text("specie_to_substitute");
    const std::string by = rule.truth("is_fictive") ? "Va" : rule.text("substitute_with");
    // As CSSlib rounds them.
    const int low = static_cast<int>(rule.fraction("substitution_low_limit") * atoms + 1e-4);
    const int high = static_cast<int>(rule.fraction("substitution_high_limit") * atoms + 1e-4);
    if (low > high) rule.problem(fmt::format("{} to {} atoms: the low limit is above the high one", low, high));
    if (!species_of[replaced].emplace(by, range_text(low, high)).second) {
      rule.problem(fmt::format("{} on {} for the second time", by, replaced));
    }
  }
  if (!problems.empty()) throw InputError(fmt::format("{}", fmt::join(problems, "\n")));
  for (const auto& [replaced, rules] : species_of) {
    std::string species = replaced + " = \"rest\"";
    for (const auto& [symbol, rule] : rules) species += fmt::format(", {} = {}", symbol, rule);
    input.sublattices.push_back({fmt::format("\"{}\"", replaced), species});
  }
  return input;
}

PeerInput read_supercell_program(const fs::path& structure, const Crystal& crystal,
                                 const std::array<int, 3>& supercell, const std::vector<std::string>& populations) {
  std::vector<Population> asked;
  for (const std::string& text : populations) asked.push_back(parse_population(text));
  PeerInput input{structure, supercell, {}};
  std::vector<std::string> problems;
  for (const MixedGroup& group : mixed_groups(crystal)) {
    const int sites = group.positions * cells(supercell);
    std::map<std::string, int> counts;
    int atoms = 0;
    std::string rest;
    for (const auto& [species, occupancy] : group.occupancy) {
      const std::string symbol(species.symbol());
      if (species.is_vacancy()) continue;
      double number = occupancy * sites;
      for (Population& population : asked) {
        const bool here = element_of(population.label) == symbol &&
                          std::any_of(group.labels.begin(), group.labels.end(),
                                      [&](const std::string& label) { return matches(population.label, label); });
        if (!here) continue;
        number = population.count;
        population.used = true;
      }
      if (std::abs(number - std::round(number)) > kWhole) {
        problems.push_back(fmt::format("{}: {} on {} sites of {}: {:.4g} atoms are no whole number; say --population",
                                       structure.string(), symbol, sites, fmt::join(group.labels, ", "), number));
      }
      counts[symbol] = static_cast<int>(std::lround(number));
      atoms += counts[symbol];
      if (rest.empty() || counts[symbol] > counts[rest]) rest = symbol;
    }
    if (atoms > sites) {
      problems.push_back(fmt::format("{}: {}: {} atoms on {} sites", structure.string(),
                                     fmt::join(group.labels, ", "), atoms, sites));
    }
    if (sites - atoms > 0) counts["Va"] = sites - atoms;
    std::string species;
    for (const auto& [symbol, count] : counts) {
      species += fmt::format("{}{} = {}", species.empty() ? "" : ", ", symbol, count);
    }
    input.sublattices.push_back({fmt::format("\"{}\"", group.label), species});
  }
  if (input.sublattices.empty()) {
    problems.push_back(structure.string() + ": no site is mixed or partly vacant: nothing to arrange");
  }
  for (const Population& population : asked) {
    if (!population.used) problems.push_back(fmt::format("--population {}: no mixed site has that label", population.label));
  }
  if (!problems.empty()) throw InputError(fmt::format("{}", fmt::join(problems, "\n")));
  return input;
}

}  // namespace hullscan::cli
