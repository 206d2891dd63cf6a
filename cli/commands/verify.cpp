/// @file
/// `hullscan verify`: is everything in a campaign directory what was stored there, and does computing it again give
/// the same?

#include <fmt/format.h>

#include <iostream>

#include "campaign/verification.hpp"
#include "cli/command.hpp"
#include "cli/command_line.hpp"
#include "core/json.hpp"
#include "core/json_text.hpp"

namespace hullscan::cli {
namespace {

void print_json(const Verification& found) {
  Json damaged = Json::array();
  for (const auto& [what, why] : found.faults) damaged.push_back({{"what", what}, {"why", why}});
  std::cout << json_text(Json({{"shards", found.shards},
                               {"recomputed", found.recomputed},
                               {"results", found.results},
                               {"compared_with_files", found.compared},
                               {"damaged", damaged}}),
                         2)
            << "\n";
}

void print_text(const Verification& found) {
  for (const auto& [what, why] : found.faults) fmt::print("{}: {}\n", what, why);
  if (found.results > 0)
    fmt::print("{} result{} read, {} compared with the files of {} attempt\n", found.results,
               found.results == 1 ? "" : "s", found.compared, found.compared == 1 ? "its" : "their");
  fmt::print("{} shard{} read, {} work unit{} computed again: {}\n", found.shards, found.shards == 1 ? "" : "s",
             found.recomputed, found.recomputed == 1 ? "" : "s",
             found.faults.empty() ? "all well" : fmt::format("{} damaged", found.faults.size()));
}

}  // namespace

ExitCode run_verify(const Arguments& arguments) {
  CommandLine line("verify DIR [--recompute PERCENT] [--json]",
                   "Reads the database and every archive file of a campaign whole and compares them with what was "
                   "stored. Changes nothing; a run does damaged units again.");
  line.option("recompute", "PERCENT", "enumerate and score this share of the work units again and compare");
  line.flag("json", "one JSON object");
  line.positionals("DIR, a campaign directory", 1, 1);
  line.epilogue("Exit codes: 0 everything is as it was stored, 5 something is damaged; it is named.");
  if (!line.parse(arguments)) return ExitCode::kDone;
  const long percent = line.integer("recompute", 0, 100).value_or(0);

  const Verification found = verify_campaign(line.positional()[0], 0.01 * static_cast<double>(percent));
  line.has("json") ? print_json(found) : print_text(found);
  return found.faults.empty() ? ExitCode::kDone : ExitCode::kStorage;
}

}  // namespace hullscan::cli
