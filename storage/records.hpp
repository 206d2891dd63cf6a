/// @file
/// What the campaign store gives back and takes, where core has no word for it.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/big_integer.hpp"
#include "core/dft.hpp"
#include "core/structure.hpp"
#include "core/task.hpp"
#include "core/work_unit.hpp"

namespace hullscan {

/// A moment of civil time, to the millisecond; given by the caller.
using Instant = std::chrono::sys_time<std::chrono::milliseconds>;

/// What makes a campaign this campaign and no other.
struct CampaignIdentity {
  std::string name;
  std::string identity;          ///< hash of what in the campaign file matters; decides
  std::string text;              ///< the campaign file as read
  std::string resolved;          ///< with every default filled in
  std::string hullscan_version;  ///< that began it
  friend bool operator==(const CampaignIdentity&, const CampaignIdentity&) = default;
};

/// One version of the campaign file that the directory ran.
struct Revision {
  int number = 1;
  std::optional<Instant> at = {};  ///< none: an older hullscan began it
  std::string identity, text;
  std::vector<std::string> changes = {};  ///< against the one before, a line each
  int first = 0;                          ///< its passes and rounds are numbered from here
  std::string inputs = {};                ///< folder in DIR/inputs that holds its files; "": DIR/inputs itself
  std::string hullscan_version = {};
};

/// Why a calculation takes no part in the campaign as its file is now.
enum class Outside : int { kNo = 0, kOtherSpaces = 1, kOtherSettings = 2, kBoth = 3 };

/// Where a calculation lies in the spaces of a new revision.
struct TaskPlacement {
  std::string key;
  Outside outside = Outside::kNo;
  Stratum stratum;  ///< this and what follows: as they were where the calculation is outside the spaces
  std::vector<std::uint8_t> occupation;
  std::uint64_t degeneracy = 0;
};

/// One walk over the space with one model.
struct Pass {
  int number = 0;
  std::uint64_t model_hash = 0;
  std::vector<std::byte> model;  ///< serialised; empty: scored by hash
  bool finished = false;
};

struct UnitFinished {
  bool counted = false;         ///< false: this unit was finished before, nothing was changed
  std::vector<WorkUnit> added;  ///< the remainder, with ids; empty if not counted
};

/// A unit that was done, what was found in it, and its shard if it has one.
struct FinishedUnit {
  WorkUnit unit;
  std::uint64_t orbits = 0;
  std::uint64_t labelled = 0;
  double seconds = 0;
  std::optional<ShardReceipt> shard;
};

/// Sums over the finished units of one stratum, and how many units there are.
struct UnitTotals {
  std::uint64_t done = 0;
  std::uint64_t total = 0;
  BigInteger orbits = 0;
  BigInteger labelled = 0;
  double seconds = 0;
};

struct ShardRecord {
  ShardReceipt receipt;
  int pass = 0;
  WorkUnit unit;
};

/// An archive file as it was when its shards were last known to be good.
struct ArchiveState {
  std::string file_name;  ///< relative to the campaign directory
  std::uint64_t bytes = 0;
  std::int64_t changed_ns = 0;  ///< since 1970, by the file system's clock
  friend bool operator==(const ArchiveState&, const ArchiveState&) = default;
};

/// A calculation to be made. `key` = hash(structure, settings, code): the same work twice is one task.
struct NewTask {
  std::string key;
  Stratum stratum;
  std::vector<std::uint8_t> occupation;
  std::uint64_t degeneracy = 0;
  std::string formula;
  std::optional<double> predicted_ev_per_atom;  ///< formation energy, when it was selected
  Structure structure;
  DftSettings settings;
};

struct NewAttempt {
  int number = 1;
  std::string directory;  ///< relative to the campaign directory
  DftSettings settings;
  std::string handler;  ///< of the correction that led here; "" for none
  std::string explanation;
};

struct AttemptRecord {
  int number = 1;
  std::string directory;
  DftSettings settings;
  std::string handler, explanation;
  std::string job;  ///< process or job; "" if not started
  Instant prepared;
  std::optional<Instant> started, ended;
  std::string outcome;             ///< "accepted", or why not; "" while open
  std::string particulars = "{}";  ///< JSON: command, hashes of the inputs, cores, machine, version of hullscan
};

struct TaskResult {
  int attempt = 1;
  DftConverged converged;
  double wall_time_s = 0;     ///< of the accepted attempts of all steps, by our clock
  std::string checksum = {};  ///< of what was accepted; "" if an older hullscan did
  bool as_accepted = true;    ///< whether what is stored still has that checksum
};

/// What was said of a result. Numbers are stored and never reused.
enum class JudgementKind : int {
  kSuspected = 1,  ///< by hullscan: set aside, until later evidence or a person says otherwise
  kReleased = 2,   ///< by hullscan: later evidence supports it
  kAccepted = 3,   ///< by a person: it counts, whatever hullscan thinks
  kExcluded = 4,   ///< by a person: it does not count
  kIncluded = 5    ///< by a person: takes their decision back; hullscan judges again
};

struct Judgement {
  Instant at;
  JudgementKind kind = JudgementKind::kSuspected;
  std::string who;  ///< "hullscan", or user@host
  std::string why;
};

/// Whether a result takes part in fits, hulls and start volumes: the fold of its judgements.
enum class Standing { kCounts, kSuspect, kExcluded };

std::string_view name_of(JudgementKind kind);  ///< "suspected", "released", …
Standing standing_of(const std::vector<Judgement>& judgements);
/// Whether the last word is a person's: hullscan does not change it.
bool is_decided(const std::vector<Judgement>& judgements);

struct TaskRecord {
  NewTask task;
  int round = 0;
  TaskState state = TaskState::kSelected;
  std::vector<AttemptRecord> attempts;     ///< oldest first
  std::optional<TaskResult> result;        ///< exactly of converged tasks
  std::vector<Judgement> judgements = {};  ///< oldest first
  /// Digits of the key that people see and type: 8, or more where an earlier task of the campaign begins with the same.
  /// No two tasks have the same, and a task keeps its own.
  std::string short_id = {};
  Outside outside = Outside::kNo;
  int revision = 1;  ///< of the campaign file that chose it

  [[nodiscard]] Standing standing() const { return standing_of(judgements); }
  /// Its result is there and takes part.
  [[nodiscard]] bool counts() const { return result.has_value() && standing() == Standing::kCounts; }
};

struct TaskEvent {
  Instant at;
  TaskFact fact;
};

/// A result that another program or campaign has computed, to be stored as if it were our own.
struct ImportedResult {
  NewTask task;           ///< its settings are the campaign's
  std::string directory;  ///< relative to the campaign directory: a copy of what was read
  std::string particulars = "{}";
  DftConverged converged;
};

/// What one import brings, in one transaction: all of it or nothing.
struct Import {
  Instant at;
  std::vector<ImportedResult> results = {};
  /// Tasks that wait to be calculated and are answered by a result: given up for this reason.
  std::vector<std::pair<std::string, std::string>> answered = {};  ///< key, reason
  std::vector<std::pair<std::string, std::string>> facts = {};     ///< remembered with it; an empty text: forgotten
};

/// Members that are not set do not restrict.
struct TaskFilter {
  std::optional<int> round;
  std::vector<TaskState> states;  ///< empty: all
  bool outside = false;           ///< also those that take no part in the campaign as its file is now
};

/// The round of results that came from elsewhere: known before any round of the campaign.
inline constexpr int kImportedRound = -1;

struct Round {
  int number = 0;      ///< from 0; or kImportedRound
  std::string policy;  ///< description
  bool finished = false;
  std::string fit;   ///< JSON text; "" until finished
  std::string hull;  ///< JSON text; "" until finished
};

}  // namespace hullscan
