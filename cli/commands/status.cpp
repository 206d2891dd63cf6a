/// @file
/// `hullscan status`: how far a campaign is. Reads status.json only, so it never disturbs a running master.

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <iostream>
#include <thread>

#include "cli/command.hpp"
#include "cli/command_line.hpp"
#include "cli/terminal.hpp"
#include "core/json_text.hpp"
#include "core/log.hpp"
#include "storage/status_file.hpp"

namespace hullscan::cli {
namespace {

/// The master writes every second; a longer silence of a running campaign is worth saying.
constexpr double kStaleS = 60;
constexpr const char* kIndent = "        ";  // under the second word of a line

/// Calculations that whoever started them has left: with the batch system, or ended, which the next run finds out.
std::string running_text(const std::string& state, double age_s) {
  if (state != "running") return "started and not seen to end (the next run takes them up)";
  return age_s > kStaleS ? "running when it was last heard of" : "running";
}

std::string walk_text(const Json& walk, bool running) {
  std::string text = fmt::format("{}: {} of {} points, {} with the precision asked for",
                                 walk["name"].get<std::string>(), walk["points_done"].get<std::size_t>(),
                                 walk["points_total"].get<std::size_t>(), walk["precision_reached"].get<std::size_t>());
  if (const double rate = walk["sweeps_per_s"].get<double>(); running && rate > 0)
    text += fmt::format(", {:.3g} sweeps/s", rate);
  if (running && walk["eta_s"].is_number() && walk["eta_s"].get<double>() > 0)
    text += ", ETA " + duration_text(walk["eta_s"].get<double>());
  return text;
}

void print(const Json& status) {
  const std::string state = status.value("state", "unknown");
  const double age = status["age_s"].get<double>();
  fmt::print(
      "{}{}\n", state,
      state == "running" && age > kStaleS ? fmt::format(" (no news for {}: was it killed?)", duration_text(age)) : "");
  print_words(fmt::format("space   {} configurations, {} inequivalent enumerated, units {}/{}",
                          grouped(status.value("labelled_total", "0")), grouped(status.value("orbits", "0")),
                          status["units"].value("done", 0), status["units"].value("total", 0)),
              kIndent);
  std::string tasks;
  for (const auto& [name, count] : status["tasks"].items())
    tasks += fmt::format("{}{} {}", tasks.empty() ? "" : ", ", count.get<int>(),
                         name == "running" ? running_text(state, age) : name);
  if (!tasks.empty()) print_words("tasks   " + tasks, kIndent);
  if (const int suspect = status.value("suspect", 0); suspect > 0)
    print_words(fmt::format("suspect {} result{} set aside: hullscan tasks DIR --suspect", suspect,
                            suspect == 1 ? " is" : "s are"),
                kIndent);
  if (status["hull"].is_object()) {
    std::string vertices;
    for (const Json& vertex : status["hull"]["vertices"]) {
      const bool reference = vertex.value("vertex_kind", "") == "end member";
      const double energy = vertex["formation_energy_per_atom"].get<double>();
      vertices += fmt::format("{}{} ({})", vertices.empty() ? "" : ", ", vertex["formula"].get<std::string>(),
                              reference ? "end member" : fmt::format("{:.3f} eV/atom", energy));
    }
    print_words("hull    " + vertices, kIndent);
  }
  if (status.contains("monte_carlo")) {
    for (const Json& walk : status["monte_carlo"])
      print_words("walk    " + walk_text(walk, state == "running"), kIndent);
  }
  if (state != "running") return;
  const double rate = status.value("rate", 0.0);
  const bool computing = status["tasks"].value("running", 0) > 0;
  if (rate > 0 && computing) fmt::print("rate    {:.3g} calculations/h\n", 3600 * rate);
  if (rate > 0 && !computing) fmt::print("rate    {:.3g} orbits/s\n", rate);
  if (status["eta_s"].is_number()) fmt::print("ETA     {}\n", duration_text(status["eta_s"].get<double>()));
  fmt::print("age     {}\n", duration_text(age));
}

Json read_with_age(const std::string& directory) {
  Json status = read_status(directory);
  status["age_s"] = std::round(10 * status_age_s(directory)) / 10;
  return status;
}

/// @returns whether to look again.
bool show(const std::string& directory, bool json, bool watch) {
  const Json status = read_with_age(directory);
  if (json) {
    std::cout << json_text(status, 2) << std::endl;
  } else {
    if (watch && isatty(STDOUT_FILENO) != 0) std::cout << "\033[H\033[2J";
    print(status);
    std::fflush(stdout);
  }
  return watch && status.value("state", "") == "running";
}

}  // namespace

ExitCode run_status(const Arguments& arguments) {
  CommandLine line("status DIR [--watch] [--json]", "How far a campaign is, also while it runs.");
  line.flag("watch", "repeat every two seconds until it ends");
  line.flag("json", "one JSON object");
  line.positionals("DIR, a campaign directory", 1, 1);
  if (!line.parse(arguments)) return ExitCode::kDone;

  const std::string& directory = line.positional()[0];
  try {
    while (show(directory, line.has("json"), line.has("watch"))) std::this_thread::sleep_for(std::chrono::seconds(2));
  } catch (const Json::exception& error) {
    throw StorageError(
        fmt::format("{}/status.json is damaged ({}); the next run writes it anew", directory, error.what()));
  }
  return ExitCode::kDone;
}

}  // namespace hullscan::cli
