#include "campaign/drafts/peer_inputs.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <sstream>

#include "core/errors.hpp"
#include "core/file_bytes.hpp"
#include "core/foreign_json.hpp"
#include "enumerator/files/crystal_reader.hpp"

namespace hullscan {
namespace {

namespace fs = std::filesystem;

constexpr double kWhole = 0.01;  ///< atoms

int cells(const std::array<int, 3>& supercell) { return supercell[0] * supercell[1] * supercell[2]; }

bool is_number(const std::string& text) {
  return !text.empty() && text.size() <= 6 && text.find_first_not_of("0123456789") == std::string::npos;
}

/// @throws InputError where counts of atoms would leave the range of an int.
void refuse_huge(const Crystal& crystal, const std::array<int, 3>& supercell, const std::string& where) {
  constexpr double kMostSites = 1e8;
  const double sites = static_cast<double>(crystal.sites.size()) * cells(supercell);
  if (sites > kMostSites)
    throw InputError(
        fmt::format("{}: a supercell of {:.3g} sites, at most {:.0e} can be described", where, sites, kMostSites));
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
  /// Symbols as a list, or as one text with blanks, commas or semicolons between them; absent or null: none.
  std::set<std::string> symbols(const std::string& key) {
    std::set<std::string> found;
    if (!json_.is_object() || !json_.contains(key) || json_[key].is_null()) return found;
    const Json& value = json_[key];
    const Json list = value.is_string() ? Json::array({value}) : value;
    std::string text;
    for (const Json& one : list.is_array() ? list : Json::array({nullptr})) {
      if (!one.is_string()) {
        problem(fmt::format("\"{}\": expected a list of elements, as in [\"U\", \"Np\"]", key));
        return {};
      }
      text += one.get<std::string>() + " ";
    }
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c == ',' || c == ';'; }, ' ');
    std::istringstream words(text);
    for (std::string word; words >> word;) {
      if (!Species::parse(word)) problem(fmt::format("\"{}\": \"{}\" is not an element", key, word));
      found.insert(word);
    }
    return found;
  }
  void problem(const std::string& what) { problems_.push_back(where_ + ": " + what); }

 private:
  const Json& json_;
  std::string where_;
  std::vector<std::string>& problems_;
};

Json read_json(const fs::path& file) {
  const std::string text = user_file(file);
  std::string problem;
  auto json = parse_foreign_json(text, problem);
  if (!json) throw InputError(fmt::format("{}:{}", file.string(), problem));
  return std::move(*json);
}

fs::path found_structure(const fs::path& file, const std::string& name) {
  for (const fs::path& candidate : {file.parent_path() / name, fs::path(name)}) {
    if (fs::exists(candidate)) return candidate;
  }
  throw InputError(fmt::format("{}: structure_filename: {} is neither beside the file nor in the current folder",
                               file.string(), name));
}

/// Sites that share one composition: those listed with the same labels, and other ones with the same occupants.
struct MixedGroup {
  std::set<std::string> labels;
  std::vector<std::size_t> sites;   ///< of the crystal
  std::map<Species, double> atoms;  ///< that the file puts on them
};

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

std::set<std::string> labels_of(const CrystalSite& site) {
  std::set<std::string> labels(site.other_labels.begin(), site.other_labels.end());
  labels.insert(site.label);
  return labels;
}

/// Which of the populations speak of labels of this site: sites for which these differ are not joined.
std::vector<std::size_t> populations_of(const CrystalSite& site, const std::vector<Population>& populations) {
  const std::set<std::string> labels = labels_of(site);
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < populations.size(); ++i) {
    if (std::any_of(labels.begin(), labels.end(),
                    [&](const std::string& label) { return matches(populations[i].label, label); })) {
      found.push_back(i);
    }
  }
  return found;
}

std::vector<MixedGroup> mixed_groups(const Crystal& crystal, const std::vector<Population>& populations) {
  std::vector<VariedSites> alike;
  add_mixed_sites(crystal, alike);
  std::vector<MixedGroup> groups;
  for (const VariedSites& varied : alike) {
    std::map<std::vector<std::size_t>, MixedGroup> parts;
    for (const std::size_t i : varied.sites) {
      MixedGroup& part = parts[populations_of(crystal.sites[i], populations)];
      part.labels.merge(labels_of(crystal.sites[i]));
      part.sites.push_back(i);
      for (const Occupant& occupant : crystal.sites[i].occupants) part.atoms[occupant.species] += occupant.occupancy;
    }
    for (auto& [asked, part] : parts) groups.push_back(std::move(part));
  }
  return groups;
}

/// At most six, so that a message about a big cell stays readable.
std::string labels_text(const std::set<std::string>& labels) {
  std::vector<std::string> shown(labels.begin(), labels.end());
  const std::size_t all = shown.size();
  if (all > 6) shown.resize(6);
  return fmt::format("{}{}", fmt::join(shown, ", "), all > 6 ? fmt::format(", … ({})", all) : "");
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

PeerInput read_csslib(const fs::path& file, double symprec_angstrom) {
  const Json json = read_json(file);
  std::vector<std::string> problems;
  JsonReader reader(json, file.string(), problems);
  reader.only({"result_dir", "structure_filename", "supercell", "num_workers", "substitution", "fictive_atoms"});
  PeerInput input;
  const std::string supercell = reader.text("supercell", "1x1x1");
  const std::string name = reader.text("structure_filename");
  std::set<std::string> fictive = reader.symbols("fictive_atoms");
  if (!problems.empty()) throw InputError(fmt::format("{}", fmt::join(problems, "\n")));
  input.supercell = parse_supercell(supercell, file.string() + ": supercell");
  input.structure = found_structure(file, name);
  const Crystal crystal = read_crystal(input.structure, "");
  refuse_huge(crystal, input.supercell, file.string());
  const double atoms = static_cast<double>(crystal.sites.size()) * cells(input.supercell);

  std::map<std::string, std::map<std::string, std::pair<int, int>>> limits;  // [replaced element][species], atoms
  const Json substitutions = json.contains("substitution") ? json["substitution"] : Json::array();
  if (!substitutions.is_array()) throw InputError(file.string() + ": \"substitution\": expected a list");
  for (std::size_t i = 0; i < substitutions.size(); ++i) {
    JsonReader rule(substitutions[i], fmt::format("{}: substitution {}", file.string(), i + 1), problems);
    rule.only(
        {"specie_to_substitute", "substitute_with", "substitution_low_limit", "substitution_high_limit", "is_fictive"});
    const std::string replaced = rule.text("specie_to_substitute"), with = rule.text("substitute_with");
    const bool vacant = rule.truth("is_fictive") || fictive.count(with) > 0;
    // As CSSlib rounds them.
    const int low = static_cast<int>(rule.fraction("substitution_low_limit") * atoms + 1e-4);
    const int high = static_cast<int>(rule.fraction("substitution_high_limit") * atoms + 1e-4);
    if (low > high) rule.problem(fmt::format("{} to {} atoms: the low limit is above the high one", low, high));
    auto [range, fresh] = limits[replaced].try_emplace(vacant ? "Va" : with, low, high);
    if (fresh) continue;
    // Two place-holders on one element are vacancies both.
    if (!vacant) rule.problem(fmt::format("{} is put on {} for the second time", with, replaced));
    range->second.first += low;
    range->second.second += high;
  }
  const auto is_in_file = [&](const std::string& symbol) {
    return std::any_of(crystal.sites.begin(), crystal.sites.end(), [&](const CrystalSite& site) {
      return std::any_of(site.occupants.begin(), site.occupants.end(),
                         [&](const Occupant& occupant) { return occupant.species.symbol() == symbol; });
    });
  };
  // A place-holder of the structure file that nothing replaces is a vacancy all the same.
  for (const std::string& symbol : fictive) {
    if (is_in_file(symbol)) limits.try_emplace(symbol);
  }
  if (limits.empty()) problems.push_back(file.string() + ": \"substitution\" lists nothing: no site would vary");
  for (const auto& [replaced, species] : limits) {
    if (!replaced.empty() && !is_in_file(replaced)) {
      problems.push_back(
          fmt::format("{}: substitution: {} has no {}", file.string(), input.structure.string(), replaced));
    }
  }
  if (!problems.empty()) throw InputError(fmt::format("{}", fmt::join(problems, "\n")));
  std::vector<std::string> taken;
  for (const auto& [replaced, species] : limits) {
    SublatticeText text =
        named_sublattice(crystal, sites_named(crystal, replaced, symprec_angstrom, replaced), symprec_angstrom, taken);
    const std::string rest = fictive.count(replaced) > 0 ? "Va" : replaced;
    if (rest != replaced) text.name = replaced == *fictive.begin() ? "vacant" : "vacant_" + replaced;
    text.species = rest + " = \"rest\"";
    for (const auto& [symbol, range] : species) {
      if (symbol != rest) text.species += fmt::format(", {} = {}", symbol, range_text(range.first, range.second));
    }
    input.sublattices.push_back(std::move(text));
  }
  return input;
}

PeerInput read_supercell_program(const fs::path& structure, const Crystal& crystal, const std::array<int, 3>& supercell,
                                 const std::vector<std::string>& populations, double symprec_angstrom) {
  refuse_huge(crystal, supercell, structure.string());
  std::vector<Population> asked;
  for (const std::string& text : populations) asked.push_back(parse_population(text));
  PeerInput input{structure, supercell, {}};
  std::vector<std::string> problems, not_whole, taken;
  for (const MixedGroup& group : mixed_groups(crystal, asked)) {
    const int sites = static_cast<int>(group.sites.size()) * cells(supercell);
    std::map<std::string, int> counts;
    std::vector<std::string> broken;
    int atoms = 0;
    for (const auto& [species, of_file] : group.atoms) {
      const std::string symbol(species.symbol());
      if (species.is_vacancy()) continue;
      double number = of_file * cells(supercell);
      for (Population& population : asked) {
        const bool here = element_of(population.label) == symbol &&
                          std::any_of(group.labels.begin(), group.labels.end(),
                                      [&](const std::string& label) { return matches(population.label, label); });
        if (!here) continue;
        number = population.count;
        population.used = true;
      }
      if (std::abs(number - std::round(number)) > kWhole) {
        broken.push_back(fmt::format("{:.4g} {}", number, symbol));
      }
      counts[symbol] = static_cast<int>(std::lround(number));
      atoms += counts[symbol];
    }
    if (!broken.empty()) {
      not_whole.push_back(
          fmt::format("{} on the {} sites of {}", fmt::join(broken, ", "), sites, labels_text(group.labels)));
    } else if (atoms > sites) {
      problems.push_back(
          fmt::format("{}: {}: {} atoms on {} sites", structure.string(), labels_text(group.labels), atoms, sites));
    }
    if (sites - atoms > 0) counts["Va"] = sites - atoms;
    SublatticeText text = named_sublattice(crystal, group.sites, symprec_angstrom, taken);
    for (const auto& [symbol, count] : counts) {
      text.species += fmt::format("{}{} = {}", text.species.empty() ? "" : ", ", symbol, count);
    }
    input.sublattices.push_back(std::move(text));
  }
  if (!not_whole.empty()) {
    problems.push_back(
        fmt::format("{}: in {}x{}x{} these atoms are not whole numbers: {}; choose another --supercell, or set "
                    "--population LABEL=N",
                    structure.string(), supercell[0], supercell[1], supercell[2], fmt::join(not_whole, "; ")));
  }
  if (input.sublattices.empty()) {
    problems.push_back(structure.string() + ": no site is mixed or partly vacant: nothing to arrange");
  }
  for (const Population& population : asked) {
    if (!population.used)
      problems.push_back(fmt::format("--population {}: no mixed site has that label", population.label));
  }
  if (!problems.empty()) throw InputError(fmt::format("{}", fmt::join(problems, "\n")));
  return input;
}

}  // namespace hullscan
