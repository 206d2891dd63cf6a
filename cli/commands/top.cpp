/// @file
/// `hullscan top`: the best structures of a campaign, as a table and as files.

#include <fmt/format.h>

#include <filesystem>
#include <iostream>
#include <optional>

#include "analysis/report/published_numbers.hpp"
#include "campaign/campaign_directory.hpp"
#include "campaign/report/make_report.hpp"
#include "campaign/top.hpp"
#include "cli/command.hpp"
#include "cli/command_line.hpp"
#include "cli/structure_output.hpp"
#include "cli/top_table.hpp"
#include "core/json.hpp"
#include "core/json_text.hpp"

namespace hullscan::cli {
namespace {

namespace fs = std::filesystem;

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
  if (const auto formula = line.value("composition")) {
    try {
      request.only = Composition::from_formula(*formula).reduced();
    } catch (const InputError& error) {
      throw InputError(fmt::format("--composition: {}", error.what()));
    }
  }
  request.per_composition = line.has("per-composition");
  request.symprec_angstrom = symprec_of(line);
  return request;
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
                          {"mixing_energy_per_atom", one.mixing_ev_per_atom ? Json(*one.mixing_ev_per_atom) : Json()},
                          {"e_above_predicted_hull",
                           one.above_predicted_hull_ev_per_atom ? Json(*one.above_predicted_hull_ev_per_atom) : Json()},
                          {"left_lattice", one.left_lattice},
                          {"file", i < files.size() ? Json(files[i]) : Json()}});
  }
  return {{"ranked_by", list.above_hull ? "distance to the hull" : "energy above the lowest of the composition"},
          {"structures", std::move(structures)},
          {"remarks", list.remarks}};
}

}  // namespace

ExitCode run_top(const Arguments& arguments) {
  CommandLine line("top DIR [N] [--by B] [--per-composition] [--format F --out FOLDER] [--json]",
                   "The best structures of a campaign by distance to the hull, as a table and as files. A campaign "
                   "that only scores is ranked by energy above the lowest of each composition.");
  line.option("by", "B", "calculated | predicted | both; default: calculated where there are results");
  line.flag("per-composition", "N of each composition");
  line.option("composition", "FORMULA", "only this one, in any multiple");
  line.option("format", "F", "cif | poscar | extxyz, one file a structure; default cif");
  line.option("out", "FOLDER", "where the files go; it must not exist yet. Files: rank, formula, space group");
  declare_structure_options(line);
  line.flag("json", "one JSON object");
  line.positionals("DIR, a campaign directory; N, how many (default 10)", 1, 2);
  if (!line.parse(arguments)) return ExitCode::kDone;
  const std::string format = one_of(line, "format", {"cif", "poscar", "extxyz"}, "cif");
  std::optional<StructureOutput> output;
  if (const auto folder = line.value("out")) {
    output.emplace(line, *folder, format);
  } else {
    for (const char* option : {"format", "standardise", "primitive"}) {
      if (line.has(option)) throw InputError(fmt::format("--{}: files are written with --out FOLDER", option));
    }
  }
  const TopRequest request = request_of(line);
  const fs::path directory = line.positional()[0];
  const CampaignStore store = CampaignStore::open_read_only(directory);
  const LoadedCampaign loaded = load_stored_campaign(directory);
  const CampaignView view = view_of(loaded.campaign, loaded.spaces);
  const Report report = make_report(view, loaded.spaces, store);
  const TopList list = find_top(view, loaded.spaces, store, report, request);
  std::vector<std::string> files;
  if (output) files = output->write(list);
  if (line.has("json")) {
    std::cout << json_text(published(top_json(list, files)), 2) << "\n";
    return ExitCode::kDone;
  }
  print_top(list);
  if (output) print_files(*line.value("out"), files);
  return ExitCode::kDone;
}

}  // namespace hullscan::cli
