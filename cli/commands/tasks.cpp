/// @file
/// `hullscan tasks`: the DFT calculations of a campaign and what happened to them.

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <fstream>
#include <iostream>

#include "campaign/import/import_files.hpp"
#include "campaign/judgements.hpp"
#include "campaign/task_by_id.hpp"
#include "campaign/task_files.hpp"
#include "campaign/task_requests.hpp"
#include "cli/command.hpp"
#include "cli/command_line.hpp"
#include "cli/terminal.hpp"
#include "core/json.hpp"
#include "core/json_text.hpp"
#include "core/log.hpp"
#include "core/overloaded.hpp"
#include "core/text_table.hpp"
#include "dft_adapters/dft_code.hpp"
#include "scheduler/decisions/energy_remarks.hpp"
#include "scheduler/decisions/results.hpp"
#include "scheduler/decisions/task_steps.hpp"
#include "storage/campaign_store.hpp"

namespace hullscan::cli {
namespace {

std::string why_outside(const TaskRecord& task) {
  switch (task.outside) {
    case Outside::kOtherSpaces:
      return "outside: not in the spaces";
    case Outside::kOtherSettings:
      return "outside: other settings";
    case Outside::kBoth:
      return "outside: other settings, not in the spaces";
    case Outside::kNo:
      break;
  }
  return "";
}

std::string last_word(const TaskRecord& task) {
  if (task.result) {
    const char* aside = task.standing() == Standing::kSuspect    ? " (suspect)"
                        : task.standing() == Standing::kExcluded ? " (excluded)"
                                                                 : "";
    return fmt::format("{:.6f} eV{}", task.result->converged.energy_ev, aside);
  }
  return task.attempts.empty() ? "" : task.attempts.back().outcome;
}

Json task_json(const TaskRecord& task) {
  Json attempts = Json::array();
  for (const AttemptRecord& attempt : task.attempts) {
    attempts.push_back({{"number", attempt.number},
                        {"directory", attempt.directory},
                        {"job", attempt.job},
                        {"step", step_name(attempt.settings)},
                        {"correction", attempt.handler},
                        {"outcome", attempt.outcome}});
  }
  const auto pulay = pulay_correction_ev_per_atom(task);
  return {{"id", task.short_id},
          {"key", task.task.key},
          {"round", task.round},
          {"formula", task.task.formula},
          {"degeneracy", task.task.degeneracy},
          {"state", std::string(name_of(task.state))},
          {"predicted_formation_energy_per_atom",
           task.task.predicted_ev_per_atom ? Json(*task.task.predicted_ev_per_atom) : Json(nullptr)},
          {"energy_ev", task.result ? Json(task.result->converged.energy_ev) : Json(nullptr)},
          {"pulay_correction_mev_per_atom", pulay ? Json(1e3 * *pulay) : Json(nullptr)},
          {"standing", standing_json(task)},
          {"revision", task.revision},
          {"outside", task.outside == Outside::kNo ? Json() : Json(why_outside(task))},
          {"judgements", judgements_json(task)},
          {"wall_s", task.result ? Json(task.result->wall_time_s) : Json(nullptr)},
          {"attempts", std::move(attempts)}};
}

std::string fact_text(const TaskFact& fact) {
  return std::visit(
      Overloaded{
          [](const TaskPrepared& f) { return fmt::format("attempt {}: inputs written", f.attempt); },
          [](const TaskStarted& f) { return fmt::format("attempt {}: started as {}", f.attempt, f.job); },
          [](const TaskAccepted& f) { return fmt::format("attempt {}: accepted", f.attempt); },
          [](const TaskRefused& f) { return fmt::format("attempt {}: refused: {}", f.attempt, f.reason); },
          [](const TaskLost& f) { return fmt::format("attempt {}: lost: {}", f.attempt, f.reason); },
          [](const TaskAbandoned& f) { return "abandoned: " + f.reason; },
          [](const TaskRetryAsked& f) { return "another try asked: " + f.reason; },
          [](const TaskStepDone& f) { return fmt::format("attempt {}: done; next: {}", f.attempt, f.next); },
      },
      fact);
}

std::string round_text(const TaskRecord& task) {
  return task.round == kImportedRound ? "imported" : fmt::format("round {}", task.round);
}

std::vector<std::string> remarks_of(const TaskRecord& task) {
  if (task.round == kImportedRound) return import_remarks(task);
  const DftCode* code = find_dft_code(task.task.settings.code);
  return code != nullptr ? energy_remarks(*code, task) : std::vector<std::string>{};
}

/// The last words of an attempt that failed; nothing where they cannot be read: the table goes on.
std::vector<std::string> words_of(const std::filesystem::path& directory, const AttemptRecord& attempt) {
  try {
    return has_failed(attempt) ? last_words(directory, attempt) : std::vector<std::string>{};
  } catch (const StorageError& error) {
    return {error.what()};
  }
}

/// Who computed this energy: everything that is known of a task, its attempts and where its result comes from.
Json provenance_json(const CampaignStore& store, const TaskRecord& task, const std::filesystem::path& directory) {
  const auto moment = [](const std::optional<Instant>& at) {
    if (!at) return Json(nullptr);
    const auto seconds = std::chrono::time_point_cast<std::chrono::seconds>(*at);
    return Json(fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(seconds))));
  };
  Json json = task_json(task);
  json["settings"] = task.task.settings.values;
  json["code"] = task.task.settings.code;
  Json attempts = Json::array();
  for (const AttemptRecord& attempt : task.attempts) {
    Json one = Json::parse(attempt.particulars);
    one.update({{"number", attempt.number},
                {"directory", attempt.directory},
                {"job", attempt.job},
                {"settings", attempt.settings.values},
                {"correction", attempt.handler},
                {"explanation", attempt.explanation},
                {"prepared", moment(attempt.prepared)},
                {"started", moment(attempt.started)},
                {"ended", moment(attempt.ended)},
                {"outcome", attempt.outcome},
                {"stderr", words_of(directory, attempt)}});
    attempts.push_back(std::move(one));
  }
  json["attempts"] = std::move(attempts);
  Json events = Json::array();
  for (const TaskEvent& event : store.events(task.task.key))
    events.push_back({{"at", moment(event.at)}, {"what", fact_text(event.fact)}});
  json["events"] = std::move(events);
  json["result"] = nullptr;
  if (task.result) {
    json["result"] = {{"attempt", task.result->attempt},
                      {"energy_ev", task.result->converged.energy_ev},
                      {"calculation", task.result->converged.calculation},
                      {"code_version", task.result->converged.code_version},
                      {"hull_keys", task.result->converged.hull_keys},
                      {"wall_s", task.result->wall_time_s}};
    Json steps = Json::array();  // whose last is the result
    for (const DoneStep& step : done_steps(task)) {
      steps.push_back({{"attempt", step.attempt},
                       {"name", step.name},
                       {"energy_ev", step.energy_ev},
                       {"wall_s", step.wall_time_s}});
    }
    json["result"]["steps_before"] = std::move(steps);
    json["result"]["energy_remarks"] = remarks_of(task);
  }
  return json;
}

void print_packed(const std::filesystem::path& directory, const AttemptRecord& attempt) {
  std::vector<std::string> names;
  try {
    names = packed_names(directory, attempt);
  } catch (const StorageError& error) {
    fmt::print("             {}\n", error.what());
  }
  if (!names.empty())
    fmt::print("             in {}: {}\n", archive_of(directory, attempt).string(), fmt::join(names, ", "));
}

ExitCode print_file(const TaskRecord& task, const std::filesystem::path& directory, const std::string& name) {
  const auto text = file_named(task, directory, name);
  if (!text)
    throw InputError(
        fmt::format("{}: no attempt of {} has a file {}; `hullscan tasks {} --log {}` lists what is packed",
                    directory.string(), task.short_id, name, directory.string(), task.short_id));
  std::cout << *text;
  return ExitCode::kDone;
}

/// stderr of each failed task's last attempt.
void print_last_words(const std::vector<TaskRecord>& tasks, const std::filesystem::path& directory) {
  for (const TaskRecord& task : tasks) {
    if (task.state != TaskState::kFailed || task.attempts.empty()) continue;
    const AttemptRecord& last = task.attempts.back();
    const std::vector<std::string> words = words_of(directory, last);
    if (words.empty()) continue;
    fmt::print("\n{} {}, attempt {}, the end of stderr.txt:\n", task.short_id, task.task.formula, last.number);
    for (const std::string& line : words) fmt::print("    {}\n", line);
  }
}

void print_history(const CampaignStore& store, const TaskRecord& task, const std::filesystem::path& directory) {
  fmt::print("{} {} ({}, degeneracy {}): {}\n", task.task.key, task.task.formula, round_text(task),
             task.task.degeneracy, name_of(task.state));
  for (const TaskEvent& event : store.events(task.task.key)) {
    const auto seconds = std::chrono::time_point_cast<std::chrono::seconds>(event.at);
    fmt::print("  {:%Y-%m-%d %H:%M:%S}  {}\n", fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)),
               fact_text(event.fact));
  }
  for (const AttemptRecord& attempt : task.attempts) {
    fmt::print("  attempt {}: {}{}\n", attempt.number, (directory / attempt.directory).string(),
               attempt.handler.empty() ? "" : fmt::format("  ({}: {})", attempt.handler, attempt.explanation));
    for (const std::string& line : words_of(directory, attempt)) fmt::print("             stderr: {}\n", line);
    print_packed(directory, attempt);
    const Json particulars = Json::parse(attempt.particulars);
    if (const std::string machine = particulars.value("machine", ""); !machine.empty())
      fmt::print("             on {}, {} core{}\n", machine, particulars.value("cores", 1),
                 particulars.value("cores", 1) == 1 ? "" : "s");
    const Json inputs = particulars.value("inputs", Json::object());  // what is looped over must outlive the loop
    for (const auto& [file, hash] : inputs.items()) fmt::print("             {} {}\n", hash.get<std::string>(), file);
  }
  for (const DoneStep& step : done_steps(task))
    fmt::print("  {}: {:.8f} eV, attempt {}\n", step.name, step.energy_ev, step.attempt);
  if (const auto pulay = pulay_correction_ev_per_atom(task))
    fmt::print("  Pulay correction: {:+.3f} meV/atom\n", 1e3 * *pulay);
  for (const std::string& remark : remarks_of(task)) fmt::print("  remark: {}\n", remark);
  if (task.result) {
    fmt::print("  result: {:.8f} eV ({}, {}), attempt {}\n", task.result->converged.energy_ev,
               task.result->converged.calculation, task.result->converged.code_version, task.result->attempt);
  }
  for (const Judgement& judgement : task.judgements) {
    fmt::print("  {}  {} by {}{}\n", moment_text(judgement.at), name_of(judgement.kind), judgement.who,
               judgement.why.empty() ? "" : ": " + judgement.why);
  }
}

/// Results that do not count, and those that are not labels because they left their lattice.
void print_set_aside(const std::vector<TaskRecord>& tasks, const std::filesystem::path& directory, bool json) {
  std::vector<const TaskRecord*> aside, off_lattice;
  for (const TaskRecord& task : tasks) {
    if (!task.result) continue;
    if (!task.counts())
      aside.push_back(&task);
    else if (!on_its_lattice(task))
      off_lattice.push_back(&task);
  }
  if (json) {
    Json list = Json::array(), left = Json::array();
    for (const TaskRecord* task : aside) list.push_back(task_json(*task));
    for (const TaskRecord* task : off_lattice) left.push_back(task_json(*task));
    std::cout << json_text(Json({{"tasks", std::move(list)}, {"off_lattice", std::move(left)}}), 2) << "\n";
    return;
  }
  if (aside.empty()) fmt::print("every result counts\n");
  for (const TaskRecord* task : aside) {
    const Judgement& last = task->judgements.back();
    print_words(fmt::format(
        "{} {}: {:.6f} eV, {} by {} at {}: {}", task->short_id, task->task.formula, task->result->converged.energy_ev,
        task->standing() == Standing::kExcluded ? "excluded" : "suspect", last.who, moment_text(last.at), last.why));
  }
  if (!aside.empty())
    print_words(fmt::format(
        "hullscan accept {0} ID lets one count, exclude {0} ID --because WORDS takes one out, include takes back",
        directory.string()));
  for (const TaskRecord* task : off_lattice)
    fmt::print(
        "{} {}: has left its lattice and is on the hull as what it became; models learn from it only where that is "
        "another "
        "configuration; hullscan why says what it is\n",
        task->short_id, task->task.formula);
}

ExitCode retry(const std::filesystem::path& directory, const std::string& id) {
  const TaskRecord task = retry_task(directory, id);
  fmt::print("{} {}: will be tried again by the next hullscan run\n", task.short_id, task.task.formula);
  return ExitCode::kDone;
}

ExitCode abandon(const std::filesystem::path& directory, const std::string& id) {
  const AbandonedTask abandoned = abandon_task(directory, id);
  fmt::print("{} {}: given up\n", abandoned.task.short_id, abandoned.task.task.formula);
  for (const std::string& how : abandoned.how_to_cancel) fmt::print("{}\n", how);
  return ExitCode::kDone;
}

}  // namespace

ExitCode run_tasks(const Arguments& arguments) {
  CommandLine line(
      "tasks DIR [--failed | --suspect | --outside] [--log ID | --show ID] [--retry ID | --abandon ID] [--json]",
      "The DFT calculations of a campaign and what happened to them.");
  line.flag("failed", "only those that failed for good, with the end of what each wrote to stderr");
  line.flag("suspect", "only results that do not count, and why");
  line.flag("outside", "also those that take no part in the campaign as its file is now, and why");
  line.option("log", "ID", "the history of one task; ID: the first digits of its key");
  line.option("file", "NAME", "with --log: print this file of the task, packed or not, and nothing else");
  line.option("show", "ID", "where an energy comes from: inputs and their hashes, code, machine, times, corrections");
  line.option("abandon", "ID", "give up a task: no further attempt is made, and the campaign ends without it");
  line.option("retry", "ID", "let a failed task be tried again when the campaign is run next");
  line.flag("json", "one JSON object");
  line.positionals("DIR, a campaign directory", 1, 1);
  if (!line.parse(arguments)) return ExitCode::kDone;

  const std::filesystem::path directory = line.positional()[0];
  if (const auto id = line.value("retry")) return retry(directory, *id);
  if (const auto id = line.value("abandon")) return abandon(directory, *id);

  const CampaignStore store = CampaignStore::open_read_only(directory);
  const auto shown = line.value("show");
  if (const auto id = shown ? shown : line.value("log")) {
    const TaskRecord task = find_task(store, *id);
    if (const auto file = line.value("file")) return print_file(task, directory, *file);
    if (line.has("json")) {
      std::cout << json_text(provenance_json(store, task, directory), 2) << "\n";
    } else {
      print_history(store, task, directory);
    }
    return ExitCode::kDone;
  }
  if (line.has("suspect")) {
    print_set_aside(store.tasks(), directory, line.has("json"));
    return ExitCode::kDone;
  }
  TaskFilter filter;
  if (line.has("failed")) filter.states = {TaskState::kFailed};
  filter.outside = line.has("outside");
  const std::vector<TaskRecord> tasks = store.tasks(filter);
  if (line.has("json")) {
    Json list = Json::array();
    for (const TaskRecord& task : tasks) {
      list.push_back(task_json(task));
      if (line.has("failed") && !task.attempts.empty())
        list.back()["stderr"] = words_of(directory, task.attempts.back());
    }
    std::cout << json_text(Json({{"tasks", std::move(list)}}), 2) << "\n";
    return ExitCode::kDone;
  }
  const bool any_pulay = std::any_of(tasks.begin(), tasks.end(), [](const TaskRecord& task) {
    return pulay_correction_ev_per_atom(task).has_value();
  });
  std::vector<std::string> heads = {"id", "round", "formula", "state", "attempts", "time"};
  std::vector<char> sides = {'l', 'r', 'l', 'l', 'r', 'r'};
  if (any_pulay) {
    heads.emplace_back("Pulay meV/atom");
    sides.push_back('r');
  }
  heads.emplace_back("result");
  sides.push_back('l');
  TextTable table(heads, sides);
  for (const TaskRecord& task : tasks) {
    std::vector<std::string> row = {task.short_id,
                                    task.round == kImportedRound ? "imported" : std::to_string(task.round),
                                    task.task.formula,
                                    std::string(name_of(task.state)),
                                    std::to_string(task.attempts.size()),
                                    task.result ? duration_text(task.result->wall_time_s) : ""};
    const auto pulay = pulay_correction_ev_per_atom(task);
    if (any_pulay) row.push_back(pulay ? fmt::format("{:+.2f}", 1e3 * *pulay) : "");
    row.push_back(task.outside == Outside::kNo ? last_word(task) : why_outside(task) + "; " + last_word(task));
    table.row(row);
  }
  fmt::print("{}", tasks.empty() ? "no tasks\n" : table.str(output_columns()));
  if (line.has("failed")) print_last_words(tasks, directory);
  if (const std::size_t outside = filter.outside ? 0 : store.outside_count(); outside > 0)
    fmt::print("and {} that take{} no part in the campaign as its file is now: --outside\n", outside,
               outside == 1 ? "s" : "");
  return ExitCode::kDone;
}

}  // namespace hullscan::cli
