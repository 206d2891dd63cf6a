/// @file
/// `hullscan hull`: the convex hull of any list of entries; needs no campaign.

#include <fmt/format.h>

#include <iostream>

#include "analysis/entries/entries_file.hpp"
#include "analysis/hull/hull_cut.hpp"
#include "analysis/hull/hull_text.hpp"
#include "analysis/hull/voltage_json.hpp"
#include "analysis/report/published_numbers.hpp"
#include "cli/command.hpp"
#include "cli/command_line.hpp"
#include "cli/hull_questions.hpp"
#include "cli/report_text.hpp"
#include "core/json_text.hpp"

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

}  // namespace

ExitCode run_hull(const Arguments& arguments) {
  CommandLine line(
      "hull ENTRIES.{csv,json} [--json] [--end-members A,B] [--open O=EV] [--windows] [--voltage Li] [--cut A:B]",
      "Formation energies, the convex hull, energies above it and decompositions of any list of entries.");
  line.flag("json", "one JSON object");
  line.option("columns", "NAME=COLUMN,…",
              "of a csv, where its header leaves a choice: id, formula, and energy, energy_per_atom or "
              "formation_energy_per_atom; COLUMN is a word of the header or a number from 1");
  line.flag("formation-energies", "the energies are formation energies; an element without an entry is there with 0");
  line.option("end-members", "A,B,…",
              "compositions between which the hull is drawn, e.g. NiO2,LiNiO2; default: the elements");
  line.option("tolerance", "EV", "an entry this close (eV/atom) is on the hull; default 1e-8");
  line.option("open", "ELEMENT=EV",
              "the system exchanges this element with a reservoir of that chemical potential (eV/atom against the "
              "element); may be repeated");
  line.flag("windows", "chemical potentials within which each compound is stable");
  line.option("voltage", "ION[=CHARGE]", "voltage profile of the entries of one host against the metal of the ion");
  line.option(
      "cut", "A:B",
      "the hull along the line between two compounds: tie lines crossed, what their mix gains by reacting; may be "
      "repeated");
  line.positionals("ENTRIES, a csv file (id,formula,energy) or a json list", 1, 1);
  line.epilogue(
      "csv: columns formula, and energy (eV for the formula as written), energy_per_atom or "
      "formation_energy_per_atom;\n"
      "id if there is one. Separators, decimal commas and other programs' names are recognised. json: a list of\n"
      "{\"id\", \"composition\": {\"Al\": 1, \"Ni\": 3}, \"energy\"}; entries of pymatgen, the Materials Project, OQMD "
      "and\n"
      "AFLOW are accepted: docs/formats/entries.md.");
  if (!line.parse(arguments)) return ExitCode::kDone;

  const std::vector<HullEntry> entries =
      read_entries(line.positional()[0], parse_named_columns(line.values("columns")));
  HullOptions options;
  if (const auto tolerance = line.number("tolerance", "eV/atom", 0, 1))
    options.on_hull_tolerance_ev_per_atom = *tolerance;
  if (line.has("formation-energies") || all_formation_energies(entries))
    options.references = HullOptions::References::kZero;
  if (const auto members = line.value("end-members")) {
    options.references = HullOptions::References::kEndMembers;
    options.end_members = parse_end_members(*members);
  }
  if (const auto ion = line.value("voltage")) {
    const VoltageProfile profile = voltage_of(*ion, entries);
    fmt::print("{}", line.has("json") ? json_text(published(voltage_json(profile)), 2) + "\n" : voltage_table(profile));
    return ExitCode::kDone;
  }
  const std::map<Species, double> open = open_potentials(line.values("open"), entries);
  if (!open.empty() && line.has("windows"))
    throw InputError("hull: --windows applies to a closed system only; leave out --open");
  const HullReport report =
      open.empty() ? compute_hull(entries, options) : grand_potential_hull(entries, open, options);
  const auto windows =
      line.has("windows") ? chemical_potential_windows(entries, options) : std::vector<PotentialWindow>();
  std::vector<HullCut> cuts;
  for (const std::string& text : line.values("cut")) {
    const auto [from, to] = parse_cut(text);
    cuts.push_back(hull_cut(report, from, to));
  }
  if (line.has("json")) {
    Json json = hull_json(report);
    if (!cuts.empty()) json["cuts"] = Json::array();
    for (const HullCut& cut : cuts) json["cuts"].push_back(cut_json(cut));
    if (line.has("windows")) json["windows"] = windows_json(windows);
    json = published(std::move(json));
    json["tolerance"] = report.tolerance_ev_per_atom;
    std::cout << json_text(json, 2) << "\n";
    return ExitCode::kDone;
  }
  const HullTextOptions text = text_options();
  for (const HullCut& cut : cuts) fmt::print("{}\n{}\n", cut_table(cut, report, text), cut_plot(cut, text));
  if (!cuts.empty()) return ExitCode::kDone;
  fmt::print("{}", hull_table(report, text));
  const std::string plot = hull_plot(report, text);
  if (!plot.empty()) fmt::print("\n{}", plot);
  if (line.has("windows")) fmt::print("\n{}", windows_table(windows));
  return ExitCode::kDone;
}

}  // namespace hullscan::cli
