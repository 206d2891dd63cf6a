#include "core/campaign/campaign.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <Eigen/LU>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "core/campaign/campaign_restrictions.hpp"
#include "core/foreign_text.hpp"
#include "core/names.hpp"
#include "core/plain_text.hpp"

namespace hullscan {
namespace {

namespace fs = std::filesystem;

std::optional<double> parse_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

// ---- counts -------------------------------------------------------------------------------------------------------

constexpr const char* kCountForms = "a number of sites, \"a..b\", \"5%\", \"5%..10%\", \"rest\", or a list of these";

/// "6", "0..6", "5%..10%" and "25%".
std::optional<CountRule::Range> parse_range(const std::string& text) {
  const auto bound = [](std::string part) -> std::optional<std::pair<double, bool>> {
    part = trimmed(part);
    const bool percent = !part.empty() && part.back() == '%';
    if (percent) part = trimmed(std::string_view(part).substr(0, part.size() - 1));
    const auto value = parse_number(part);
    if (!value || *value < 0 || (percent && *value > 100) || (!percent && *value != std::floor(*value)))
      return std::nullopt;
    return std::pair(*value, percent);
  };
  const auto dots = text.find("..");
  const auto low = bound(text.substr(0, dots));
  const auto high = dots == std::string::npos ? low : bound(text.substr(dots + 2));
  if (!low || !high || low->second != high->second || low->first > high->first) return std::nullopt;
  return CountRule::Range{low->first, high->first, low->second};
}

void read_count(const Setting& setting, CountRule& rule, const std::string& name, Problems& problems) {
  const auto refuse = [&](const std::string& found) {
    problems.add(setting.where, fmt::format("{}: expected {}, found {}", name, kCountForms, found));
  };
  if (const auto* integer = std::get_if<std::int64_t>(&setting.value)) {
    if (*integer < 0) return refuse(std::to_string(*integer));
    rule.text += (rule.text.empty() ? "" : ", ") + std::to_string(*integer);
    rule.ranges.push_back({static_cast<double>(*integer), static_cast<double>(*integer), false});
  } else if (const auto* text = std::get_if<std::string>(&setting.value)) {
    rule.text += (rule.text.empty() ? "" : ", ") + *text;
    if (*text == "rest") {
      rule.rest = true;
    } else if (const auto range = parse_range(*text)) {
      rule.ranges.push_back(*range);
    } else {
      refuse("\"" + *text + "\"");
    }
  } else if (const auto* list = std::get_if<std::vector<Setting>>(&setting.value)) {
    if (list->empty()) refuse("an empty list");
    for (const Setting& element : *list) read_count(element, rule, name, problems);
    if (rule.rest && !rule.ranges.empty()) refuse("\"rest\" inside a list");
  } else {
    refuse(setting.type_name());
  }
}

// ---- constraints --------------------------------------------------------------------------------------------------

class ConstraintReader {
 public:
  ConstraintReader(const std::string& text, SourcePosition where) : text_(text), where_(std::move(where)) {}

  LinearConstraint read() {
    LinearConstraint result;
    result.text = text_;
    result.where = where_;
    side(result, +1);
    if (result_relation("<=")) {
      result.relation = LinearConstraint::Relation::kLessEqual;
    } else if (result_relation(">=")) {
      result.relation = LinearConstraint::Relation::kGreaterEqual;
    } else if (result_relation("==")) {
      result.relation = LinearConstraint::Relation::kEqual;
    } else {
      fail("expected ==, <= or >=");
    }
    side(result, -1);
    if (at_ < text_.size()) fail("expected the end");
    if (result.terms.empty()) fail("names no species");
    return result;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw InputError(fmt::format("{}: constraint \"{}\", character {}: {}", to_string(where_), text_, at_ + 1, what));
  }
  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }
  bool result_relation(std::string_view symbol) {
    if (text_.compare(at_, symbol.size(), symbol) != 0) return false;
    at_ += symbol.size();
    return true;
  }
  std::string word() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[at_])) != 0 || text_[at_] == '_'))
      ++at_;
    return text_.substr(begin, at_ - begin);
  }

  void side(LinearConstraint& result, std::int64_t sign_of_side) {
    bool first = true;
    while (true) {
      skip_blanks();
      std::int64_t sign = sign_of_side;
      if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) {
        if (text_[at_] == '-') sign = -sign;
        ++at_;
        skip_blanks();
      } else if (!first) {
        return;
      }
      term(result, sign);
      first = false;
      skip_blanks();
    }
  }

  void term(LinearConstraint& result, std::int64_t sign) {
    std::int64_t coefficient = 1;
    bool has_number = false;
    if (at_ < text_.size() && std::isdigit(static_cast<unsigned char>(text_[at_])) != 0) {
      has_number = true;
      coefficient = 0;
      while (at_ < text_.size() && std::isdigit(static_cast<unsigned char>(text_[at_])) != 0) {
        coefficient = coefficient * 10 + (text_[at_++] - '0');
        if (coefficient > 1'000'000) fail("number above 10^6");
      }
      skip_blanks();
      if (at_ < text_.size() && text_[at_] == '*') {
        ++at_;
        skip_blanks();
      } else if (at_ >= text_.size() || std::isalpha(static_cast<unsigned char>(text_[at_])) == 0) {
        result.bound -= sign * coefficient;  // a plain number goes to the right
        return;
      }
    }
    const std::size_t start = at_;
    std::string name = word();
    if (name.empty())
      fail(has_number ? "expected a species after the number" : "expected a species, as in \"Zn\" or \"B.Zn\"");
    std::string sublattice;
    if (at_ < text_.size() && text_[at_] == '.') {
      ++at_;
      sublattice = name;
      name = word();
    }
    const auto species = Species::parse(name);
    if (!species) {
      at_ = start;
      fail("\"" + name + "\" is not a species");
    }
    result.terms.push_back({sign * coefficient, sublattice, *species});
  }

  const std::string& text_;
  SourcePosition where_;
  std::size_t at_ = 0;
};

// ---- spaces -------------------------------------------------------------------------------------------------------

std::optional<Species> read_species(const std::string& symbol, const SourcePosition& where, Problems& problems) {
  try {
    return Species::from_symbol(symbol);
  } catch (const InputError& error) {
    problems.add(where, error.what());
    return std::nullopt;
  }
}

SublatticeSpec read_sublattice(const SettingsTable& table, Problems& problems) {
  SettingsReader reader(table, "space.sublattice", problems);
  SublatticeSpec spec;
  spec.where = reader.where("sites");
  reader.require("sites", "an atom-site label, an element, a Wyckoff position such as \"4b\", or a list of these");
  spec.sites = reader.texts("sites");
  spec.name = reader.text("name", fmt::format("{}", fmt::join(spec.sites, "+")));
  if (!is_one_readable_line(spec.name)) {
    reader.problem("name",
                   fmt::format("\"{}\" holds a line break or another control character", readable_line(spec.name, 60)));
  } else if (const auto bad = spec.name.find_first_of(". \t,\""); bad != std::string::npos) {
    reader.problem("name", fmt::format("\"{}\" holds a {}; a name is one word without dots", spec.name,
                                       spec.name[bad] == '.' ? "dot" : "blank, comma or quote"));
  }
  reader.require("species", "the species that may sit there, as in { Pb = \"rest\", Zn = \"0..6\" }");
  if (const SettingsTable* species = reader.table("species")) {
    for (const auto& [symbol, setting] : species->entries) {
      CountRule rule;
      rule.where = setting.where;
      const auto parsed = read_species(symbol, setting.key_where, problems);
      read_count(setting, rule, "space.sublattice.species." + symbol, problems);
      if (!parsed) continue;
      rule.species = *parsed;
      const bool twice = std::any_of(spec.species.begin(), spec.species.end(),
                                     [&](const CountRule& other) { return other.species == rule.species; });
      if (twice) {
        problems.add(setting.key_where,
                     fmt::format("space.sublattice.species.{}: names a species that is there already", symbol));
      } else {
        spec.species.push_back(rule);
      }
    }
    const auto rests =
        std::count_if(spec.species.begin(), spec.species.end(), [](const CountRule& r) { return r.rest; });
    if (rests > 1) reader.problem("species", "only one species can take the rest");
    if (species->entries.empty()) reader.problem("species", "is empty");
  }
  reader.finish();
  return spec;
}

std::optional<std::int64_t> as_integer(const Setting& setting) {
  const auto* value = std::get_if<std::int64_t>(&setting.value);
  constexpr std::int64_t kLargest = 1'000'000;
  return value != nullptr && -kLargest <= *value && *value <= kLargest ? std::optional(*value) : std::nullopt;
}

void read_supercell(SettingsReader& reader, SpaceSpec& spec) {
  const bool has_volume = reader.has("volume");
  const Setting* volume = reader.raw("volume");
  if (const Setting* setting = reader.raw("supercell")) {
    if (has_volume) reader.problem("volume", "either supercell or volume, not both");
    const auto* list = std::get_if<std::vector<Setting>>(&setting->value);
    SupercellMatrix matrix = SupercellMatrix::Zero();
    bool good = list != nullptr && list->size() == 3;
    for (int i = 0; good && i < 3; ++i) {
      const Setting& row = (*list)[static_cast<std::size_t>(i)];
      if (const auto* numbers = std::get_if<std::vector<Setting>>(&row.value)) {
        good = numbers->size() == 3;
        for (int j = 0; good && j < 3; ++j) {
          const auto value = as_integer((*numbers)[static_cast<std::size_t>(j)]);
          good = value.has_value();
          if (good) matrix(i, j) = static_cast<int>(*value);
        }
      } else {
        const auto value = as_integer(row);
        good = value.has_value() && *value >= 1;
        if (good) matrix(i, i) = static_cast<int>(*value);
      }
    }
    if (!good) {
      reader.problem(
          "supercell",
          "expected three numbers >= 1, as in [2, 2, 1], or three integer rows, as in [[1,1,0],[0,1,1],[1,0,1]]");
    } else {
      if (std::abs(matrix.cast<double>().determinant()) < 0.5) {
        reader.problem("supercell", "the rows span no volume (determinant 0)");
      } else {
        spec.supercell = matrix;
      }
    }
  } else if (volume != nullptr) {
    std::optional<std::int64_t> low, high;
    if (const auto* list = std::get_if<std::vector<Setting>>(&volume->value); list != nullptr && list->size() == 2) {
      low = as_integer((*list)[0]);
      high = as_integer((*list)[1]);
    } else {
      low = high = as_integer(*volume);
    }
    if (!low || !high) {
      reader.problem("volume", "expected a number or [lowest, highest], in reference cells");
    } else if (*low < 1) {
      reader.problem("volume", fmt::format("lower bound {}, must be >= 1", *low));
    } else if (*high < *low) {
      reader.problem("volume", fmt::format("upper bound {}, must be >= {}", *high, *low));
    } else if (*high > 200) {
      reader.problem("volume", fmt::format("upper bound {}, must be <= 200", *high));
    } else {
      spec.supercell = VolumeRange{static_cast<int>(*low), static_cast<int>(*high)};
      spec.superperiodic = false;
    }
  }
}

void read_oxidation(SettingsReader& reader, SpaceSpec& spec, Problems& problems) {
  const SettingsTable* table = reader.table("oxidation");
  if (table == nullptr) return;
  for (const auto& [symbol, setting] : table->entries) {
    const auto species = read_species(symbol, setting.key_where, problems);
    std::vector<int> states;
    if (const auto value = as_integer(setting)) {
      states.push_back(static_cast<int>(*value));
    } else if (const auto* list = std::get_if<std::vector<Setting>>(&setting.value)) {
      for (const Setting& element : *list) {
        const auto state = as_integer(element);
        if (state) states.push_back(static_cast<int>(*state));
      }
      if (states.size() != list->size()) states.clear();
    }
    if (states.empty()) {
      problems.add(setting.where, fmt::format("space.oxidation.{}: expected an integer or a list of integers", symbol));
    } else if (species) {
      std::sort(states.begin(), states.end());
      spec.oxidation[*species] = states;
    }
  }
}

MinimumDistance read_minimum_distance(const SettingsTable& table, Problems& problems) {
  SettingsReader reader(table, "space.min_distance", problems);
  MinimumDistance result;
  result.where = table.where;
  const auto pair = reader.texts("pair");
  result.angstrom = reader.number("angstrom", 0, 0, 1000);
  reader.require("angstrom", "the smallest distance allowed, Å");
  if (pair.size() != 2) {
    reader.problem("pair", "expected two species, as in [\"Zn\", \"Zn\"]");
  } else {
    const auto a = read_species(pair[0], reader.where("pair"), problems);
    const auto b = read_species(pair[1], reader.where("pair"), problems);
    if (a && b) {
      result.a = *a;
      result.b = *b;
    }
  }
  reader.finish();
  return result;
}

MarkerSpec read_marker(const SettingsTable& table, Problems& problems) {
  SettingsReader reader(table, "space.marker", problems);
  MarkerSpec marker;
  marker.where = table.where;
  const auto pair = reader.texts("pair");
  const auto site = reader.texts("site");
  marker.max_distance_angstrom = reader.number("max_distance", 0, 0, 1000);
  if (!pair.empty() == !site.empty()) {
    reader.problem("pair", "a marker is either pair = [\"K\", \"K\"] with max_distance, or site = \"K\"");
  } else if (!pair.empty() && pair.size() != 2) {
    reader.problem("pair", "expected two entries");
  } else if (!pair.empty() && !reader.has("max_distance")) {
    reader.problem("max_distance", "missing: the largest distance of a pair, Å");
  }
  marker.sites = pair.empty() ? site : pair;
  reader.finish();
  return marker;
}

/// A list of structures: each is calculated as it is, so nothing else can be said of it.
SpaceSpec read_structure_list(SettingsReader& reader, SpaceSpec spec, const fs::path& folder) {
  spec.is_list = true;
  spec.structure_where = reader.where("structures");
  if (const auto structures = reader.text("structures")) spec.structure = (folder / *structures).lexically_normal();
  spec.symprec_angstrom = reader.number("symprec", 1e-3, 1e-8, 1.0);
  if (reader.has("structure"))
    reader.problem("structure", "a space is one crystal (structure) or a list of structures (structures), not both");
  for (const char* key : {"block", "primitive", "supercell", "volume", "superperiodic", "constraints", "oxidation",
                          "charge_neutral", "min_distance", "sample", "sublattice", "restrict", "marker"}) {
    if (reader.raw(key) != nullptr)
      reader.problem(key, "the structures of a list are taken as they are, so nothing of them varies; leave it out");
  }
  reader.finish();
  return spec;
}

SpaceSpec read_space(const SettingsTable& table, const fs::path& folder, std::size_t index, Problems& problems) {
  SettingsReader reader(table, "space", problems);
  SpaceSpec spec;
  spec.where = table.where;
  spec.table = index;
  spec.name = reader.text("name", fmt::format("space{}", index + 1));
  if (const std::string fault = fault_of_space_name(spec.name); !fault.empty()) reader.problem("name", fault);
  if (reader.has("structures")) return read_structure_list(reader, std::move(spec), folder);
  reader.require("structure", "a CIF, POSCAR or extXYZ file");
  spec.structure_where = reader.where("structure");
  if (const auto structure = reader.text("structure")) spec.structure = folder / *structure;
  spec.block = reader.text("block", "");
  spec.symprec_angstrom = reader.number("symprec", 1e-3, 1e-8, 1.0);
  spec.primitive = reader.boolean("primitive", false);
  read_supercell(reader, spec);
  spec.superperiodic = reader.boolean("superperiodic", spec.superperiodic);
  const Setting* constraints = reader.raw("constraints");
  if (constraints != nullptr) {
    const auto* list = std::get_if<std::vector<Setting>>(&constraints->value);
    const std::vector<Setting> single{*constraints};
    for (const Setting& element : list != nullptr ? *list : single) {
      const auto* text = std::get_if<std::string>(&element.value);
      if (text == nullptr) {
        problems.add(element.where, fmt::format("space.constraints: expected text such as \"Zn + Cd <= 4\", found {}",
                                                element.type_name()));
        continue;
      }
      try {
        spec.constraints.push_back(parse_constraint(*text, element.where));
      } catch (const InputError& error) {
        problems.add({}, error.what());
      }
    }
  }
  read_oxidation(reader, spec, problems);
  spec.charge_neutral = reader.boolean("charge_neutral", false);
  if (spec.charge_neutral && spec.oxidation.empty()) {
    reader.problem("charge_neutral", "needs oxidation = { Li = 1, O = -2, … }");
  }
  for (const SettingsTable* entry : reader.tables("min_distance")) {
    spec.minimum_distances.push_back(read_minimum_distance(*entry, problems));
  }
  if (const SettingsTable* sample = reader.table("sample")) {
    SettingsReader inner(*sample, "space.sample", problems);
    SampleSpec sample_spec;
    sample_spec.where = sample->where;
    sample_spec.per_space = inner.has("per_space");
    if (!sample_spec.per_space) {
      inner.require("per_composition", "how many configurations to draw for each composition (or per_space: of all)");
    } else if (inner.has("per_composition")) {
      inner.problem("per_space", "set this or per_composition, not both");
    }
    sample_spec.number = inner.integer(sample_spec.per_space ? "per_space" : "per_composition", 1, 1, 1'000'000'000);
    sample_spec.method = inner.choice("method", {"orbit", "configuration", "stratified"}, "orbit");
    inner.finish();
    spec.sample = sample_spec;
  }
  for (const SettingsTable* sublattice : reader.tables("sublattice")) {
    spec.sublattices.push_back(read_sublattice(*sublattice, problems));
  }
  if (spec.sublattices.empty() && !reader.has("sublattice")) {
    problems.add(table.where, "space.sublattice: missing: at least one [[space.sublattice]] says which sites vary");
  }
  std::set<std::string> names;
  for (const SublatticeSpec& sublattice : spec.sublattices) {
    if (!names.insert(sublattice.name).second) {
      problems.add(sublattice.where,
                   fmt::format("space.sublattice.name: \"{}\" is the name of an earlier sublattice", sublattice.name));
    }
  }
  if (const SettingsTable* restriction = reader.table("restrict"))
    spec.restricted = read_restriction(*restriction, problems);
  for (const SettingsTable* marker : reader.tables("marker")) spec.markers.push_back(read_marker(*marker, problems));
  reader.finish();
  return spec;
}

// ---- the other tables ---------------------------------------------------------------------------------------------

SelectSpec read_select(const SettingsTable& table, Problems& problems) {
  SettingsReader reader(table, "select", problems);
  SelectSpec spec;
  spec.where = table.where;
  spec.policy = reader.choice("policy",
                              {"hull-distance", "lower-confidence-bound", "mixed", "maximum-variance",
                               "composition-minima", "uniform", "stratified", "low-symmetry", "high-symmetry", "all"},
                              spec.policy);
  spec.initial = static_cast<int>(reader.integer("initial", spec.initial, 1, 1'000'000));
  spec.per_round = static_cast<int>(reader.integer("per_round", spec.per_round, 1, 1'000'000));
  spec.rounds = static_cast<int>(reader.integer("rounds", spec.rounds, 0, 100'000));
  spec.asynchronous = reader.boolean("asynchronous", spec.asynchronous);
  if (const SettingsTable* stop = reader.table("stop")) {
    SettingsReader inner(*stop, "select.stop", problems);
    if (const auto n = inner.integer("vertices_stable_rounds", 1, 1000))
      spec.stop.vertices_stable_rounds = static_cast<int>(*n);
    spec.stop.rmse_mev_per_atom = inner.number("rmse_mev_per_atom", 0, 1e6);
    spec.stop.hull_error_mev_per_atom = inner.number("hull_error_mev_per_atom", 0, 1e6);
    spec.stop.sigmas = inner.number("sigmas", spec.stop.sigmas, 0.1, 100);
    inner.finish();
  }
  reader.finish();
  return spec;
}

RunSpec read_run(const SettingsTable& table, Problems& problems) {
  SettingsReader reader(table, "run", problems);
  RunSpec spec;
  spec.executor_where = reader.where("executor");
  spec.executor = reader.text("executor", spec.executor);
  spec.slots = static_cast<int>(reader.integer("slots", spec.slots, 1, 100'000));
  spec.keep = reader.choice("keep", {"all", "best"}, spec.keep);
  spec.scan_at_most = reader.number("scan_at_most", spec.scan_at_most, 0, 1e18);
  spec.search_nodes = reader.number("search_nodes", spec.search_nodes, 1, 1e15);
  for (const char* key : {"scan_at_most", "search_nodes"}) {
    if (reader.has(key) && spec.keep != "best") reader.problem(key, "needs keep = \"best\"");
  }
  spec.time_limit_s = reader.number("time_limit_s", spec.time_limit_s, 1, 1e8);
  spec.stall_s = reader.number("stall_s", 0, 1e8);
  spec.max_core_hours = reader.number("max_core_hours", 0, 1e12);
  if (const SettingsTable* own = reader.table(spec.executor)) spec.settings = *own;
  reader.finish();
  return spec;
}

ReportSpec read_report(const SettingsTable& table, const fs::path& folder, Problems& problems) {
  SettingsReader reader(table, "report", problems);
  ReportSpec spec;
  if (const auto file = reader.text("references")) spec.references = folder / *file;
  if (const auto file = reader.text("experiment")) spec.experiment = folder / *file;
  spec.temperatures_kelvin = reader.numbers("temperatures", {});
  for (const double temperature : spec.temperatures_kelvin) {
    if (!(temperature >= 1) || temperature > 1e5)
      reader.problem("temperatures", fmt::format("{} K, must be at least 1 and at most 1e5", temperature));
  }
  if (const auto ion = reader.text("working_ion")) {
    spec.working_ion = read_species(*ion, reader.where("working_ion"), problems);
  }
  spec.cuts = reader.texts("cuts");
  for (const std::string& cut : spec.cuts) {
    const auto colon = cut.find(':');
    if (colon == std::string::npos || colon == 0 || colon + 1 == cut.size())
      reader.problem("cuts", fmt::format("expected two formulas as in \"LiNiO2:CoO2\", found \"{}\"", cut));
  }
  if (const auto charge = reader.integer("ion_charge", 1, 8)) spec.ion_charge = static_cast<int>(*charge);
  if (const auto text = reader.text("path_reference")) {
    try {
      spec.path_reference = parse_constraint(*text, reader.where("path_reference"));
    } catch (const InputError& error) {
      problems.add({}, error.what());
    }
  }
  spec.near_hull_ev_per_atom = reader.number("near_hull_mev_per_atom", 25, 0, 1e5) / 1000;
  reader.finish();
  return spec;
}

SettingsTable without(const SettingsTable& table, const std::string& key) {
  SettingsTable result = table;
  std::erase_if(result.entries, [&](const auto& entry) { return entry.first == key; });
  return result;
}

}  // namespace

std::vector<int> CountRule::counts(int sites) const {
  std::set<int> found;
  for (const Range& range : ranges) {
    const double scale = range.percent ? sites / 100.0 : 1.0;
    const int low = static_cast<int>(std::clamp(std::ceil(range.low * scale - 1e-9), 0.0, sites + 1.0));
    const int high = static_cast<int>(std::clamp(std::floor(range.high * scale + 1e-9), -1.0, sites + 0.0));
    for (int n = low; n <= std::min(high, sites); ++n) found.insert(n);
  }
  return {found.begin(), found.end()};
}

LinearConstraint parse_constraint(const std::string& text, const SourcePosition& where) {
  return ConstraintReader(text, where).read();
}

namespace {

bool is_electrostatic(const SurrogateSpec& surrogate) {
  const Setting* asked = surrogate.settings.find("electrostatic");
  const bool* flag = asked != nullptr ? std::get_if<bool>(&asked->value) : nullptr;
  return surrogate.kind == "electrostatic" || (flag != nullptr && *flag);
}

/// A model with point charges takes those that it does not name from the spaces: one state as it is, several as a
/// list, which the model refuses where its crystal has the species.
void default_charges(SurrogateSpec& surrogate, const std::vector<SpaceSpec>& spaces) {
  if (!is_electrostatic(surrogate)) return;
  std::map<Species, std::set<int>> states;
  for (const SpaceSpec& space : spaces) {
    for (const auto& [species, some] : space.oxidation) states[species].insert(some.begin(), some.end());
  }
  if (states.empty()) return;
  const auto written = std::find_if(surrogate.settings.entries.begin(), surrogate.settings.entries.end(),
                                    [](const auto& entry) { return entry.first == "oxidation"; });
  const SourcePosition where = surrogate.settings.where;
  SettingsTable charges{where, {}};
  if (written != surrogate.settings.entries.end()) {
    const auto* own = std::get_if<SettingsTable>(&written->second.value);
    if (own == nullptr) return;  // the model says what is wrong with it
    charges = *own;
  }
  for (const auto& [species, some] : states) {
    const bool named = std::any_of(
        charges.entries.begin(), charges.entries.end(),
        [&, &one = species](const auto& entry) { return Species::parse(entry.first) == std::optional(one); });
    if (named || species.is_vacancy()) continue;
    std::vector<Setting> list;
    for (const int state : some) list.push_back({where, where, std::int64_t{state}});
    Setting setting = list.size() == 1 ? list.front() : Setting{where, where, std::move(list)};
    charges.entries.emplace_back(std::string(species.symbol()), std::move(setting));
  }
  if (written != surrogate.settings.entries.end()) {
    written->second.value = std::move(charges);
  } else {
    surrogate.settings.entries.emplace_back("oxidation", Setting{where, where, std::move(charges)});
  }
}

}  // namespace

Campaign parse_campaign(const std::string& text, const fs::path& file) {
  const SettingsTable root = parse_settings_toml(text, file.string());
  const fs::path folder = file.parent_path();
  Problems problems;
  SettingsReader reader(root, "", problems);
  Campaign campaign;
  campaign.file = file;
  campaign.text = text;
  reader.require("name", "what the campaign is called");
  campaign.name = reader.text("name", "");
  if (reader.has("name")) {
    if (const std::string fault = fault_of_campaign_name(campaign.name); !fault.empty()) reader.problem("name", fault);
  }
  campaign.seed = static_cast<std::uint64_t>(reader.integer("seed", 0, 0, std::numeric_limits<std::int64_t>::max()));

  const auto spaces = reader.tables("space");
  for (std::size_t i = 0; i < spaces.size(); ++i)
    campaign.spaces.push_back(read_space(*spaces[i], folder, i, problems));
  if (spaces.empty() && !reader.has("space")) {
    problems.add(root.where, "space: missing: at least one [[space]] says what is enumerated");
  }
  std::set<std::string> names;
  for (const SpaceSpec& space : campaign.spaces) {
    if (!names.insert(space.name).second) {
      problems.add(space.where, fmt::format("space.name: \"{}\" is the name of an earlier space", space.name));
    }
  }
  check_restrictions(campaign.spaces, problems);
  for (const SettingsTable* surrogate : reader.tables("surrogate")) {
    SettingsReader inner(*surrogate, "surrogate", problems);
    inner.require("kind", "which model, for example \"cluster-expansion\"");
    campaign.surrogates.push_back({inner.text("kind", ""), *surrogate});
    default_charges(campaign.surrogates.back(), campaign.spaces);
  }
  if (const SettingsTable* select = reader.table("select")) campaign.select = read_select(*select, problems);
  if (const SettingsTable* dft = reader.table("dft")) {
    SettingsReader inner(*dft, "dft", problems);
    inner.require("code", "which code computes, for example \"quantum-espresso\"");
    campaign.dft = DftSpec{inner.text("code", ""), without(*dft, "code")};
  }

  for (const SettingsTable* walk : reader.tables("monte_carlo"))
    campaign.monte_carlo.push_back(read_monte_carlo(*walk, problems));
  check_monte_carlo(campaign.monte_carlo, {names.begin(), names.end()}, problems);
  if (const SettingsTable* run = reader.table("run")) campaign.run = read_run(*run, problems);
  if (const SettingsTable* report = reader.table("report")) campaign.report = read_report(*report, folder, problems);
  if (campaign.select && !campaign.dft) {
    problems.add(campaign.select->where, "select: needs a [dft] table to compute what is selected");
  }
  reader.finish();
  problems.throw_if_any();
  return campaign;
}

Campaign read_campaign(const fs::path& file) {
  std::error_code error;
  if (fs::is_directory(file, error)) throw InputError(file.string() + ": is a directory, expected a campaign file");
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw InputError(file.string() + ": cannot be read (no such file, or no permission)");
  std::ostringstream text;
  text << stream.rdbuf();
  return parse_campaign(text.str(), file);
}

}  // namespace hullscan
