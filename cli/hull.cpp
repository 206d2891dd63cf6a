/// @file
/// `hullscan hull`: the convex hull of any list of entries; needs no campaign.

#include <fmt/format.h>

#include <charconv>
#include <iostream>

#include "analysis/entries_file.hpp"
#include "analysis/hull_text.hpp"
#include "cli/command.hpp"
#include "cli/command_line.hpp"
#include "cli/hull_questions.hpp"
#include "cli/terminal.hpp"

namespace hullscan::cli {
namespace {

std::vector<Composition> parse_end_members(const std::string& text) {
  std::vector<Composition> members;
  std::string::size_type begin = 0;
  while (begin <= text.size()) {
    const auto end = std::min(text.find(',', begin), text.size());
    members.push_back(Composition::from_formula(text.substr(begin, end - begin)));
    begin = end + 1;
  }
  return members;
}

double parse_tolerance(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(value >= 0)) {
    throw InputError(fmt::format("--tolerance: expected eV/atom, a number >= 0, found \"{}\"", text));
  }
  return value;
}

}  // namespace

ExitCode run_hull(const Arguments& arguments) {
  CommandLine line(
      "hull ENTRIES.{csv,json} [--json] [--end-members A,B] [--open O=EV] [--windows] [--voltage Li]",
      "Formation energies, the convex hull, energies above it and decompositions of any list of entries.");
  line.flag("json", "one JSON object");
  line.flag("formation-energies", "the energies are formation energies; an element without an entry is there with 0");
  line.option("end-members", "A,B,…",
              "compositions between which the hull is drawn, e.g. NiO2,LiNiO2; default: the elements");
  line.option("tolerance", "EV", "an entry this close (eV/atom) is on the hull; default 1e-8");
  line.option("open", "ELEMENT=EV",
              "the system exchanges this element with a reservoir of that chemical potential (eV/atom against the "
              "element); may be repeated");
  line.flag("windows", "chemical potentials within which each compound is stable");
  line.option("voltage", "ION[=CHARGE]", "voltage profile of the entries of one host against the metal of the ion");
  line.positionals("ENTRIES, a csv file (id,formula,energy) or a json list", 1, 1);
  line.epilogue(
      "csv: columns id, formula, energy (eV for the formula as written). json: a list of\n"
      "{\"id\", \"composition\": {\"Al\": 1, \"Ni\": 3}, \"energy\"}; entries of pymatgen, the Materials Project, OQMD and\n"
      "AFLOW are accepted: docs/formats/entries.md.");
  if (!line.parse(arguments)) return ExitCode::kDone;

  const std::vector<HullEntry> entries = read_entries(line.positional()[0]);
  HullOptions options;
  if (const auto tolerance = line.value("tolerance"))
    options.on_hull_tolerance_ev_per_atom = parse_tolerance(*tolerance);
  if (line.has("formation-energies") || all_formation_energies(entries)) options.references = HullOptions::References::kZero;
  if (const auto members = line.value("end-members")) {
    options.references = HullOptions::References::kEndMembers;
    options.end_members = parse_end_members(*members);
  }
  if (const auto ion = line.value("voltage")) {
    const VoltageProfile profile = voltage_of(*ion, entries);
    fmt::print("{}", line.has("json") ? voltage_json(profile).dump(2) + "\n" : voltage_table(profile));
    return ExitCode::kDone;
  }
  const std::map<Species, double> open = open_potentials(line.values("open"), entries);
  if (!open.empty() && line.has("windows"))
    throw InputError("hull: --windows is of a closed system; leave out --open");
  const HullReport report =
      open.empty() ? compute_hull(entries, options) : grand_potential_hull(entries, open, options);
  const auto windows =
      line.has("windows") ? chemical_potential_windows(entries, options) : std::vector<PotentialWindow>();
  if (line.has("json")) {
    Json json = hull_json(report);
    if (line.has("windows")) json["windows"] = windows_json(windows);
    std::cout << json.dump(2) << "\n";
    return ExitCode::kDone;
  }
  HullTextOptions text;
  text.unicode = unicode_allowed();
  fmt::print("{}", hull_table(report, text));
  const std::string plot = hull_plot(report, text);
  if (!plot.empty()) fmt::print("\n{}", plot);
  if (line.has("windows")) fmt::print("\n{}", windows_table(windows));
  return ExitCode::kDone;
}

}  // namespace hullscan::cli
