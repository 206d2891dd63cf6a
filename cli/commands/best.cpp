/// @file
/// `hullscan best`: the lowest configurations of every composition by branch and bound, proven or with the gap that
/// is left.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iostream>
#include <optional>
#include <thread>  // hardware_concurrency

#include "campaign/best_configurations.hpp"
#include "campaign/labelled_structures.hpp"
#include "campaign/orbit_writer.hpp"
#include "campaign/resolved_campaign.hpp"
#include "cli/command.hpp"
#include "cli/command_line.hpp"
#include "cli/new_place.hpp"
#include "cli/structure_output.hpp"
#include "cli/terminal.hpp"
#include "core/json.hpp"
#include "core/json_text.hpp"
#include "core/log.hpp"
#include "core/text_table.hpp"
#include "storage/staged_file.hpp"

namespace hullscan::cli {
namespace {

/// A campaign that best can rank.
ResolvedCampaign resolve_for_ranking(const std::string& file) {
  ResolvedCampaign resolved = resolve_campaign(file);
  if (resolved.surrogates.space_count() == 0)
    throw InputError(fmt::format("{}: there is no [[surrogate]] to rank with", resolved.campaign.file.string()));
  for (const SearchSpace& space : resolved.spaces) {
    if (!space.spec().markers.empty())
      throw InputError(fmt::format("{}: space \"{}\" marks objects; best ranks colourings only",
                                   resolved.campaign.file.string(), space.name()));
  }
  return resolved;
}

/// Fits the campaign's first model to labelled structures, if it needs or is given any.
void fit_model(ResolvedCampaign& resolved, const std::optional<std::string>& data) {
  if (data) {
    const LabelledStructures structures = read_labelled_structures({resolved.campaign.file, *data});
    log_info(mapping_summary(structures));
    for (const std::string& warning : fit_to_structures(resolved, structures)) log_warning(warning);
  }
  if (!resolved.surrogates.fitted()) {
    throw InputError(
        fmt::format("{}: the model must be fitted first: --data X.extxyz with labelled structures (a model of kind "
                    "electrostatic needs none)",
                    resolved.campaign.file.string()));
  }
}

void require_known(const std::vector<std::string>& formulas, const std::vector<SearchSpace>& spaces) {
  std::vector<std::string> known;
  for (const SpaceStratum& stratum : Strata(spaces)) known.push_back(stratum.formula());
  for (const std::string& formula : formulas) {
    if (std::find(known.begin(), known.end(), formula) == known.end())
      throw InputError(fmt::format("--composition: the space has no {}{}", formula, did_you_mean(formula, known)));
  }
}

std::string supercell_text(const BestOfComposition& best) {
  return matrix_text(best.stratum.space->supercells()[best.stratum.supercell()]->matrix());
}

Json best_json(const BestOfComposition& best) {
  Json configurations = Json::array();
  for (const Candidate& candidate : best.result.best) {
    configurations.push_back({{"energy_ev_per_atom", energy_ev_per_atom(candidate)},
                              {"degeneracy", candidate.degeneracy},
                              {"proven", best.is_proven(candidate)},
                              {"occupation", occupation_text(candidate.occupation)}});
  }
  const double bound = best.result.bound_ev_per_atom;
  return {{"space", best.stratum.space->name()},
          {"supercell", supercell_text(best)},
          {"composition", best.stratum.formula()},
          {"proven", best.result.proven},
          {"proven_lowest", best.proven_count()},
          {"bound_ev_per_atom", finite_or_null(bound)},
          {"gap_mev_per_atom", 1e3 * best.gap_ev_per_atom()},
          {"nodes", best.result.nodes},
          {"seconds", best.seconds},
          {"configurations", std::move(configurations)}};
}

void write_csv(const std::string& file, const std::vector<BestOfComposition>& all) {
  StagedFile staged(file);
  std::ofstream stream(staged.temporary());
  stream << "space,supercell,formula,rank,energy_ev_per_atom,degeneracy,proven,occupation\n";
  for (const BestOfComposition& best : all) {
    std::size_t rank = 0;
    for (const Candidate& candidate : best.result.best) {
      stream << fmt::format("{},\"{}\",{},{},{:.9f},{},{},{}\n", best.stratum.space->name(), supercell_text(best),
                            best.stratum.formula(), ++rank, energy_ev_per_atom(candidate), candidate.degeneracy,
                            best.is_proven(candidate) ? "yes" : "no", occupation_text(candidate.occupation));
    }
  }
  stream.close();
  if (!stream) throw StorageError(fmt::format("{}: cannot be written", staged.temporary().string()));
  staged.publish();
}

/// --out: a table, or a folder of structures.
class BestOutput {
 public:
  /// @throws InputError if it cannot be written there, before the search.
  explicit BestOutput(const CommandLine& line) : symprec_angstrom_(symprec_of(line)) {
    const auto out = line.value("out");
    if (!out) {
      for (const char* option : {"format", "standardise", "primitive"}) {
        if (line.has(option)) throw InputError(fmt::format("--{}: files are written with --out PATH", option));
      }
      return;
    }
    const bool named_file = std::filesystem::path(*out).has_extension();
    const std::string format = one_of(line, "format", {"csv", "cif", "poscar", "extxyz"}, named_file ? "csv" : "cif");
    if (format != "csv") {
      structures_.emplace(line, *out, format);
      return;
    }
    for (const char* option : {"standardise", "primitive"}) {
      if (line.has(option)) throw InputError(fmt::format("--{}: a table holds no structures; --format cif", option));
    }
    require_new_place(*out, Parents::kMustExist);
    table_ = *out;
  }

  /// @returns the names of structure files.
  [[nodiscard]] std::vector<std::string> write(const std::vector<BestOfComposition>& all) const {
    if (table_) write_csv(*table_, all);
    if (!structures_) return {};
    return structures_->write(ranked_structures(all, symprec_angstrom_));
  }

 private:
  double symprec_angstrom_;
  std::optional<std::string> table_;
  std::optional<StructureOutput> structures_;
};

void print_table(const std::vector<BestOfComposition>& all) {
  TextTable table({"space", "supercell", "composition", "lowest", "found", "proven", "bound", "gap", "nodes", "s"},
                  {'l', 'l', 'l', 'r', 'r', 'r', 'r', 'r', 'r', 'r'});
  for (const BestOfComposition& best : all) {
    const BestSearchResult& result = best.result;
    table.row({best.stratum.space->name(), supercell_text(best), best.stratum.formula(),
               result.best.empty() ? "-" : fmt::format("{:.6f}", best.lowest_ev_per_atom()),
               std::to_string(result.best.size()), result.proven ? "all" : std::to_string(best.proven_count()),
               std::isfinite(result.bound_ev_per_atom) ? fmt::format("{:.6f}", result.bound_ev_per_atom) : "-",
               fmt::format("{:.2f}", 1e3 * best.gap_ev_per_atom()), std::to_string(result.nodes),
               fmt::format("{:.1f}", best.seconds)});
  }
  std::cout << table.str(output_columns());
  fmt::print("\nlowest and bound in eV/atom, gap in meV/atom; proven: how many are certainly the lowest\n");
}

}  // namespace

ExitCode run_best(const Arguments& arguments) {
  CommandLine line(
      "best FILE [--data X.extxyz] [--count N] [--time SECONDS] [--threads N]",
      "The lowest configurations of every composition by the campaign's first model, without visiting all.");
  line.option("data", "X.extxyz", "labelled structures that the model is fitted to");
  line.option("count", "N", "how many per composition; default 100");
  line.option("time", "SECONDS", "time limit per composition; default 60");
  line.option("threads", "N", "threads that search one composition; default: all cores");
  line.option("composition", "FORMULA", "only this one, as hullscan count prints it; may be repeated");
  line.option("out", "PATH",
              "X.csv: a table of them; a name without an ending: a folder of structures, as hullscan top writes it; it "
              "must not exist");
  line.option("format", "F", "of --out: csv, or cif | poscar | extxyz, one file a structure; default by its name, cif");
  declare_structure_options(line);
  line.flag("json", "one JSON object with every configuration");
  line.positionals("FILE, a campaign file", 1, 1);
  line.epilogue(
      "Proven: no configuration of the composition that is not listed is lower. Stopped by time: what was found, a\n"
      "bound that no other configuration is below, and the gap between the lowest found and the bound.");
  if (!line.parse(arguments)) return ExitCode::kDone;
  const BestRequest request{
      static_cast<std::size_t>(line.integer("count", 1, 100'000).value_or(100)),
      static_cast<double>(line.integer("time", 1, 31'536'000).value_or(60)), line.values("composition"),
      static_cast<std::size_t>(line.integer("threads", 1, 4096)
                                   .value_or(std::max(1L, static_cast<long>(std::thread::hardware_concurrency()))))};
  const BestOutput output(line);

  ResolvedCampaign resolved = resolve_for_ranking(line.positional()[0]);
  fit_model(resolved, line.value("data"));
  require_known(request.only_formulas, resolved.spaces);
  const std::vector<BestOfComposition> all = find_best(resolved, request);
  const std::vector<std::string> files = output.write(all);
  if (line.has("json")) {
    Json compositions = Json::array();
    for (const BestOfComposition& best : all) compositions.push_back(best_json(best));
    Json json{{"campaign", resolved.campaign.name},
              {"model", resolved.campaign.surrogates.front().kind},
              {"count", request.count},
              {"compositions", std::move(compositions)}};
    if (!files.empty()) json["files"] = files;
    std::cout << json_text(json, 2) << "\n";
    return ExitCode::kDone;
  }
  print_table(all);
  if (!files.empty()) print_files(*line.value("out"), files);
  return ExitCode::kDone;
}

}  // namespace hullscan::cli
