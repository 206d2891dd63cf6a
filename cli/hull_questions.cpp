#include "cli/hull_questions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "analysis/entries/csv_lines.hpp"
#include "cli/terminal.hpp"
#include "core/errors.hpp"
#include "core/text_table.hpp"

namespace hullscan::cli {
namespace {

/// Lowest energy per atom of the element alone, eV.
double element_energy(Species element, std::span<const HullEntry> entries, const std::string& option) {
  double lowest = std::numeric_limits<double>::infinity();
  for (const HullEntry& entry : entries) {
    const Composition atoms = entry.composition.without_vacancies();
    if (atoms.counts().size() == 1 && atoms.count(element) > 0)
      lowest = std::min(lowest, entry.energy_ev / static_cast<double>(atoms.atom_count()));
  }
  if (lowest == std::numeric_limits<double>::infinity())
    throw InputError(fmt::format("{}: no entry of {} alone", option, element.symbol()));
  return lowest;
}

double number_of(const std::string& text, const std::string& option, const std::string& expected) {
  const auto value = parse_number(text);
  if (!value || !std::isfinite(*value))
    throw InputError(fmt::format("{}: expected {}, found \"{}\"", option, expected, text));
  return *value;
}

}  // namespace

std::string windows_table(const std::vector<PotentialWindow>& windows) {
  if (windows.empty()) return "no compound is a vertex\n";
  std::vector<std::string> header = {"formula"};
  std::vector<char> alignment = {'l'};
  for (const PotentialRange& range : windows.front().ranges) {
    header.push_back(fmt::format("{} eV", range.element.symbol()));
    alignment.push_back('r');
  }
  header.push_back("id");
  alignment.push_back('l');
  TextTable table(header, alignment);
  for (const PotentialWindow& window : windows) {
    std::vector<std::string> cells = {window.composition.formula()};
    for (const PotentialRange& range : window.ranges) {
      // Rounded first, so that no range begins at -0.000.
      const double highest = std::min(0.0, range.highest) + 0.0;
      cells.push_back(fmt::format("{} … {:.3f}", range.lowest ? fmt::format("{:.3f}", *range.lowest) : "-∞",
                                  highest > -5e-4 ? 0.0 : highest));
    }
    cells.push_back(window.id);
    table.row(cells);
  }
  return "chemical potentials against the elements, within which each compound is stable:\n" +
         table.str(output_columns());
}

Json windows_json(const std::vector<PotentialWindow>& windows) {
  Json json = Json::object();
  for (const PotentialWindow& window : windows) {
    Json& of_entry = json[window.id] = Json::object();
    for (const PotentialRange& range : window.ranges)
      of_entry[std::string(range.element.symbol())] = {range.lowest ? Json(*range.lowest) : Json(), range.highest};
  }
  return json;
}

std::map<Species, double> open_potentials(const std::vector<std::string>& words, std::span<const HullEntry> entries) {
  std::map<Species, double> potentials;
  for (const std::string& word : words) {
    const auto equals = word.find('=');
    if (equals == std::string::npos)
      throw InputError(fmt::format("--open: expected ELEMENT=EV, e.g. O=-1.2, found \"{}\"", word));
    const Species element = Species::from_symbol(word.substr(0, equals));
    const auto against = number_of(word.substr(equals + 1), "--open", "eV/atom against the element");
    potentials[element] = element_energy(element, entries, "--open") + against;
  }
  return potentials;
}

VoltageProfile voltage_of(const std::string& word, std::span<const HullEntry> entries) {
  const auto equals = word.find('=');
  const Species ion = Species::from_symbol(word.substr(0, equals));
  int charge = usual_ion_charge(ion);
  if (equals != std::string::npos) {
    const std::string text = word.substr(equals + 1), expected = "the charge of the ion, e.g. Mg=2";
    const double number = number_of(text, "--voltage", expected);
    if (number < 1 || number > 8 || number != std::floor(number))
      throw InputError(fmt::format("--voltage: expected {}, found \"{}\"", expected, text));
    charge = static_cast<int>(number);
  }
  std::vector<ElectrodeEntry> electrode;
  for (const HullEntry& entry : entries)
    electrode.push_back({entry.id, entry.composition, entry.energy_ev, std::nullopt});
  return voltage_profile(electrode, ion, element_energy(ion, entries, "--voltage"), charge);
}

std::string voltage_table(const VoltageProfile& profile) {
  const std::string ion(profile.ion.symbol()), host = profile.host.formula();
  TextTable table({fmt::format("{} per {}", ion, host), "V", "mAh/g", "from", "to"}, {'l', 'r', 'r', 'l', 'l'});
  for (const VoltagePlateau& plateau : profile.plateaus) {
    table.row({fmt::format("{:.4g} – {:.4g}", plateau.charged.ions_per_host, plateau.discharged.ions_per_host),
               fmt::format("{:.3f}", plateau.voltage), fmt::format("{:.1f}", plateau.capacity_mah_per_g),
               plateau.charged.id, plateau.discharged.id});
  }
  return fmt::format(
      "voltage against {} metal:\n{}average {:.3f} V, {:.1f} mAh/g, {:.0f} Wh/kg of the discharged compound\n", ion,
      table.str(output_columns()), profile.average_voltage, profile.capacity_mah_per_g, profile.energy_wh_per_kg);
}

}  // namespace hullscan::cli
