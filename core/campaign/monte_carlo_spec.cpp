#include "core/campaign/monte_carlo_spec.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <set>

namespace hullscan {
namespace {

constexpr std::size_t kMostValues = 10'000;

/// A number, a list, or { from, to, step }.
std::vector<double> read_values(const Setting& setting, const std::string& name, Problems& problems) {
  const auto number = [](const Setting& one) -> std::optional<double> {
    if (const auto* integer = std::get_if<std::int64_t>(&one.value)) return static_cast<double>(*integer);
    const auto* real = std::get_if<double>(&one.value);
    return real != nullptr && std::isfinite(*real) ? std::optional(*real) : std::nullopt;
  };
  if (const auto one = number(setting)) return {*one};
  if (const auto* list = std::get_if<std::vector<Setting>>(&setting.value)) {
    std::vector<double> values;
    for (const Setting& element : *list) {
      const auto value = number(element);
      if (value) values.push_back(*value);
      if (!value)
        problems.add(element.where, fmt::format("{}: expected a number, found {}", name, element.type_name()));
    }
    if (list->empty()) problems.add(setting.where, name + ": expected at least one number, found an empty list");
    return values;
  }
  const auto* table = std::get_if<SettingsTable>(&setting.value);
  if (table == nullptr) {
    problems.add(setting.where,
                 fmt::format("{}: expected a number, a list of numbers or {{ from, to, step }}, found {}", name,
                             setting.type_name()));
    return {};
  }
  SettingsReader reader(*table, name, problems);
  for (const char* key : {"from", "to", "step"}) reader.require(key, "a number");
  const auto from = reader.number("from", -1e6, 1e6), to = reader.number("to", -1e6, 1e6);
  const auto step = reader.number("step", -1e6, 1e6);
  reader.finish();
  if (!from || !to || !step) return {};
  if (*step == 0) {
    reader.problem("step", "0, must be another number");
    return {};
  }
  const double count = std::floor(std::abs(*to - *from) / std::abs(*step) + 1e-9) + 1;
  if (count > static_cast<double>(kMostValues)) {
    reader.problem("step", fmt::format("makes {:.0f} values, at most {} can be", count, kMostValues));
    return {};
  }
  std::vector<double> values;
  const double signed_step = *to < *from ? -std::abs(*step) : std::abs(*step);
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    const double value = *from + static_cast<double>(i) * signed_step;
    values.push_back(std::abs(value) < 1e-9 * std::abs(*step) ? 0.0 : value);
  }
  return values;
}

std::optional<SupercellMatrix> read_cell(const Setting& setting, Problems& problems) {
  const auto integer = [](const Setting& one) -> std::optional<int> {
    const auto* value = std::get_if<std::int64_t>(&one.value);
    return value != nullptr && std::abs(*value) <= 10'000 ? std::optional(static_cast<int>(*value)) : std::nullopt;
  };
  const auto* list = std::get_if<std::vector<Setting>>(&setting.value);
  SupercellMatrix matrix = SupercellMatrix::Zero();
  bool good = list != nullptr && list->size() == 3;
  for (int i = 0; good && i < 3; ++i) {
    const Setting& row = (*list)[static_cast<std::size_t>(i)];
    const auto* numbers = std::get_if<std::vector<Setting>>(&row.value);
    if (numbers == nullptr) {
      const auto value = integer(row);
      good = value && *value >= 1;
      if (good) matrix(i, i) = *value;
      continue;
    }
    good = numbers->size() == 3;
    for (int j = 0; good && j < 3; ++j) {
      const auto value = integer((*numbers)[static_cast<std::size_t>(j)]);
      good = value.has_value();
      if (good) matrix(i, j) = *value;
    }
  }
  if (!good) {
    problems.add(setting.where,
                 "monte_carlo.cell: expected three numbers >= 1, as in [12, 12, 12], or three integer rows, as in "
                 "[[12,0,0],[0,12,0],[0,0,12]]");
    return std::nullopt;
  }
  const double volume = std::abs(matrix.cast<double>().determinant());
  if (volume < 0.5) {
    problems.add(setting.where, "monte_carlo.cell: the rows span no volume (determinant 0)");
    return std::nullopt;
  }
  if (volume > 1e8) {
    problems.add(setting.where, fmt::format("monte_carlo.cell: {:.3g} reference cells, at most 1e8 can be", volume));
    return std::nullopt;
  }
  return matrix;
}

MonteCarloSpec::Fractions read_fractions(const SettingsTable& table, const SourcePosition& where, Problems& problems) {
  MonteCarloSpec::Fractions fractions;
  fractions.where = where;
  SettingsReader reader(table, "monte_carlo.compositions", problems);
  for (const auto& [name, setting] : table.entries) {
    if (const auto value = reader.number(name, 0, 1)) fractions.of.emplace_back(name, *value);
  }
  if (table.entries.empty())
    problems.add(where, "monte_carlo.compositions: expected fractions by species as in { Au = 0.25 }, found none");
  return fractions;
}

void read_compositions(SettingsReader& reader, MonteCarloSpec& spec, Problems& problems) {
  const Setting* setting = reader.raw("compositions");
  if (setting == nullptr) return;
  if (const auto* table = std::get_if<SettingsTable>(&setting->value)) {
    spec.compositions.push_back(read_fractions(*table, setting->where, problems));
    return;
  }
  const auto* list = std::get_if<std::vector<Setting>>(&setting->value);
  if (list == nullptr || list->empty()) {
    reader.problem("compositions", "expected a list of fractions by species, as in [{ Au = 0.25 }, { Au = 0.5 }]");
    return;
  }
  for (const Setting& element : *list) {
    if (const auto* table = std::get_if<SettingsTable>(&element.value)) {
      spec.compositions.push_back(read_fractions(*table, element.where, problems));
    } else {
      problems.add(element.where, fmt::format("monte_carlo.compositions: expected fractions by species as in "
                                              "{{ Au = 0.25 }}, found {}",
                                              element.type_name()));
    }
  }
}

}  // namespace

const char* name_of(Ensemble ensemble) {
  switch (ensemble) {
    case Ensemble::kCanonical:
      return "canonical";
    case Ensemble::kAnneal:
      return "anneal";
    case Ensemble::kSemiGrand:
      break;
  }
  return "semi-grand";
}

MonteCarloSpec read_monte_carlo(const SettingsTable& table, Problems& problems) {
  SettingsReader reader(table, "monte_carlo", problems);
  MonteCarloSpec spec;
  spec.where = table.where;
  spec.space_where = reader.where("space");
  spec.cell_where = reader.where("cell");
  spec.name = reader.text("name", "");
  if (reader.has("name") &&
      (spec.name.empty() || spec.name.find_first_of("/\\\n\t") != std::string::npos || spec.name.front() == '.'))
    reader.problem("name", "names files, so it cannot be empty, begin with a dot or hold a slash");
  spec.space = reader.text("space", "");
  if (const Setting* cell = reader.raw("cell")) spec.cell = read_cell(*cell, problems);
  const std::string ensemble = reader.choice("ensemble", {"semi-grand", "canonical", "anneal"}, "semi-grand");
  spec.ensemble = ensemble == "canonical" ? Ensemble::kCanonical
                  : ensemble == "anneal"  ? Ensemble::kAnneal
                                          : Ensemble::kSemiGrand;
  reader.require("temperatures", "kelvin, as in { from = 1200, to = 100, step = 50 }, a list or one number");
  if (const Setting* temperatures = reader.raw("temperatures")) {
    spec.temperatures_kelvin = read_values(*temperatures, "monte_carlo.temperatures", problems);
    for (const double t : spec.temperatures_kelvin) {
      if (t > 0) continue;
      reader.problem("temperatures", fmt::format("{} K, must be above 0", t));
      break;
    }
  }
  if (const SettingsTable* potentials = reader.table("chemical_potentials")) {
    for (const auto& [name, setting] : potentials->entries) {
      spec.chemical_potentials.push_back(
          {name, read_values(setting, "monte_carlo.chemical_potentials." + name, problems), setting.key_where});
    }
  }
  read_compositions(reader, spec, problems);
  if (spec.ensemble != Ensemble::kSemiGrand && reader.has("chemical_potentials"))
    reader.problem("chemical_potentials",
                   fmt::format("are for ensemble = \"semi-grand\"; \"{}\" keeps its compositions", ensemble));
  if (spec.ensemble == Ensemble::kSemiGrand && reader.has("compositions"))
    reader.problem(
        "compositions",
        "are for the ensembles \"canonical\" and \"anneal\"; in \"semi-grand\" the chemical potentials decide");
  if (spec.ensemble != Ensemble::kSemiGrand)
    reader.require("compositions", "fractions by species, as in [{ Au = 0.25 }, { Au = 0.5 }]");
  spec.precision_ev_per_atom = reader.number("precision_mev_per_atom", 0.1, 1e-6, 1e4) / 1000;
  spec.most_sweeps = reader.integer("sweeps", spec.most_sweeps, 64, 1'000'000'000'000);
  spec.sweeps_per_block = reader.integer("sweeps_per_block", spec.sweeps_per_block, 1, 1'000'000);
  spec.time_limit_s = reader.number("time_limit_s", 0.001, 1e9);
  spec.tempering = reader.boolean("tempering", false);
  spec.seed = static_cast<std::uint64_t>(reader.integer("seed", 0, 0, 9'000'000'000'000'000'000));
  if (spec.tempering && spec.temperatures_kelvin.size() < 2)
    reader.problem("tempering", "exchanges configurations between temperatures, and there are fewer than two");
  if (spec.tempering && spec.ensemble == Ensemble::kAnneal)
    reader.problem("tempering",
                   "is for the ensembles \"semi-grand\" and \"canonical\"; \"anneal\" lowers one temperature");
  if (reader.boolean("dft", false))
    reader.problem("dft", "configurations found by Monte Carlo cannot become calculations yet; take this key out");
  reader.finish();
  return spec;
}

void check_monte_carlo(std::vector<MonteCarloSpec>& specs, const std::vector<std::string>& spaces, Problems& problems) {
  std::set<std::string> names;
  for (MonteCarloSpec& spec : specs) {
    if (spec.space.empty()) {
      if (spaces.size() == 1) {
        spec.space = spaces.front();
      } else if (!spaces.empty()) {
        problems.add(spec.where, fmt::format("monte_carlo.space: missing: which of the spaces \"{}\"",
                                             fmt::join(spaces, "\", \"")));
      }
    } else if (std::find(spaces.begin(), spaces.end(), spec.space) == spaces.end()) {
      problems.add(spec.space_where, fmt::format("monte_carlo.space: there is no space \"{}\"{}", spec.space,
                                                 did_you_mean(spec.space, spaces)));
    }
    if (spec.name.empty()) spec.name = spec.space;
    if (!names.insert(spec.name).second)
      problems.add(spec.where,
                   fmt::format("monte_carlo.name: \"{}\" is the name of an earlier one; give each a name", spec.name));
  }
}

}  // namespace hullscan
