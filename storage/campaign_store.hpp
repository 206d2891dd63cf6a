/// @file
/// The campaign's memory: one SQLite file, campaign.db. Methods are in the words of the domain; each is one
/// transaction, and each may be called twice with the same arguments: the second call changes nothing. Only the master
/// opens it for writing (see campaign_lock.hpp); not shared between threads.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/protocol.hpp"
#include "storage/records.hpp"

namespace hullscan {

/// What a change of the campaign file does, in one transaction: all of it or nothing.
struct RevisionChange {
  CampaignIdentity campaign;  ///< as it is from now on
  Instant at;
  std::vector<std::string> changes;  ///< for people, a line each
  std::string inputs;                ///< folder in DIR/inputs
  /// Passes and rounds begin anew, with this number; a round under way is finished as it is. Not set: they go on.
  std::optional<int> first = {};
  bool survey_stays = false;  ///< with `first`: the spaces are the same, so the survey is that of the revision before
  std::vector<int> forgotten_passes = {};  ///< scored by a model that is no more: they are begun again
  std::vector<int> repeated_passes = {};   ///< their model stays, what it found is found again
  std::vector<std::pair<std::string, std::string>> facts = {};  ///< remembered with it; an empty text: forgotten
  std::vector<TaskPlacement> placements = {};                   ///< of the calculations that change their place
};

struct StoreOptions {
  /// Whether the directory is shared between machines; not set: ask the file system.
  std::optional<bool> network_file_system;
  /// Folder in DIR/inputs that holds the campaign file, where the database is begun for one (rebuild-ledger).
  std::string inputs = {};
};

class CampaignStore {
 public:
  /// Opens DIR/campaign.db, or begins it; DIR itself is made if its parent exists.
  /// On a local file system: write-ahead log; on a network one: TRUNCATE journal and exclusive locking. Both with
  /// synchronous = FULL, so what a method has stored survives a power cut. Which one is said in the log. On a file
  /// system without locks (fcntl answers ENOSYS or ENOLCK) as on a network one, without locks of SQLite's: the
  /// campaign's own lock must be held.
  /// @throws InputError if the directory holds another campaign. @throws StorageError if the disk does not let us;
  /// a database that could not be begun is not left behind.
  static CampaignStore create_or_open(const std::filesystem::path& directory, const CampaignIdentity& campaign,
                                      const StoreOptions& options = {});
  /// For reading, of whatever campaign it is; a master may be at work meanwhile (on a local file system, and on one
  /// without locks, where a copy is read that was taken between two changes).
  /// Methods that change anything throw StorageError. @throws StorageError if there is none.
  static CampaignStore open_read_only(const std::filesystem::path& directory);
  /// For changing what is there, of whatever campaign it is (`tasks --retry`): under the campaign's lock.
  static CampaignStore open_existing(const std::filesystem::path& directory, const StoreOptions& options = {});
  /// Without a file, for tests.
  static CampaignStore in_memory(const CampaignIdentity& campaign);

  CampaignStore(CampaignStore&&) noexcept;
  CampaignStore& operator=(CampaignStore&&) noexcept;
  ~CampaignStore();

  [[nodiscard]] CampaignIdentity identity() const;
  /// Versions of the campaign file, oldest first; never empty.
  [[nodiscard]] std::vector<Revision> revisions() const;
  [[nodiscard]] Revision revision() const;  ///< the present one
  /// Begins the next one. @returns its number.
  int revise(const RevisionChange& change);
  /// Any fact of the campaign as a whole. A later text replaces an earlier one.
  void remember(const std::string& key, const std::string& text);
  [[nodiscard]] std::optional<std::string> recall(const std::string& key) const;
  /// SQLite's own check, its references, and that every task's state is the fold of its events; empty: all is well.
  [[nodiscard]] std::vector<std::string> check_integrity() const;
  /// A whole copy at this moment under another name, durable; replaces an earlier one. @throws StorageError.
  void back_up(const std::filesystem::path& file) const;

  // Passes.
  /// @throws Error if this pass was begun with another model, or an earlier one is not finished.
  void begin_pass(int number, std::uint64_t model_hash, std::span<const std::byte> model);
  /// The latest one begun.
  [[nodiscard]] std::optional<Pass> current_pass() const;
  [[nodiscard]] std::optional<Pass> pass(int number) const;
  /// @throws Error while it has open units.
  void finish_pass(int number);
  [[nodiscard]] bool pass_complete(int number) const;  ///< finished; false if never begun

  // Work units. A unit is known by its id; a piece that begins where a known unit of the pass begins is that unit.
  /// @returns the units as stored, with ids, in the order given.
  std::vector<WorkUnit> add_units(int pass, std::span<const WorkUnit> units);
  /// Closes each unit, stores its candidates, shards and spectrum and adds its remainder: for all results or for none
  /// (group commit). A unit that was open again (forget_shard) adds nothing to the spectrum, where it is already. Of
  /// each stratum only the best `keep_best` candidates stay. A result for a closed unit changes nothing.
  /// @throws Error if a result does not fit its unit (other stratum, begin or model; done part and remainder do not
  /// make up the unit).
  std::vector<UnitFinished> finish_units(int pass, std::span<const UnitScored> results, std::uint32_t keep_best);
  UnitFinished finish_unit(int pass, const UnitScored& result, std::uint32_t keep_best);
  [[nodiscard]] std::vector<WorkUnit> open_units(int pass) const;  ///< by id
  /// In search order, stratum by stratum.
  [[nodiscard]] std::vector<FinishedUnit> finished_units(int pass, const std::optional<Stratum>& stratum = {}) const;
  /// The pass is walked again with another model: what was found in it is forgotten.
  void begin_pass_again(int number, std::uint64_t model_hash, std::span<const std::byte> model);
  /// Everything that was found in a pass: units, candidates, spectra and the shards' rows; the pass is not finished.
  void forget_units(int pass);
  [[nodiscard]] std::map<Stratum, UnitTotals> unit_totals(int pass) const;
  /// Best first in each stratum; strata in order; all of them without `stratum`.
  [[nodiscard]] std::vector<Candidate> candidates(int pass, const std::optional<Stratum>& stratum = {}) const;

  /// Spectra of all finished units of the pass together; strata without a model have none.
  [[nodiscard]] std::map<Stratum, EnergySpectrum> spectra(int pass) const;

  // Shards.
  [[nodiscard]] std::vector<ShardRecord> shards() const;  ///< by file name and place
  /// A shard is damaged or gone: its unit, with all its shards, is open again and its pass not finished.
  /// @returns the unit to be done again; nothing if the shard is not in the ledger.
  std::optional<WorkUnit> forget_shard(const ShardReceipt& shard);
  /// Archive files whose shards are all good, as they are now; what was remembered before is forgotten.
  void remember_archives(std::span<const ArchiveState> archives);
  [[nodiscard]] std::vector<ArchiveState> archives() const;  ///< by file name

  // Rounds.
  void begin_round(int number, const std::string& policy);
  /// @param fit, hull JSON texts.
  void finish_round(int number, const std::string& fit, const std::string& hull);
  /// The same of a round that is finished, because other results count than then.
  void revise_round(int number, const std::string& fit, const std::string& hull);
  [[nodiscard]] std::vector<Round> rounds() const;  ///< by number

  // Tasks.
  /// Tasks whose key is known are passed over, whatever round they are of. @returns how many were new.
  int add_tasks(int round, std::span<const NewTask> tasks);
  /// Appends the fact to the task's log and moves its state. The fact that was recorded last is not recorded again.
  /// TaskPrepared begins the attempt tasks/<key>/<n> with the task's settings; see begin_attempt.
  /// @returns the state now. @throws Error if the fact cannot follow, if it is of an attempt that is not the latest
  /// (late writers are refused), or TaskAccepted (see accept). @throws InputError if there is no such task.
  TaskState record(const std::string& key, const TaskFact& fact, Instant at);
  /// TaskPrepared, with the particulars of the attempt.
  TaskState begin_attempt(const std::string& key, const NewAttempt& attempt, Instant at);
  /// Corrects which process or job an attempt is, e.g. the job id once the batch system has given one.
  void name_job(const std::string& key, int attempt, const std::string& job);
  /// What else is to be known of an attempt, as JSON (docs/formats/campaign-db.md); a later text replaces an earlier
  /// one.
  void describe_attempt(const std::string& key, int attempt, const std::string& particulars);
  /// Stores the result and TaskAccepted. @returns false, and changes nothing, if the task has a result.
  bool accept(const std::string& key, int attempt, const DftConverged& converged, double wall_time_s, Instant at);
  /// Results from elsewhere become converged tasks of kImportedRound, each with one attempt. A key that is known is
  /// passed over. @returns how many were new.
  int add_results(const Import& import);
  /// Appends what is said of a task's result. What was said last is not said again. @throws InputError if there is no
  /// such task, Error if it has no result.
  void judge(const std::string& key, const Judgement& judgement);
  /// Gives a result that has none (of an older hullscan) the checksum of what is stored of it now.
  void settle_checksum(const std::string& key);
  [[nodiscard]] std::vector<TaskRecord> tasks(const TaskFilter& filter = {}) const;  ///< in the order they were added
  /// The same one at a time: a hundred thousand do not fit into memory at once. The store may be asked meanwhile, not
  /// changed.
  void each_task(const TaskFilter& filter, const std::function<void(TaskRecord&&)>& visit) const;
  [[nodiscard]] bool has_tasks(int round) const;
  [[nodiscard]] std::vector<int> rounds_with_open_tasks() const;  ///< ascending
  /// Results that do not count: how many are suspect, and how many excluded.
  [[nodiscard]] std::pair<int, int> set_aside_counts() const;
  [[nodiscard]] std::optional<TaskRecord> task(const std::string& key) const;
  [[nodiscard]] std::vector<TaskEvent> events(const std::string& key) const;  ///< oldest first
  [[nodiscard]] std::int64_t last_event() const;                              ///< its number, rising with each; 0: none
  /// Keys of final tasks to which something has happened after the event of this number.
  [[nodiscard]] std::vector<std::string> tasks_ended_after(std::int64_t event) const;
  [[nodiscard]] std::map<TaskState, int> task_counts() const;  ///< no zero entries; without those outside
  /// Tasks that take no part in the campaign as its file is now.
  [[nodiscard]] std::size_t outside_count() const;

 private:
  struct Impl;
  explicit CampaignStore(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace hullscan
