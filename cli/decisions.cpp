#include "cli/decisions.hpp"

#include <fmt/format.h>

#include <chrono>
#include <iostream>

#include "campaign/judgements.hpp"
#include "campaign/task_by_id.hpp"
#include "cli/command_line.hpp"
#include "core/json_text.hpp"
#include "storage/campaign_backup.hpp"
#include "storage/campaign_lock.hpp"
#include "storage/campaign_store.hpp"
#include "storage/instant_now.hpp"

namespace hullscan::cli {

ExitCode decide(const Arguments& arguments, const DecisionCommand& command) {
  CommandLine line(command.usage, command.summary);
  line.option("because", "WORDS", command.reason_help);
  line.flag("json", "one JSON object");
  line.positionals("DIR, a campaign directory; ID, as the report or tasks prints it, or how it begins", 2, 2);
  line.epilogue(
      "Recorded in campaign.db with who, when and why, and reversible. Hull, fit and rounds follow when the "
      "same run line is started next. Refused while a run holds the campaign.");
  if (!line.parse(arguments)) return ExitCode::kDone;
  const std::filesystem::path directory = line.positional()[0];
  const std::string id = line.positional()[1], why = line.value("because").value_or("");
  if (command.needs_reason && why.find_first_not_of(" \t\n") == std::string::npos)
    throw InputError("--because \"...\" is missing: whoever reads the campaign later wants to know why");

  CampaignLock lock(directory);
  CampaignStore store = CampaignStore::open_existing(directory);
  const TaskRecord task = find_task(store, id);
  const std::string name = fmt::format("{} {}", task.short_id, task.task.formula);
  if (!task.result) throw InputError(fmt::format("{}: is {} and has no result", name, name_of(task.state)));
  if (const std::string refusal = command.refusal(task); !refusal.empty()) throw InputError(name + ": " + refusal);
  const Instant now = instant_now();
  store.judge(task.task.key, {now, command.kind, this_person(), why});
  store.back_up(directory / kBackupFile);  // a decision is found again where the database is lost

  const TaskRecord decided = find_task(store, task.task.key);
  if (line.has("json")) {
    std::cout << json_text(Json({{"id", task.short_id},
                                 {"key", task.task.key},
                                 {"formula", task.task.formula},
                                 {"standing", standing_json(decided)},
                                 {"judgements", judgements_json(decided)}}),
                           2)
              << "\n";
  } else {
    fmt::print("{}: {}; hull, fit and rounds follow when the campaign is run next\n", name, command.done);
  }
  return ExitCode::kDone;
}

}  // namespace hullscan::cli
