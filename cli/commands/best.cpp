/// @file
/// `hullscan best`: the lowest configurations of every composition by branch and bound, proven or with the gap that
/// is left.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <iostream>

#include "campaign/labelled_structures.hpp"
#include "campaign/orbit_writer.hpp"
#include "campaign/resolved_campaign.hpp"
#include "cli/command.hpp"
#include "cli/command_line.hpp"
#include "cli/text_table.hpp"
#include "core/json.hpp"
#include "core/json_text.hpp"
#include "core/log.hpp"
#include "enumerator/space/strata.hpp"
#include "storage/staged_file.hpp"
#include "workers/best_search.hpp"

namespace hullscan::cli {
namespace {

/// Fits the campaign's first model to labelled structures, if it needs or is given any.
void fit_model(ResolvedCampaign& resolved, const std::optional<std::string>& data) {
  if (data) {
    const LabelledStructures structures = read_labelled_structures({resolved.campaign.file, *data});
    log_info(mapping_summary(structures));
    for (std::size_t space = 0; space < resolved.surrogates.space_count(); ++space) {
      std::vector<LabelledConfiguration> labels;
      for (const LabelledStructure& label : structures.kept) {
        if (label.space != space) continue;
        labels.push_back(label.label());
        // The labels' own parent was built from the same file; the model's supercells are of its own.
        const Supercell& supercell = *label.mapping.configuration.supercell;
        labels.back().configuration.supercell =
            std::make_shared<Supercell>(resolved.spaces[space].parent(), supercell.matrix());
      }
      if (labels.empty()) continue;
      for (const std::string& warning : resolved.surrogates.space(space).fit(labels).warnings) log_warning(warning);
    }
  }
  if (!resolved.surrogates.fitted()) {
    throw InputError(
        fmt::format("{}: the model must be fitted first: --data X.extxyz with labelled structures (a model of kind "
                    "electrostatic needs none)",
                    resolved.campaign.file.string()));
  }
}

}  // namespace

ExitCode run_best(const Arguments& arguments) {
  using Clock = std::chrono::steady_clock;
  CommandLine line(
      "best FILE [--data X.extxyz] [--count N] [--time SECONDS]",
      "The lowest configurations of every composition by the campaign's first model, without visiting all.");
  line.option("data", "X.extxyz", "labelled structures that the model is fitted to");
  line.option("count", "N", "how many per composition; default 100");
  line.option("time", "SECONDS", "time limit per composition; default 60");
  line.option("composition", "FORMULA", "only this one, as hullscan count prints it; may be repeated");
  line.option("out", "X.csv", "a table of them");
  line.flag("json", "one JSON object with every configuration");
  line.positionals("FILE, a campaign file", 1, 1);
  line.epilogue(
      "Proven: no configuration of the composition that is not listed is lower. Stopped by time: what was found, a\n"
      "bound that no other configuration is below, and the gap between the lowest found and the bound.");
  if (!line.parse(arguments)) return ExitCode::kDone;
  const auto count = static_cast<std::size_t>(line.integer("count", 1, 100'000).value_or(100));
  const double seconds = static_cast<double>(line.integer("time", 1, 31'536'000).value_or(60));
  const std::vector<std::string> only = line.values("composition");
  const auto out = line.value("out");
  if (out && std::filesystem::exists(*out))
    throw InputError(
        fmt::format("{}: this file exists already; nothing is overwritten; choose another name with --out", *out));

  ResolvedCampaign resolved = resolve_campaign(line.positional()[0]);
  if (resolved.surrogates.space_count() == 0)
    throw InputError(fmt::format("{}: there is no [[surrogate]] to rank with", resolved.campaign.file.string()));
  for (const SearchSpace& space : resolved.spaces) {
    if (!space.spec().markers.empty())
      throw InputError(fmt::format("{}: space \"{}\" marks objects; best ranks colourings only",
                                   resolved.campaign.file.string(), space.name()));
  }
  fit_model(resolved, line.value("data"));

  Json results = Json::array();
  std::vector<std::string> known;
  TextTable table({"space", "supercell", "composition", "lowest", "found", "proven", "bound", "gap", "nodes", "s"},
                  {'l', 'l', 'l', 'r', 'r', 'r', 'r', 'r', 'r', 'r'});
  std::string csv = "space,supercell,formula,rank,energy_ev_per_atom,degeneracy,proven,occupation\n";
  std::unique_ptr<ConfigurationScorer> scorer;  // of the supercell whose turn it is
  std::optional<std::pair<std::uint32_t, std::uint32_t>> scored;
  for (const SpaceStratum& stratum : Strata(resolved.spaces)) {
    const SearchSpace& space = *stratum.space;
    const std::size_t i = stratum.supercell();
    const Supercell& supercell = *space.supercells()[i];
    const auto& model = resolved.surrogates.space(stratum.key.space);
    if (const std::pair at{stratum.key.space, stratum.key.supercell}; at != scored) {
      scorer = model.scorer(supercell);
      scored = at;
    }
    const std::string formula = stratum.formula();
    known.push_back(formula);
    if (!only.empty() && std::find(only.begin(), only.end(), formula) == only.end()) continue;
    const SearchOrder order = SearchOrder::of(stratum.counts());
    std::vector<std::uint8_t> background;
    for (std::size_t site = 0; site < supercell.varied_sites().size(); ++site) {
      background.push_back(order.background[static_cast<std::size_t>(supercell.sublattice_of(static_cast<int>(site)))]);
    }
    const std::int64_t atoms = space.composition(i, stratum.counts()).without_vacancies().atom_count();
    if (atoms == 0) continue;
    const auto tables = scorer->branch_tables(background);
    if (!tables) {
      throw InputError(fmt::format("{}: {} cannot be searched: {}", resolved.campaign.file.string(), formula,
                                   why_not_searchable(model, supercell).value_or("the model is too large")));
    }
    const auto begun = Clock::now();
    const auto elapsed = [&] { return std::chrono::duration<double>(Clock::now() - begun).count(); };
    BestSearchRequest request{space.action(i),
                              stratum.counts(),
                              space.options(i),
                              tables,
                              atoms,
                              count,
                              stratum.key,
                              resolved.campaign.seed,
                              [&] { return elapsed() > seconds; }};
    const BestSearchResult result = search_best(request);
    const double took = elapsed();
    const double lowest = result.best.empty() ? 0.0 : 1e-9 * static_cast<double>(result.best.front().score);
    std::size_t proven = 0;
    Json configurations = Json::array();
    for (const Candidate& candidate : result.best) {
      const double energy = 1e-9 * static_cast<double>(candidate.score);
      const bool certain = result.proven || energy <= result.bound_ev_per_atom;
      proven += certain ? 1 : 0;
      configurations.push_back({{"energy_ev_per_atom", energy},
                                {"degeneracy", candidate.degeneracy},
                                {"proven", certain},
                                {"occupation", occupation_text(candidate.occupation)}});
      csv += fmt::format("{},\"{}\",{},{},{:.9f},{},{},{}\n", space.name(), matrix_text(supercell.matrix()), formula,
                         configurations.size(), energy, candidate.degeneracy, certain ? "yes" : "no",
                         occupation_text(candidate.occupation));
    }
    const double gap = result.proven ? 0.0 : std::max(0.0, lowest - result.bound_ev_per_atom);
    table.row({space.name(), matrix_text(supercell.matrix()), formula,
               result.best.empty() ? "-" : fmt::format("{:.6f}", lowest), std::to_string(result.best.size()),
               result.proven ? "all" : std::to_string(proven),
               std::isfinite(result.bound_ev_per_atom) ? fmt::format("{:.6f}", result.bound_ev_per_atom) : "-",
               fmt::format("{:.2f}", 1e3 * gap), std::to_string(result.nodes), fmt::format("{:.1f}", took)});
    results.push_back(
        {{"space", space.name()},
         {"supercell", matrix_text(supercell.matrix())},
         {"composition", formula},
         {"proven", result.proven},
         {"proven_lowest", proven},
         {"bound_ev_per_atom", std::isfinite(result.bound_ev_per_atom) ? Json(result.bound_ev_per_atom) : Json()},
         {"gap_mev_per_atom", 1e3 * gap},
         {"nodes", result.nodes},
         {"seconds", took},
         {"configurations", std::move(configurations)}});
  }
  for (const std::string& formula : only) {
    if (std::find(known.begin(), known.end(), formula) == known.end()) {
      throw InputError(fmt::format("--composition: the space has no {}{}", formula, did_you_mean(formula, known)));
    }
  }
  if (out) {
    StagedFile staged(*out);
    std::ofstream stream(staged.temporary());
    stream << csv;
    stream.close();
    if (!stream) throw StorageError(fmt::format("{}: cannot be written", staged.temporary().string()));
    staged.publish();
  }
  if (line.has("json")) {
    std::cout << json_text(Json{{"campaign", resolved.campaign.name},
                                {"model", resolved.campaign.surrogates.front().kind},
                                {"count", count},
                                {"compositions", results}},
                           2)
              << "\n";
    return ExitCode::kDone;
  }
  std::cout << table.str();
  fmt::print("\nlowest and bound in eV/atom, gap in meV/atom; proven: how many are certainly the lowest\n");
  return ExitCode::kDone;
}

}  // namespace hullscan::cli
