// Rounds, tasks, attempts and results of the campaign store.
#include <fmt/format.h>

#include <algorithm>  // std::find
#include <cmath>      // std::isfinite
#include <initializer_list>
#include <limits>
#include <utility>  // std::exchange

#include "core/errors.hpp"
#include "core/foreign_text.hpp"
#include "core/hash.hpp"
#include "core/overloaded.hpp"
#include "storage/campaign_store.hpp"
#include "storage/crash_point.hpp"
#include "storage/detail/blobs.hpp"
#include "storage/detail/campaign_store_impl.hpp"
#include "storage/detail/stored_names.hpp"

namespace hullscan {
namespace {

using sqlite::Database;
using sqlite::Query;
using sqlite::Transaction;
using namespace storage_detail;
using StoreImpl = storage_detail::CampaignStoreImpl;

constexpr const char* kInsertRound = "INSERT INTO round (number, policy) VALUES (?, ?) ON CONFLICT DO NOTHING";
constexpr const char* kFinishRound =
    "UPDATE round SET finished = 1, fit = ?, hull = ? WHERE number = ? AND finished = 0";
constexpr const char* kReviseRound = "UPDATE round SET fit = ?, hull = ? WHERE number = ? AND finished = 1";
constexpr const char* kHasRound = "SELECT 1 FROM round WHERE number = ?";
constexpr const char* kRounds = "SELECT number, policy, finished, fit, hull FROM round ORDER BY number";

constexpr const char* kInsertTask =
    "INSERT INTO task (key, round, space, supercell, composition, occupation, degeneracy, formula, predicted, "
    "structure, settings, state, revision) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
    "(SELECT max(number) FROM revision)) ON CONFLICT (key) DO NOTHING";
constexpr const char* kTaskState = "SELECT id, state, settings FROM task WHERE key = ?";
constexpr const char* kSetState = "UPDATE task SET state = ? WHERE id = ?";
// Column 13: whether an earlier task begins with the same 8 digits; later ones get longer ids.
#define HULLSCAN_TASK_COLUMNS                                                                                     \
  "SELECT id, key, round, space, supercell, composition, occupation, degeneracy, formula, predicted, structure, " \
  "settings, state, "                                                                                             \
  "EXISTS (SELECT 1 FROM task o WHERE o.key >= substr(t.key, 1, 8) AND o.key < substr(t.key, 1, 8) || '~' "       \
  "AND o.id < t.id), outside, revision FROM task t "
constexpr const char* kTaskOfKey = HULLSCAN_TASK_COLUMNS "WHERE key = ?";
constexpr const char* kAllTasks = HULLSCAN_TASK_COLUMNS "ORDER BY id";
constexpr const char* kTasksOfRound = HULLSCAN_TASK_COLUMNS "WHERE round = ? ORDER BY id";
constexpr const char* kTasksOfState = HULLSCAN_TASK_COLUMNS "WHERE state = ? ORDER BY id";
constexpr const char* kTasksOfStates =
    HULLSCAN_TASK_COLUMNS "WHERE state IN (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ORDER BY id";
#undef HULLSCAN_TASK_COLUMNS
constexpr std::size_t kMostStates = 8;
constexpr const char* kEarlierBeginsWith = "SELECT 1 FROM task WHERE key >= ?1 AND key < ?1 || '~' AND id < ?2 LIMIT 1";
constexpr const char* kHasTasks = "SELECT 1 FROM task WHERE round = ? LIMIT 1";
constexpr const char* kOpenRounds =
    "SELECT DISTINCT round FROM task WHERE state IN (1, 2, 3, 5, 8) AND outside = 0 ORDER BY round";
constexpr const char* kOutsideCount = "SELECT count(*) FROM task WHERE outside <> 0";
constexpr const char* kTaskCounts = "SELECT state, count(*) FROM task WHERE outside = 0 GROUP BY state";

constexpr const char* kInsertEvent =
    "INSERT INTO task_event (task, at_ms, kind, attempt, text, retry) VALUES (?, ?, ?, ?, ?, ?)";
constexpr const char* kLastEvent =
    "SELECT kind, attempt, text, retry FROM task_event WHERE task = ? ORDER BY id DESC LIMIT 1";
constexpr const char* kEvents =
    "SELECT e.kind, e.attempt, e.text, e.retry, e.at_ms FROM task_event e JOIN task t ON t.id = e.task "
    "WHERE t.key = ? ORDER BY e.id";

constexpr const char* kLatestEvent = "SELECT coalesce(max(id), 0) FROM task_event";
constexpr const char* kEndedAfter =
    "SELECT DISTINCT t.key FROM task_event e JOIN task t ON t.id = e.task WHERE e.id > ? AND t.state IN (4, 6, 7)";

constexpr const char* kInsertAttempt =
    "INSERT INTO attempt (task, number, directory, settings, handler, explanation, prepared_ms) "
    "VALUES (?, ?, ?, ?, ?, ?, ?)";
constexpr const char* kLatestAttempt = "SELECT coalesce(max(number), 0) FROM attempt WHERE task = ?";
constexpr const char* kStartAttempt = "UPDATE attempt SET started_ms = ?, job = ? WHERE task = ? AND number = ?";
constexpr const char* kNameJob = "UPDATE attempt SET job = ? WHERE task = ? AND number = ?";
constexpr const char* kDescribeAttempt = "UPDATE attempt SET particulars = ? WHERE task = ? AND number = ?";
constexpr const char* kEndAttempt =
    "UPDATE attempt SET ended_ms = ?, outcome = ? WHERE task = ? AND number = ? AND ended_ms IS NULL";
constexpr const char* kAttempts =
    "SELECT number, directory, settings, handler, explanation, job, prepared_ms, started_ms, ended_ms, outcome, "
    "particulars FROM attempt WHERE task = ? ORDER BY number";

constexpr const char* kHasResult = "SELECT 1 FROM result WHERE task = ?";
constexpr const char* kInsertResult =
    "INSERT INTO result (task, attempt, calculation, energy_ev, structure, forces, stress, magnetization, "
    "code_wall_s, wall_s, code_version, hull_keys, checksum) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
constexpr const char* kSetChecksum = "UPDATE result SET checksum = ? WHERE task = ? AND checksum = ''";
constexpr const char* kResult =
    "SELECT attempt, calculation, energy_ev, structure, forces, stress, magnetization, code_wall_s, wall_s, "
    "code_version, hull_keys, checksum FROM result WHERE task = ?";

constexpr const char* kInsertJudgement = "INSERT INTO judgement (task, at_ms, kind, who, why) VALUES (?, ?, ?, ?, ?)";
constexpr const char* kJudgements = "SELECT at_ms, kind, who, why FROM judgement WHERE task = ? ORDER BY id";
constexpr const char* kAllJudgements =
    "SELECT j.task, j.at_ms, j.kind, j.who, j.why FROM judgement j JOIN task t ON t.id = j.task WHERE t.outside = 0 "
    "ORDER BY j.task, j.id";

/// Over everything a row of `result` says, so that not a bit of it changes unseen.
/// @param hull_keys as they are stored: bytes that are not UTF-8 are replaced there.
std::string checksum_of(int attempt, const DftConverged& converged, const std::string& hull_keys, double wall_time_s) {
  Blob bytes = structure_blob(converged.structure);
  const auto append = [&](const Blob& more) { bytes.insert(bytes.end(), more.begin(), more.end()); };
  const auto append_numbers = [&](std::initializer_list<double> numbers) {
    append(doubles_blob(std::span(numbers.begin(), numbers.size())));
  };
  const auto optional_number = [&](const std::optional<double>& number) {
    append_numbers({number ? 1.0 : 0.0, number.value_or(0)});
  };
  append_numbers({static_cast<double>(attempt), converged.energy_ev, wall_time_s});
  if (converged.forces_ev_per_angstrom) append(vectors_blob(*converged.forces_ev_per_angstrom));
  append_numbers({converged.forces_ev_per_angstrom ? 1.0 : 0.0});
  if (converged.stress_kbar) append(matrix_blob(*converged.stress_kbar));
  append_numbers({converged.stress_kbar ? 1.0 : 0.0});
  optional_number(converged.magnetization_bohr);
  optional_number(converged.wall_time_s);
  for (const std::string* text : {&converged.calculation, &converged.code_version, &hull_keys}) {
    bytes.insert(bytes.end(), text->begin(), text->end());
    bytes.push_back(0);
  }
  return hash128_hex(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

JudgementKind judgement_kind_of(const Query& row, int column) {
  return static_cast<JudgementKind>(row.integer_from(column, 1, static_cast<int>(JudgementKind::kIncluded)));
}

/// Becomes the name of a folder below tasks/: nothing that leads elsewhere.
std::string key_of(const Query& row, int column) {
  const std::string key = row.text(column);
  if (!is_plain_name(key)) row.refuse(column, "a key of letters and digits", "\"" + readable_line(key, 40) + "\"");
  return key;
}

/// What a person can have lived through, and what every clock can count.
Instant instant_of(const Query& row, int column) {
  constexpr std::int64_t kYear2200 = 7'258'118'400'000;
  return Instant(std::chrono::milliseconds(row.integer_from(column, 0, kYear2200)));
}

/// What a value's own bytes say is wrong, with the place of its row.
template <class Read>
auto of_row(const Query& row, int column, const char* wanted, const Read& read) {
  try {
    return read();
  } catch (const StorageError& error) {
    row.refuse(column, wanted, error.what());
  }
}

Structure structure_in(const Query& row, int column) {
  return of_row(row, column, "a structure", [&] { return structure_of(row.blob(column)); });
}

/// Beyond so many different texts they are not kept: then each is of its own.
constexpr std::size_t kMostParsed = 256;

template <class Parsed>
Parsed parsed_once(std::unordered_map<std::string, Parsed>& known, std::string text,
                   Parsed (*parse)(const std::string&)) {
  const auto found = known.find(text);
  if (found != known.end()) return found->second;
  Parsed parsed = parse(text);
  if (known.size() >= kMostParsed) known.clear();
  return known.insert_or_assign(std::move(text), std::move(parsed)).first->second;
}

DftSettings settings_in(StoreImpl& store, const Query& row, int column) {
  return of_row(row, column, "settings", [&] { return parsed_once(store.settings, row.text(column), settings_of); });
}

/// A fact as a row. Kinds are stored: add at the end, never renumber.
struct FactRow {
  int kind = 0;
  int attempt = 0;  ///< 0: of no attempt
  std::string text;
  bool retry = false;
  friend bool operator==(const FactRow&, const FactRow&) = default;
};

FactRow row_of(const TaskFact& fact) {
  return std::visit(Overloaded{
                        [](const TaskPrepared& f) {
                          return FactRow{1, f.attempt, "", false};
                        },
                        [](const TaskStarted& f) {
                          return FactRow{2, f.attempt, f.job, false};
                        },
                        [](const TaskAccepted& f) {
                          return FactRow{3, f.attempt, "", false};
                        },
                        [](const TaskRefused& f) {
                          return FactRow{4, f.attempt, f.reason, f.retry};
                        },
                        [](const TaskLost& f) {
                          return FactRow{5, f.attempt, f.reason, false};
                        },
                        [](const TaskAbandoned& f) {
                          return FactRow{6, 0, f.reason, false};
                        },
                        [](const TaskRetryAsked& f) {
                          return FactRow{7, 0, f.reason, false};
                        },
                        [](const TaskStepDone& f) {
                          return FactRow{8, f.attempt, f.next, false};
                        },
                    },
                    fact);
}

TaskFact fact_of(const FactRow& row) {
  switch (row.kind) {
    case 1:
      return TaskPrepared{row.attempt};
    case 2:
      return TaskStarted{row.attempt, row.text};
    case 3:
      return TaskAccepted{row.attempt};
    case 4:
      return TaskRefused{row.attempt, row.text, row.retry};
    case 5:
      return TaskLost{row.attempt, row.text};
    case 6:
      return TaskAbandoned{row.text};
    case 7:
      return TaskRetryAsked{row.text};
    case 8:
      return TaskStepDone{row.attempt, row.text};
    default:
      throw StorageError(fmt::format("campaign.db: table task_event: an event of unknown kind {}", row.kind));
  }
}

int round_of(const Query& row, int column) {
  return static_cast<int>(row.integer_from(column, kImportedRound, std::numeric_limits<int>::max()));
}

std::int64_t milliseconds(Instant at) { return at.time_since_epoch().count(); }

TaskState state_of(const Query& row, int column) {
  return static_cast<TaskState>(row.integer_from(column, 1, static_cast<int>(TaskState::kContinuing)));
}

/// The row of a task, while a fact is being recorded.
struct OpenTask {
  std::int64_t id = 0;
  TaskState state = TaskState::kSelected;
  std::string settings;
};

OpenTask find_task(Database& database, const std::string& key) {
  Query row = database.query(kTaskState, key);
  if (!row.next()) throw InputError("no task " + key);
  return {row.integer(0), state_of(row, 1), row.text(2)};
}

int latest_attempt(Database& database, std::int64_t task) {
  Query row = database.query(kLatestAttempt, task);
  return row.next() ? row.number(0) : 0;
}

bool is_last_event(Database& database, std::int64_t task, const FactRow& fact) {
  Query row = database.query(kLastEvent, task);
  return row.next() && FactRow{row.number(0), row.number(1), row.text(2), row.integer(3) != 0} == fact;
}

/// Late writers are refused: only the latest attempt may speak, and a new one must be newer.
void check_fence(const std::string& key, const TaskFact& fact, int fact_attempt, int latest) {
  const bool fits = std::holds_alternative<TaskPrepared>(fact) ? fact_attempt > latest : fact_attempt == latest;
  if (fact_attempt != 0 && !fits) {
    throw StorageError(fmt::format("campaign.db: task {}: attempt {} cannot be {}: the latest attempt is {}", key,
                                   fact_attempt, name_of(fact), latest));
  }
}

/// A fact that cannot follow is not of this task as it is stored.
TaskState state_after(const std::string& key, TaskState state, const TaskFact& fact) {
  try {
    return next_state(state, fact);
  } catch (const Error& error) {
    throw StorageError(fmt::format("campaign.db: task {}: {}", key, error.what()));
  }
}

/// Keeps the counts up with a change; while it is under way, and for ever if it fails, they are not known.
class CountedChange {
 public:
  explicit CountedChange(StoreImpl& store) : store_(store), counts_(std::exchange(store.task_counts, std::nullopt)) {}
  /// To be called once the change is committed.
  void moved(std::optional<TaskState> from, TaskState to, int tasks = 1) {
    if (!counts_) return;
    if (from && ((*counts_)[*from] -= tasks) == 0) counts_->erase(*from);
    if (tasks != 0) (*counts_)[to] += tasks;
    store_.task_counts = std::move(counts_);
  }

 private:
  StoreImpl& store_;
  std::optional<std::map<TaskState, int>> counts_;
};

/// Appends the event and moves the state, inside a transaction. @returns the state after it.
TaskState append(Database& database, const std::string& key, const OpenTask& task, const TaskFact& fact, Instant at) {
  const FactRow row = row_of(fact);
  const int latest = latest_attempt(database, task.id);
  check_fence(key, fact, row.attempt, latest);
  const TaskState state = state_after(key, task.state, fact);
  database.change(kInsertEvent, task.id, milliseconds(at), row.kind, row.attempt, row.text, row.retry);
  HULLSCAN_CRASH_POINT("task.event-appended");
  database.change(kSetState, static_cast<int>(state), task.id);
  const auto end = [&](int attempt, const std::string& outcome) {
    database.change(kEndAttempt, milliseconds(at), outcome, task.id, attempt);
  };
  std::visit(
      Overloaded{
          [&](const TaskPrepared&) {},
          [&](const TaskStarted& f) { database.change(kStartAttempt, milliseconds(at), f.job, task.id, f.attempt); },
          [&](const TaskAccepted& f) { end(f.attempt, "accepted"); },
          [&](const TaskRefused& f) { end(f.attempt, f.reason); },
          [&](const TaskLost& f) { end(f.attempt, "lost: " + f.reason); },
          [&](const TaskAbandoned& f) { end(latest, "abandoned: " + f.reason); },
          [&](const TaskRetryAsked&) {},
          [&](const TaskStepDone& f) { end(f.attempt, kStepDoneOutcome + f.next); },
      },
      fact);
  return state;
}

std::vector<AttemptRecord> read_attempts(StoreImpl& store, std::int64_t task) {
  std::vector<AttemptRecord> attempts;
  Query row = store.database.query(kAttempts, task);
  while (row.next()) {
    AttemptRecord attempt;
    attempt.number = row.number(0);
    attempt.directory = row.text(1);
    attempt.settings = settings_in(store, row, 2);
    attempt.handler = row.text(3);
    attempt.explanation = row.words(4);
    attempt.job = row.text(5);
    attempt.prepared = instant_of(row, 6);
    if (!row.is_null(7)) attempt.started = instant_of(row, 7);
    if (!row.is_null(8)) attempt.ended = instant_of(row, 8);
    attempt.outcome = row.words(9);
    attempt.particulars = row.text(10);
    attempts.push_back(std::move(attempt));
  }
  return attempts;
}

std::optional<TaskResult> read_result(StoreImpl& store, std::int64_t task) {
  Query row = store.database.query(kResult, task);
  if (!row.next()) return std::nullopt;
  DftConverged converged{
      .calculation = row.text(1),
      .energy_ev = row.real(2),
      .structure = structure_in(row, 3),
      .forces_ev_per_angstrom = {},
      .stress_kbar = {},
      .magnetization_bohr = row.optional_real(6),
      .wall_time_s = row.optional_real(7),
      .code_version = row.text(9),
      .hull_keys =
          of_row(row, 10, "a table of texts", [&] { return parsed_once(store.text_maps, row.text(10), text_map_of); }),
  };
  if (!row.is_null(4)) {
    auto forces = of_row(row, 4, "a force for each atom", [&] { return vectors_of(row.blob(4)); });
    const std::size_t atoms = converged.structure.atom_count();
    if (forces.size() != atoms) row.refuse(4, fmt::format("forces of {} atoms", atoms), std::to_string(forces.size()));
    converged.forces_ev_per_angstrom = std::move(forces);
  }
  if (!row.is_null(5)) converged.stress_kbar = of_row(row, 5, "nine numbers", [&] { return matrix_of(row.blob(5)); });
  TaskResult result{row.number(0), std::move(converged), row.real(8), row.text(11)};
  result.as_accepted = result.checksum.empty() || result.checksum == checksum_of(result.attempt, result.converged,
                                                                                 row.text(10), result.wall_time_s);
  return result;
}

std::vector<Judgement> read_judgements(Database& database, std::int64_t task) {
  std::vector<Judgement> judgements;
  Query row = database.query(kJudgements, task);
  while (row.next()) judgements.push_back({instant_of(row, 0), judgement_kind_of(row, 1), row.words(2), row.words(3)});
  return judgements;
}

/// The first digits of the key, as few as tell it from every task before it.
std::string short_id(Database& database, const Query& row) {
  const std::string key = row.text(1);
  if (row.integer(13) == 0) return key.substr(0, 8);
  const std::string longer = key.substr(0, 16);
  return database.query(kEarlierBeginsWith, longer, row.integer(0)).next() ? key : longer;
}

TaskRecord read_task(StoreImpl& store, const Query& row) {
  const std::int64_t id = row.integer(0);
  return {NewTask{key_of(row, 1),
                  {row.index(3), row.index(4), row.index(5)},
                  row.blob(6),
                  row.unsigned_integer(7),
                  row.text(8),
                  row.optional_real(9),
                  structure_in(row, 10),
                  settings_in(store, row, 11)},
          round_of(row, 2),
          state_of(row, 12),
          read_attempts(store, id),
          read_result(store, id),
          read_judgements(store.database, id),
          short_id(store.database, row),
          static_cast<Outside>(row.integer_from(14, 0, static_cast<int>(Outside::kBoth))),
          row.number(15)};
}

/// @param statement sets one text of an attempt. @throws Error if there is no such task or attempt.
void change_attempt(Database& database, const char* statement, const std::string& key, int attempt,
                    const std::string& text) {
  Transaction transaction(database);
  const OpenTask task = find_task(database, key);
  if (database.change(statement, text, task.id, attempt) == 0) {
    throw StorageError(fmt::format("campaign.db: task {}: no attempt {}", key, attempt));
  }
  transaction.commit();
}

}  // namespace

void CampaignStore::begin_round(int number, const std::string& policy) {
  Transaction transaction(impl_->database);
  impl_->database.change(kInsertRound, number, policy);
  transaction.commit();
}

void CampaignStore::finish_round(int number, const std::string& fit, const std::string& hull) {
  Database& database = impl_->database;
  Transaction transaction(database);
  if (!database.query(kHasRound, number).next())
    throw StorageError(fmt::format("campaign.db: round {} was not begun", number));
  database.change(kFinishRound, fit, hull, number);
  transaction.commit();
}

void CampaignStore::revise_round(int number, const std::string& fit, const std::string& hull) {
  Transaction transaction(impl_->database);
  if (impl_->database.change(kReviseRound, fit, hull, number) == 0)
    throw StorageError(fmt::format("campaign.db: round {} is not finished", number));
  transaction.commit();
}

std::vector<Round> CampaignStore::rounds() const {
  std::vector<Round> rounds;
  Query row = impl_->database.query(kRounds);
  while (row.next()) {
    rounds.push_back({round_of(row, 0), row.text(1), row.integer(2) != 0, row.text(3), row.text(4)});
  }
  return rounds;
}

int CampaignStore::add_tasks(int round, std::span<const NewTask> tasks) {
  Database& database = impl_->database;
  Transaction transaction(database);
  if (!database.query(kHasRound, round).next())
    throw StorageError(fmt::format("campaign.db: round {} was not begun", round));
  CountedChange change(*impl_);
  int added = 0;
  for (const NewTask& task : tasks) {
    added += database.change(kInsertTask, task.key, round, task.stratum.space, task.stratum.supercell,
                             task.stratum.index_in_supercell, task.occupation, task.degeneracy, task.formula,
                             task.predicted_ev_per_atom, structure_blob(task.structure), settings_text(task.settings),
                             static_cast<int>(TaskState::kSelected));
    HULLSCAN_CRASH_POINT("add-tasks.middle");
  }
  transaction.commit();
  change.moved(std::nullopt, TaskState::kSelected, added);
  return added;
}

TaskState CampaignStore::record(const std::string& key, const TaskFact& fact, Instant at) {
  if (const auto* prepared = std::get_if<TaskPrepared>(&fact)) {
    const DftSettings settings = settings_of(find_task(impl_->database, key).settings);
    return begin_attempt(key, {prepared->attempt, fmt::format("tasks/{}/{}", key, prepared->attempt), settings, "", ""},
                         at);
  }
  if (std::holds_alternative<TaskAccepted>(fact)) throw Error("a task is accepted together with its result");
  Database& database = impl_->database;
  Transaction transaction(database);
  const OpenTask task = find_task(database, key);
  if (is_last_event(database, task.id, row_of(fact))) return task.state;
  CountedChange change(*impl_);
  const TaskState state = append(database, key, task, fact, at);
  transaction.commit();
  change.moved(task.state, state);
  return state;
}

TaskState CampaignStore::begin_attempt(const std::string& key, const NewAttempt& attempt, Instant at) {
  const TaskFact fact = TaskPrepared{attempt.number};
  Database& database = impl_->database;
  Transaction transaction(database);
  const OpenTask task = find_task(database, key);
  if (is_last_event(database, task.id, row_of(fact))) return task.state;
  CountedChange change(*impl_);
  const TaskState state = append(database, key, task, fact, at);
  database.change(kInsertAttempt, task.id, attempt.number, attempt.directory, settings_text(attempt.settings),
                  attempt.handler, attempt.explanation, milliseconds(at));
  transaction.commit();
  change.moved(task.state, state);
  return state;
}

void CampaignStore::name_job(const std::string& key, int attempt, const std::string& job) {
  change_attempt(impl_->database, kNameJob, key, attempt, job);
}

void CampaignStore::describe_attempt(const std::string& key, int attempt, const std::string& particulars) {
  change_attempt(impl_->database, kDescribeAttempt, key, attempt, particulars);
}

bool CampaignStore::accept(const std::string& key, int attempt, const DftConverged& converged, double wall_time_s,
                           Instant at) {
  if (!std::isfinite(converged.energy_ev)) throw Error(fmt::format("task {}: an energy that is not a number", key));
  Database& database = impl_->database;
  Transaction transaction(database);
  const OpenTask task = find_task(database, key);
  if (database.query(kHasResult, task.id).next()) return false;
  CountedChange change(*impl_);
  const TaskState state = append(database, key, task, TaskAccepted{attempt}, at);
  HULLSCAN_CRASH_POINT("task.accept.middle");
  std::optional<Blob> forces;
  std::optional<Blob> stress;
  if (converged.forces_ev_per_angstrom) forces = vectors_blob(*converged.forces_ev_per_angstrom);
  if (converged.stress_kbar) stress = matrix_blob(*converged.stress_kbar);
  const std::string hull_keys = text_map_text(converged.hull_keys);
  database.change(kInsertResult, task.id, attempt, converged.calculation, converged.energy_ev,
                  structure_blob(converged.structure), forces, stress, converged.magnetization_bohr,
                  converged.wall_time_s, wall_time_s, converged.code_version, hull_keys,
                  checksum_of(attempt, converged, hull_keys, wall_time_s));
  transaction.commit();
  change.moved(task.state, state);
  return true;
}

void CampaignStore::judge(const std::string& key, const Judgement& judgement) {
  Database& database = impl_->database;
  Transaction transaction(database);
  const OpenTask task = find_task(database, key);
  if (!database.query(kHasResult, task.id).next())
    throw StorageError(fmt::format("campaign.db: task {}: has no result to judge", key));
  const std::vector<Judgement> known = read_judgements(database, task.id);
  if (!known.empty() && known.back().kind == judgement.kind && known.back().who == judgement.who &&
      known.back().why == judgement.why)
    return;
  database.change(kInsertJudgement, task.id, milliseconds(judgement.at), static_cast<int>(judgement.kind),
                  judgement.who, judgement.why);
  HULLSCAN_CRASH_POINT("judge.middle");
  transaction.commit();
}

void CampaignStore::settle_checksum(const std::string& key) {
  Database& database = impl_->database;
  Transaction transaction(database);
  const OpenTask task = find_task(database, key);
  if (const auto result = read_result(*impl_, task.id))
    database.change(kSetChecksum,
                    checksum_of(result->attempt, result->converged, text_map_text(result->converged.hull_keys),
                                result->wall_time_s),
                    task.id);
  transaction.commit();
}

std::vector<TaskRecord> CampaignStore::tasks(const TaskFilter& filter) const {
  std::vector<TaskRecord> tasks;
  each_task(filter, [&](TaskRecord&& task) { tasks.push_back(std::move(task)); });
  return tasks;
}

void CampaignStore::each_task(const TaskFilter& filter, const std::function<void(TaskRecord&&)>& visit) const {
  const auto& wanted = filter.states;
  const auto visit_all = [&](Query&& row) {
    while (row.next()) {
      if (!filter.outside && row.integer(14) != 0) continue;
      const TaskState state = state_of(row, 12);
      if (wanted.empty() || std::find(wanted.begin(), wanted.end(), state) != wanted.end())
        visit(read_task(*impl_, row));
    }
  };
  Database& database = impl_->database;
  if (filter.round) return visit_all(database.query(kTasksOfRound, *filter.round));
  if (wanted.empty() || wanted.size() > kMostStates) return visit_all(database.query(kAllTasks));
  const auto nth = [&](std::size_t i) { return static_cast<int>(wanted[std::min(i, wanted.size() - 1)]); };
  if (wanted.size() == 1) return visit_all(database.query(kTasksOfState, nth(0)));
  visit_all(database.query(kTasksOfStates, nth(0), nth(1), nth(2), nth(3), nth(4), nth(5), nth(6), nth(7)));
}

bool CampaignStore::has_tasks(int round) const { return impl_->database.query(kHasTasks, round).next(); }

std::vector<int> CampaignStore::rounds_with_open_tasks() const {
  std::vector<int> rounds;
  Query row = impl_->database.query(kOpenRounds);
  while (row.next()) rounds.push_back(round_of(row, 0));
  return rounds;
}

std::pair<int, int> CampaignStore::set_aside_counts() const {
  std::pair<int, int> counts;
  std::vector<Judgement> judgements;
  const auto count = [&] {
    const Standing standing = standing_of(judgements);
    counts.first += standing == Standing::kSuspect ? 1 : 0;
    counts.second += standing == Standing::kExcluded ? 1 : 0;
    judgements.clear();
  };
  std::optional<std::int64_t> task;
  Query row = impl_->database.query(kAllJudgements);
  while (row.next()) {
    if (task != row.integer(0)) count();
    task = row.integer(0);
    judgements.push_back({instant_of(row, 1), judgement_kind_of(row, 2), row.words(3), row.words(4)});
  }
  count();
  return counts;
}

std::optional<TaskRecord> CampaignStore::task(const std::string& key) const {
  Query row = impl_->database.query(kTaskOfKey, key);
  if (!row.next()) return std::nullopt;
  return read_task(*impl_, row);
}

std::vector<TaskEvent> CampaignStore::events(const std::string& key) const {
  std::vector<TaskEvent> events;
  Query row = impl_->database.query(kEvents, key);
  while (row.next()) {
    const FactRow fact{row.number(0), row.number(1), row.words(2), row.integer(3) != 0};
    events.push_back({instant_of(row, 4), fact_of(fact)});
  }
  return events;
}

std::int64_t CampaignStore::last_event() const {
  Query row = impl_->database.query(kLatestEvent);
  return row.next() ? row.integer(0) : 0;
}

std::vector<std::string> CampaignStore::tasks_ended_after(std::int64_t event) const {
  std::vector<std::string> keys;
  Query row = impl_->database.query(kEndedAfter, event);
  while (row.next()) keys.push_back(key_of(row, 0));
  return keys;
}

std::size_t CampaignStore::outside_count() const {
  Query row = impl_->database.query(kOutsideCount);
  return row.next() ? static_cast<std::size_t>(row.integer(0)) : 0;
}

std::map<TaskState, int> CampaignStore::task_counts() const {
  if (impl_->task_counts) return *impl_->task_counts;
  std::map<TaskState, int> counts;
  Query row = impl_->database.query(kTaskCounts);
  while (row.next()) counts[state_of(row, 0)] = row.number(1);
  if (impl_->writes) impl_->task_counts = counts;
  return counts;
}

}  // namespace hullscan
