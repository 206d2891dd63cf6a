/// @file
/// `hullscan log`: how the campaign file of a directory has changed.

#include <fmt/format.h>

#include <iostream>

#include "campaign/judgements.hpp"
#include "cli/command.hpp"
#include "cli/command_line.hpp"
#include "core/json_text.hpp"
#include "storage/campaign_store.hpp"

namespace hullscan::cli {

ExitCode run_log(const Arguments& arguments) {
  CommandLine line("log DIR [--revision N] [--json]",
                   "Every version of the campaign file that a directory ran, with its date and what it changed.");
  line.option("revision", "N", "print the campaign file as it was then, and nothing else");
  line.flag("json", "one JSON object");
  line.positionals("DIR, a campaign directory", 1, 1);
  if (!line.parse(arguments)) return ExitCode::kDone;
  const CampaignStore store = CampaignStore::open_read_only(line.positional()[0]);
  const std::vector<Revision> revisions = store.revisions();
  if (const auto number = line.integer("revision", 1, 1'000'000)) {
    for (const Revision& revision : revisions) {
      if (revision.number != *number) continue;
      std::cout << revision.text;
      return ExitCode::kDone;
    }
    throw InputError(
        fmt::format("--revision: there is no revision {}; the last is {}", *number, revisions.back().number));
  }
  std::map<int, int> chosen;
  store.each_task({.round = {}, .states = {}, .outside = true},
                  [&](const TaskRecord& task) { ++chosen[task.revision]; });
  Json list = Json::array();
  for (const Revision& revision : revisions) {
    const std::string at = revision.at ? moment_text(*revision.at) : "";
    const int calculations = chosen[revision.number];
    list.push_back({{"number", revision.number},
                    {"at", at.empty() ? Json() : Json(at)},
                    {"changes", revision.changes},
                    {"first_round", revision.first},
                    {"calculations", calculations},
                    {"hullscan", revision.hullscan_version}});
    if (line.has("json")) continue;
    fmt::print("{}  {}  {} calculation{}\n", revision.number, at.empty() ? "date not known" : at, calculations,
               calculations == 1 ? "" : "s");
    if (revision.number == 1) fmt::print("     begun\n");
    for (const std::string& change : revision.changes) fmt::print("     {}\n", change);
  }
  if (line.has("json")) std::cout << json_text(Json({{"revisions", std::move(list)}}), 2) << "\n";
  return ExitCode::kDone;
}

}  // namespace hullscan::cli
