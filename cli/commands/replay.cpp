/// @file
/// `hullscan replay`: a campaign against labelled structures as if they were DFT: how many calculations a policy needs
/// to find the hull that is known already.

#include "campaign/replay.hpp"

#include <fmt/format.h>

#include <iostream>
#include <limits>

#include "campaign/labelled_structures.hpp"
#include "cli/command.hpp"
#include "cli/command_line.hpp"
#include "cli/terminal.hpp"
#include "core/file_bytes.hpp"
#include "core/foreign_json.hpp"
#include "core/json_text.hpp"
#include "core/log.hpp"
#include "core/text_table.hpp"

namespace hullscan::cli {
namespace {

std::vector<std::string> read_ids(const std::string& file) {
  const std::string text = user_file(file);
  std::string problem;
  const auto json = parse_foreign_json(text, problem);
  if (!json) throw InputError(fmt::format("{}:{}", file, problem));
  try {
    return json->at("ids").get<std::vector<std::string>>();
  } catch (const Json::exception& error) {
    throw InputError(fmt::format("{}: expected {{\"ids\": [id, …]}}: {}", file, error.what()));
  }
}

LabelledStructuresRequest structures_request(const CommandLine& line) {
  LabelledStructuresRequest request{line.positional()[0],
                                    *line.value("data"),
                                    line.value("energy-key").value_or("energy"),
                                    line.has("off-lattice"),
                                    {}};
  if (const auto file = line.value("only")) {
    request.only = read_ids(*file);
    request.keep_off_lattice = true;
  }
  return request;
}

/// The campaign's selection with what the command line says instead.
SelectSpec selection(const CommandLine& line, const Campaign& campaign) {
  SelectSpec select = campaign.select.value_or(SelectSpec{});
  select.policy = line.value("policy").value_or(select.policy);
  (void)find_policy(select.policy);
  select.initial = static_cast<int>(line.integer("initial", 1, 1'000'000).value_or(select.initial));
  select.per_round = static_cast<int>(line.integer("per-round", 1, 1'000'000).value_or(select.per_round));
  select.rounds = static_cast<int>(line.integer("rounds", 0, 1'000'000).value_or(select.rounds));
  return select;
}

Json or_null(const std::optional<double>& value) { return value ? Json(*value) : Json(); }

Json rounds_json(const std::vector<MeanReplayRound>& rounds) {
  Json json = Json::array();
  for (const MeanReplayRound& round : rounds) {
    json.push_back({{"labels", round.labels},
                    {"vertices_found", round.vertices},
                    {"share", round.share},
                    {"hull_error_mev_per_atom", round.hull_error_mev_per_atom},
                    {"within_two_deviations", or_null(round.within_two_deviations)},
                    {"rmse_mev_per_atom", or_null(round.rmse_mev_per_atom)}});
  }
  return json;
}

/// Every round of every run, with what the stop rule saw.
Json runs_json(const std::vector<std::vector<ReplayRound>>& runs) {
  Json json = Json::array();
  for (const auto& run : runs) {
    Json rounds = Json::array();
    for (const ReplayRound& round : run) {
      const auto& outlook = round.outlook;
      rounds.push_back(
          {{"labels", round.labels},
           {"vertices_found", round.vertices},
           {"hull_error_mev_per_atom", round.hull_error_mev_per_atom},
           {"possible_hull_error_mev_per_atom", outlook ? Json(1e3 * outlook->possible_error_ev_per_atom) : Json()},
           {"probability_complete", outlook ? Json(outlook->probability_complete) : Json()},
           {"within_two_deviations", or_null(round.within_two_deviations)},
           {"stop_rule_met", round.stop_rule_met}});
    }
    json.push_back(std::move(rounds));
  }
  return json;
}

Json stops_json(const ReplaySummary& summary) {
  Json json = Json::array();
  for (const auto& stop : summary.stops) {
    json.push_back(stop ? Json({{"labels", stop->labels}, {"hull_error_mev_per_atom", stop->hull_error_mev_per_atom}})
                        : Json());
  }
  return json;
}

void print_json(const ReplaySummary& summary, const std::vector<std::vector<ReplayRound>>& runs,
                const LabelledStructures& structures, const SelectSpec& select) {
  Json until = Json::array();
  for (const auto& labels : summary.labels_until_all_vertices) until.push_back(labels ? Json(*labels) : Json());
  const auto mean = summary.mean_labels_until_all_vertices;
  const Json json = {{"campaign", structures.campaign.name},
                     {"model", structures.campaign.surrogates.front().kind},
                     {"policy", select.policy},
                     {"pool", structures.kept.size()},
                     {"vertices", summary.vertices},
                     {"seeds", until.size()},
                     {"labels_until_all_vertices", {{"mean", mean ? Json(*mean) : Json()}, {"each", until}}},
                     {"stops", stops_json(summary)},
                     {"rounds", rounds_json(summary.rounds)},
                     {"runs", runs_json(runs)}};
  std::cout << json_text(json, 2) << "\n";
}

void print_table(const ReplaySummary& summary, const LabelledStructures& structures, const SelectSpec& select) {
  const std::size_t seeds = summary.labels_until_all_vertices.size();
  fmt::print("{}\n{} by {}, {} seed{}; the hull of all {} has {} vertices\n\n", mapping_summary(structures),
             select.policy, structures.campaign.surrogates.front().kind, seeds, seeds == 1 ? "" : "s",
             structures.kept.size(), summary.vertices);
  TextTable table({"labels", "vertices", "share", "hull too high by at most", "RMSE of the rest", "within 2 σ"},
                  {'r', 'r', 'r', 'r', 'r', 'r'});
  for (const MeanReplayRound& round : summary.rounds) {
    table.row({fmt::format("{:.0f}", round.labels), fmt::format("{:.1f}", round.vertices),
               fmt::format("{:.0f} %", 100 * round.share),
               fmt::format("{:.1f} meV/atom", round.hull_error_mev_per_atom),
               round.rmse_mev_per_atom ? fmt::format("{:.1f} meV/atom", *round.rmse_mev_per_atom) : "",
               round.within_two_deviations ? fmt::format("{:.0f} %", 100 * *round.within_two_deviations) : ""});
  }
  std::cout << table.str(output_columns());
  if (const auto mean = summary.mean_labels_until_all_vertices)
    fmt::print("\nall vertices with {:.0f} labels on average\n", *mean);
  for (const auto& stop : summary.stops) {
    if (stop)
      fmt::print("the stop rule is met with {} labels, when the hull is too high by at most {:.1f} meV/atom\n",
                 stop->labels, stop->hull_error_mev_per_atom);
  }
}

}  // namespace

ExitCode run_replay(const Arguments& arguments) {
  CommandLine line(
      "replay FILE --data X.extxyz [--policy P] [--json]",
      "Runs a campaign's selection on structures whose energies are known, as if each were a calculation.");
  line.option("data", "FILE", "extended XYZ; every frame with a lattice and a total energy, ids optional");
  line.option("energy-key", "KEY", "which key of a frame is its total energy in eV; default: energy");
  line.option("policy", "P", "instead of the campaign's select.policy");
  line.option("initial", "N", "labels before the first fit, instead of the campaign's");
  line.option("per-round", "N", "labels per round, instead of the campaign's");
  line.option("rounds", "N", "instead of the campaign's");
  line.option("seeds", "N", "how many times with different draws; default 1");
  line.option("seed", "N", "the first seed; default: the campaign's");
  line.option("only", "FILE", "json with a list \"ids\" of structures to take; off-lattice ones among them stay in");
  line.flag("off-lattice", fmt::format("keep structures displaced by more than {} Å (rms)", kOffLatticeAngstrom));
  line.flag("json", "one JSON object");
  line.positionals("FILE, a campaign file", 1, 1);
  line.epilogue(
      "The models are those of the campaign: a second [[surrogate]] looks at the best of the first. Round 0: the end "
      "members, then the most symmetric of every composition.");
  if (!line.parse(arguments)) return ExitCode::kDone;
  if (!line.value("data")) throw InputError("replay: --data FILE is missing; hullscan replay --help");

  const LabelledStructuresRequest request = structures_request(line);
  const LabelledStructures structures = read_labelled_structures(request);
  log_info(mapping_summary(structures));
  if (structures.campaign.surrogates.empty())
    throw InputError(fmt::format("{}: there is no [[surrogate]] to select with", request.campaign.string()));
  const SelectSpec select = selection(line, structures.campaign);
  const auto seeds = static_cast<std::size_t>(line.integer("seeds", 1, 10'000).value_or(1));
  const auto first_seed = static_cast<std::uint64_t>(
      line.integer("seed", 0, std::numeric_limits<long>::max()).value_or(static_cast<long>(structures.campaign.seed)));

  const std::size_t vertices = vertex_count(structures);
  Replay replay(structures, select);
  std::vector<std::vector<ReplayRound>> runs;
  for (std::size_t s = 0; s < seeds; ++s) {
    runs.push_back(replay.run(first_seed + s));
    log_info(fmt::format("seed {}: {} of {} vertices with {} labels", first_seed + s, runs.back().back().vertices,
                         vertices, runs.back().back().labels));
  }
  const ReplaySummary summary = summarise(runs, vertices);
  if (line.has("json")) {
    print_json(summary, runs, structures, select);
  } else {
    print_table(summary, structures, select);
  }
  return ExitCode::kDone;
}

}  // namespace hullscan::cli
