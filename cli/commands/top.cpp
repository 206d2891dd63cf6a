/// @file
/// `hullscan top`: the best structures of a campaign, as a table and as files.

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <map>

#include "campaign/campaign_directory.hpp"
#include "campaign/report/make_report.hpp"
#include "campaign/top.hpp"
#include "cli/command.hpp"
#include "cli/command_line.hpp"
#include "cli/top_table.hpp"
#include "core/json.hpp"
#include "core/json_text.hpp"
#include "core/structure_files/extxyz.hpp"
#include "core/structure_files/poscar.hpp"
#include "enumerator/crystal/standard_cell.hpp"
#include "enumerator/files/cif_writer.hpp"
#include "enumerator/files/space_group_symbols.hpp"
#include "storage/durable_file.hpp"

namespace hullscan::cli {
namespace {

namespace fs = std::filesystem;

std::string one_of(const CommandLine& line, const std::string& option, const std::vector<std::string>& choices,
                   const std::string& otherwise) {
  const std::string word = line.value(option).value_or(otherwise);
  if (std::find(choices.begin(), choices.end(), word) == choices.end())
    throw InputError(fmt::format("--{}: expected one of {}, found \"{}\"{}", option, fmt::join(choices, ", "), word,
                                 did_you_mean(word, choices)));
  return word;
}

TopRequest request_of(const CommandLine& line) {
  TopRequest request;
  const std::string count = line.positional().size() > 1 ? line.positional()[1] : "10";
  const bool digits = !count.empty() && count.size() <= 6 && count.find_first_not_of("0123456789") == std::string::npos;
  if (!digits || std::stoul(count) == 0)
    throw InputError(fmt::format("N: expected how many structures, 1 to 999999, found \"{}\"", count));
  request.count = std::stoul(count);
  if (line.value("by")) {
    const std::string by = one_of(line, "by", {"calculated", "predicted", "both"}, "");
    request.by = by == "calculated" ? TopBy::kCalculated : by == "predicted" ? TopBy::kPredicted : TopBy::kBoth;
  }
  request.per_composition = line.has("per-composition");
  if (const auto symprec = line.number("symprec", "Å", 1e-6, 1)) request.symprec_angstrom = *symprec;
  return request;
}

std::string group_text(const TopStructure& one) {
  return one.space_group_number ? symbol_of_number(*one.space_group_number) : "?";
}

Json top_json(const TopList& list, const std::vector<std::string>& files) {
  Json structures = Json::array();
  for (std::size_t i = 0; i < list.structures.size(); ++i) {
    const TopStructure& one = list.structures[i];
    structures.push_back({{"rank", one.rank},
                          {"id", one.calculated() ? Json(one.id) : Json()},
                          {"calculated", one.calculated()},
                          {"space", one.space},
                          {"formula", one.composition.formula()},
                          {"reduced_formula", one.composition.reduced().formula()},
                          {"degeneracy", one.degeneracy},
                          {"space_group_number", one.space_group_number ? Json(*one.space_group_number) : Json()},
                          {"space_group", one.space_group_number ? Json(group_text(one)) : Json()},
                          {list.above_hull ? "formation_energy_per_atom" : "score_per_atom", one.energy_ev_per_atom},
                          {list.above_hull ? "e_above_hull" : "e_above_lowest", one.above_ev_per_atom},
                          {"left_lattice", one.left_lattice},
                          {"file", i < files.size() ? Json(files[i]) : Json()}});
  }
  return {{"ranked_by", list.above_hull ? "distance to the hull" : "energy above the lowest of the composition"},
          {"structures", std::move(structures)},
          {"remarks", list.remarks}};
}

/// What is written of a structure: as it is, or in the standard setting.
Structure written(const TopStructure& one, const CommandLine& line, double symprec_angstrom) {
  if (!line.has("standardise") && !line.has("primitive")) return one.structure;
  std::string why;
  const auto cell = line.has("primitive") ? StandardCell::kPrimitive : StandardCell::kConventional;
  auto standard = standardised(one.structure, cell, symprec_angstrom, why);
  if (!standard)
    throw InputError(fmt::format("rank {} ({}): it cannot be standardised with --symprec {}: {}", one.rank,
                                 one.composition.formula(), symprec_angstrom, why));
  return std::move(*standard);
}

std::string text_of(const TopStructure& one, const TopList& list, const Structure& structure,
                    const std::string& format) {
  const std::string name = one.calculated() ? one.id : "predicted";
  const std::string title = fmt::format("{} {} {:.1f} meV/atom above the {}", name, group_text(one),
                                        1e3 * one.above_ev_per_atom + 0.0, list.above_hull ? "hull" : "lowest");
  if (format == "cif") return to_cif(structure, one.file_stem());
  if (format == "poscar") return to_poscar(structure, title);
  std::map<std::string, std::string> properties{
      {"rank", std::to_string(one.rank)},
      {"id", name},
      {"space", one.space},
      {"space_group", group_text(one)},
      {list.above_hull ? "formation_energy_per_atom" : "score_per_atom", fmt::format("{}", one.energy_ev_per_atom)},
      {list.above_hull ? "e_above_hull" : "e_above_lowest", fmt::format("{}", one.above_ev_per_atom)}};
  return to_extxyz(structure, properties);
}

/// All files or none: the folder has its name once they are all there. @returns their names.
std::vector<std::string> write_files(const TopList& list, const CommandLine& line, const std::string& format,
                                     double symprec_angstrom) {
  const fs::path folder = fs::absolute(*line.value("out"));
  if (fs::exists(folder))
    throw InputError(fmt::format("{}: exists already; choose another name with --out", folder.string()));
  std::size_t width = 2;
  for (const TopStructure& one : list.structures) width = std::max(width, std::to_string(one.rank).size());
  const std::string ending = format == "poscar" ? ".vasp" : "." + format;
  std::vector<std::pair<std::string, std::string>> files;
  for (const TopStructure& one : list.structures)
    files.emplace_back(one.file_stem(width) + ending, text_of(one, list, written(one, line, symprec_angstrom), format));
  const fs::path unfinished = folder.string() + ".part";
  fs::remove_all(unfinished);
  fs::create_directories(unfinished);
  std::vector<std::string> names;
  for (const auto& [name, text] : files) {
    write_durably(unfinished / name, text);
    names.push_back(name);
  }
  fs::rename(unfinished, folder);
  return names;
}

}  // namespace

ExitCode run_top(const Arguments& arguments) {
  CommandLine line("top DIR [N] [--by B] [--per-composition] [--format F --out FOLDER] [--json]",
                   "The best structures of a campaign by distance to the hull, as a table and as files. A campaign "
                   "that only scores is ranked by energy above the lowest of each composition.");
  line.option("by", "B", "calculated | predicted | both; default: calculated where there are results");
  line.flag("per-composition", "N of each composition");
  line.option("format", "F", "cif | poscar | extxyz, one file a structure; default cif");
  line.option("out", "FOLDER", "where the files go; it must not exist yet. Files: rank, formula, space group");
  line.flag("standardise", "conventional cells in the standard setting, freed of what is within --symprec");
  line.flag("primitive", "the same, primitive cells");
  line.option("symprec", "A", "tolerance of the space groups, Å; default 0.01");
  line.flag("json", "one JSON object");
  line.positionals("DIR, a campaign directory; N, how many (default 10)", 1, 2);
  if (!line.parse(arguments)) return ExitCode::kDone;
  const std::string format = one_of(line, "format", {"cif", "poscar", "extxyz"}, "cif");
  if (!line.value("out")) {
    for (const char* option : {"format", "standardise", "primitive"}) {
      if (line.has(option)) throw InputError(fmt::format("--{}: files are written with --out FOLDER", option));
    }
  } else if (fs::exists(*line.value("out"))) {
    throw InputError(fmt::format("{}: exists already; choose another name with --out", *line.value("out")));
  }
  const TopRequest request = request_of(line);
  const fs::path directory = line.positional()[0];
  const CampaignStore store = CampaignStore::open_read_only(directory);
  const LoadedCampaign loaded = load_stored_campaign(directory);
  const CampaignView view = view_of(loaded.campaign, loaded.spaces);
  const Report report = make_report(view, loaded.spaces, store);
  const TopList list = find_top(view, loaded.spaces, store, report, request);
  std::vector<std::string> files;
  if (line.value("out")) files = write_files(list, line, format, request.symprec_angstrom);
  if (line.has("json")) {
    std::cout << json_text(top_json(list, files), 2) << "\n";
    return ExitCode::kDone;
  }
  print_top(list);
  if (!files.empty()) fmt::print("{}: {} file{}\n", *line.value("out"), files.size(), files.size() == 1 ? "" : "s");
  return ExitCode::kDone;
}

}  // namespace hullscan::cli
