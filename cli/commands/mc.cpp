/// @file
/// `hullscan mc`: Monte Carlo over a space by the campaign's first model, beyond what can be enumerated.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <iostream>
#include <optional>
#include <thread>  // hardware_concurrency

#include "campaign/best_configurations.hpp"
#include "campaign/campaign_directory.hpp"
#include "campaign/labelled_structures.hpp"
#include "campaign/monte_carlo/campaign_walks.hpp"
#include "campaign/monte_carlo/known_results.hpp"
#include "campaign/resolved_campaign.hpp"
#include "campaign/stop_signals.hpp"
#include "cli/command.hpp"
#include "cli/command_line.hpp"
#include "cli/deadline.hpp"
#include "cli/messages.hpp"
#include "cli/terminal.hpp"
#include "core/energy_spectrum.hpp"
#include "core/json.hpp"
#include "core/json_text.hpp"
#include "core/log.hpp"
#include "core/text_table.hpp"
#include "workers/mpi_session.hpp"

namespace hullscan::cli {
namespace {

namespace fs = std::filesystem;

/// @returns [space] the labels.
std::vector<std::vector<Configuration>> fit_to(ResolvedCampaign& resolved, const std::string& data, bool speaks) {
  const LabelledStructures structures = read_labelled_structures({resolved.campaign.file, data});
  const std::vector<std::string> warnings = fit_to_structures(resolved, structures);
  if (speaks) {
    log_info(mapping_summary(structures));
    for (const std::string& warning : warnings) log_warning(warning);
  }
  std::vector<std::vector<Configuration>> labels(resolved.spaces.size());
  for (const LabelledStructure& one : structures.kept) labels[one.space].push_back(one.mapping.configuration);
  return labels;
}

std::string potentials_text(const Json& point) {
  std::string text;
  for (const auto& [name, value] : point["chemical_potentials_ev"].items())
    text += fmt::format("{}{} {:.4g}", text.empty() ? "" : ", ", name, value.get<double>());
  return text.empty() ? "-" : text;
}

std::string fractions_text(const Json& point) {
  std::string text;
  for (const auto& [name, value] : point["fractions"].items())
    text += fmt::format("{}{} {:.4f}", text.empty() ? "" : ", ", name, value["mean"].get<double>());
  return text;
}

void print_result(const MonteCarloResult& result) {
  fmt::print("{}: {}, cell {}, {} varied sites{}\n", result.name, result.json["ensemble"].get<std::string>(),
             result.json["cell"].get<std::string>(), result.json["varied_sites"].get<std::int64_t>(),
             result.finished ? "" : ", stopped before its end");
  TextTable table(
      {"chain", "T", "potentials", "energy", "error", "C", "fractions", "sweeps", "tau", "accepted", "done"},
      {'r', 'r', 'l', 'r', 'r', 'r', 'l', 'r', 'r', 'r', 'l'});
  for (const Json& point : result.json["points"]) {
    const Json& error = point["energy_error_ev_per_atom"];
    table.row({std::to_string(point["chain"].get<std::size_t>()),
               fmt::format("{:g}", point["temperature_kelvin"].get<double>()), potentials_text(point),
               fmt::format("{:.6f}", point["energy_ev_per_atom"].get<double>()),
               error.is_number() ? fmt::format("{:.3f}", 1e3 * error.get<double>()) : "-",
               fmt::format("{:.3f}", point["heat_capacity_ev_per_kelvin_per_atom"].get<double>() /
                                         EnergySpectrum::kBoltzmannEvPerKelvin),
               fractions_text(point), std::to_string(point["sweeps"].get<std::int64_t>()),
               fmt::format("{:.1f}", point["autocorrelation_sweeps"].get<double>()),
               fmt::format("{:.0f} %", 100 * point["acceptance"].get<double>()),
               point["precision_reached"].get<bool>() ? "yes" : "no"});
  }
  std::cout << table.str(output_columns());
  if (result.json.contains("lowest")) {
    for (const Json& lowest : result.json["lowest"])
      fmt::print("chain {}: quenched to {:.6f} eV/atom, {}\n", lowest["chain"].get<std::size_t>(),
                 lowest["energy_ev_per_atom"].get<double>(), lowest["structure"].get<std::string>());
  }
}

ExitCode walk_as_rank(const CommandLine& line, const MpiSession& session) {
  session.require_common_mpi();
  (void)stop_signal();  // from now on a signal is remembered until a block ends
  const auto deadline = deadline_of(line);
  const long cores = std::max(1L, static_cast<long>(std::thread::hardware_concurrency()));
  const auto threads =
      static_cast<std::size_t>(line.integer("threads", 1, 4096).value_or(session.size() > 1 ? 1 : cores));
  if (line.has("model") && line.has("data"))
    throw InputError("--model and --data: a fitted model, or labels to fit one to, not both");

  ResolvedCampaign resolved = resolve_campaign(line.positional()[0]);
  const std::string file = resolved.campaign.file.string();
  if (resolved.campaign.monte_carlo.empty()) throw InputError(fmt::format("{}: there is no [[monte_carlo]]", file));
  const std::vector<std::string> only = line.values("only");
  std::vector<std::string> names;
  for (const MonteCarloSpec& spec : resolved.campaign.monte_carlo) names.push_back(spec.name);
  for (const std::string& name : only) {
    if (std::find(names.begin(), names.end(), name) == names.end())
      throw InputError(fmt::format("--only: there is no [[monte_carlo]] \"{}\"{}", name, did_you_mean(name, names)));
  }
  const fs::path own = default_directory(resolved.campaign.name);
  const fs::path model_directory = line.value("model").value_or(own.string());
  const bool has_run = !line.has("data") && fs::exists(model_directory / "campaign.db");
  KnownResults known = has_run ? known_results(model_directory) : KnownResults();
  Problems problems;
  const std::vector<MonteCarloPlan> plans = plans_of(resolved, problems, known.phases, only);
  problems.throw_if_any();

  if (const auto data = line.value("data")) {
    known.labels = fit_to(resolved, *data, session.rank() == 0);
  } else if (line.has("model") || has_run) {
    if (!take_model_of(resolved, model_directory))
      throw InputError(
          fmt::format("--model: {} holds no fitted model yet; run the campaign first, or give --data X.extxyz",
                      model_directory.string()));
  }
  if (!resolved.surrogates.fitted())
    throw InputError(
        fmt::format("{}: the model must be fitted first: --model DIR of a campaign that has run, or --data "
                    "X.extxyz with labelled structures (a model of kind electrostatic needs none)",
                    file));
  Json all = Json::array();
  WalkOptions options{.directory = line.value("dir").value_or(model_directory.string()),
                      .threads = threads,
                      .deadline = deadline,
                      .labels = std::move(known.labels)};
  options.ended = [&](const MonteCarloResult& result) {
    if (line.has("json")) {
      all.push_back(result.json);
    } else {
      print_result(result);
    }
  };
  const bool finished = walk(resolved, plans, options, session);
  if (line.has("json") && session.rank() == 0)
    std::cout << json_text(Json{{"campaign", resolved.campaign.name}, {"finished", finished}, {"monte_carlo", all}}, 2)
              << "\n";
  if (finished) return ExitCode::kDone;
  if (session.rank() == 0) log_info("stopped; the same line goes on");
  return stop_signal() == SIGINT ? ExitCode::kInterrupted : ExitCode::kStopped;
}

}  // namespace

ExitCode run_mc(const Arguments& arguments) {
  CommandLine line("mc FILE [--model DIR | --data X.extxyz] [--threads N]",
                   "Monte Carlo as [[monte_carlo]] of the campaign file says; the same line goes on after any end.");
  line.option("model", "DIR", "campaign directory whose fitted model is taken; default: the campaign's own directory");
  line.option("data", "X.extxyz", "labelled structures that the model is fitted to instead");
  line.option("dir", "DIR", "results go to DIR/monte_carlo; default: that of --model, or the campaign's own");
  line.option("only", "NAME", "this [[monte_carlo]] only; may be repeated");
  line.option(
      "threads", "N",
      "threads of each process; results do not depend on them; default: all cores of one process, 1 of several ranks");
  line.option("deadline", "TIME", "stop before it: 3600, 90m, 1:30:00, or 2026-03-01T08:30");
  line.flag("json", "one JSON object with every point");
  line.positionals("FILE, a campaign file", 1, 1);
  line.epilogue(
      "T in kelvin, energy in eV/atom with its standard error in meV/atom, heat capacity C in k_B per atom, tau: the\n"
      "integrated autocorrelation time of the energy in sweeps. done: the precision asked for was reached.");
  if (!line.parse(arguments)) return ExitCode::kDone;
  MpiSession session;
  ExitCode code = ExitCode::kUnexpected;
  try {
    code = walk_as_rank(line, session);
  } catch (const Error& error) {
    if (!session.active()) throw;
    // Every rank reads the same files and finds the same fault; one of them says so.
    if (session.rank() == 0) print_error(error.what());
    code = exit_code_of(error);
  }
  return static_cast<ExitCode>(session.finish(static_cast<int>(code)));
}

}  // namespace hullscan::cli
