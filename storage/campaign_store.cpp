#include "storage/campaign_store.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <sstream>
#include <system_error>
#include <utility>

#include "core/errors.hpp"
#include "core/foreign_text.hpp"
#include "core/log.hpp"
#include "storage/campaign_backup.hpp"
#include "storage/crash_point.hpp"
#include "storage/detail/campaign_store_impl.hpp"
#include "storage/detail/fact_rows.hpp"
#include "storage/detail/record_locks.hpp"
#include "storage/detail/schema.hpp"
#include "storage/detail/shard_layout.hpp"
#include "storage/detail/stored_names.hpp"
#include "storage/durable_file.hpp"
#include "storage/file_system.hpp"
#include "storage/instant_now.hpp"
#include "storage/plain_files.hpp"
#include "storage/stored_identity.hpp"

namespace hullscan {
namespace {

using sqlite::Access;
using sqlite::Database;
using sqlite::Query;
using sqlite::Transaction;

constexpr const char* kDatabaseName = "campaign.db";
constexpr int kFirstWithRevisions = 5;  ///< format
constexpr std::array<const char*, 4> kSuffixes = {"", "-wal", "-shm", "-journal"};

constexpr const char* kInsertCampaign =
    "INSERT INTO campaign (id, name, identity, text, resolved, hullscan) VALUES (1, ?, ?, ?, ?, ?)";
constexpr const char* kInsertRevision =
    "INSERT INTO revision (number, at_ms, identity, text, changes, first, inputs, hullscan) "
    "VALUES (1, ?, ?, ?, '[]', 0, ?, ?)";
constexpr const char* kInputsFolder = "SELECT inputs FROM revision ORDER BY number DESC LIMIT 1";
constexpr const char* kSelectCampaign = "SELECT name, identity, text, resolved, hullscan FROM campaign WHERE id = 1";
constexpr const char* kRecall = "SELECT text FROM fact WHERE key = ?";
constexpr const char* kTaskStates = "SELECT key, state FROM task ORDER BY id";

std::optional<CampaignIdentity> stored_campaign(Database& database) {
  Query row = database.query(kSelectCampaign);
  if (!row.next()) return std::nullopt;
  return CampaignIdentity{row.text(0), row.text(1), row.text(2), row.text(3), row.text(4)};
}

/// ` (line 3 was "seed = 7" and is "seed = 8")`
std::string first_difference(const std::string& before, const std::string& now) {
  std::istringstream old_lines(before);
  std::istringstream new_lines(now);
  std::string old_line;
  std::string new_line;
  for (int line = 1;; ++line) {
    const bool has_old = static_cast<bool>(std::getline(old_lines, old_line));
    const bool has_new = static_cast<bool>(std::getline(new_lines, new_line));
    if (!has_old && !has_new) return " (its text is the same, but a file that it names has changed)";
    if (!has_old) return fmt::format(" (line {} is new: \"{}\")", line, new_line);
    if (!has_new) return fmt::format(" (line {} is gone: \"{}\")", line, old_line);
    if (old_line != new_line) return fmt::format(" (line {} was \"{}\" and is \"{}\")", line, old_line, new_line);
  }
}

void refuse_another(const std::string& directory, const CampaignIdentity& stored, const CampaignIdentity& asked) {
  if (stored.name != asked.name) {
    throw InputError(
        fmt::format("{} holds the campaign \"{}\", not \"{}\": use another --dir", directory, stored.name, asked.name));
  }
  if (stored.identity != asked.identity) {
    throw InputError(fmt::format(
        "{} was begun with a campaign \"{}\" that differs from this one{}: use another --dir, or restore the file",
        directory, stored.name, first_difference(stored.text, asked.text)));
  }
}

void settle_identity(Database& database, const std::string& directory, const CampaignIdentity& asked,
                     const std::string& inputs = "") {
  if (const auto stored = stored_campaign(database)) return refuse_another(directory, *stored, asked);
  Transaction transaction(database);
  if (const auto stored = stored_campaign(database)) return refuse_another(directory, *stored, asked);
  database.change(kInsertCampaign, asked.name, asked.identity, asked.text, asked.resolved, asked.hullscan_version);
  const auto now = instant_now();
  database.change(kInsertRevision, now.time_since_epoch().count(), asked.identity, asked.text, inputs,
                  asked.hullscan_version);
  transaction.commit();
}

void set_journal(Database& database, const char* pragma, const std::string& wanted) {
  const std::string got = database.pragma(pragma);
  if (got != wanted) {
    throw StorageError(fmt::format("{}: the file system does not allow journal mode {}, only {}",
                                   database.file().string(), wanted, got));
  }
}

/// SQLite asks for locks at every step and gives up where the file system has none.
Access access_for_writing(const std::filesystem::path& directory) {
  const std::string why = storage_detail::why_no_record_locks(directory);
  if (why.empty()) return Access::kReadWrite;
  log_warning(
      fmt::format("{}: the file system has no locks ({}): the campaign's own lock alone, {}/campaign.lock, keeps "
                  "others from writing",
                  (directory / kDatabaseName).string(), why, directory.string()));
  return Access::kUnlocked;
}

/// Before anything is written, what is there must be ours.
void prepare_for_writing(Database& database, Access access, const std::filesystem::path& directory,
                         const StoreOptions& options) {
  const FileSystem found = file_system_of(directory);
  const bool unlocked = access == Access::kUnlocked;
  const bool network = options.network_file_system.value_or(found.network) || unlocked;
  if (network) database.pragma("PRAGMA locking_mode = EXCLUSIVE");
  (void)checked_version(database, kSchemaVersion);
  if (network) {
    set_journal(database, "PRAGMA journal_mode = TRUNCATE", "truncate");
  } else {
    set_journal(database, "PRAGMA journal_mode = WAL", "wal");
  }
  database.execute("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;");
  if (network) database.execute("BEGIN EXCLUSIVE; COMMIT;");  // takes the lock, which this mode keeps
  log_info(unlocked  ? fmt::format("{}: file system without locks ({}): journal truncated at every commit",
                                   database.file().string(), found.name)
           : network ? fmt::format("{}: network file system ({}): journal truncated at every commit, exclusive locking",
                                   database.file().string(), found.name)
                     : fmt::format("{}: local file system: write-ahead log", database.file().string()));
}

/// @returns whether it was made here.
bool make_directory(const std::filesystem::path& directory) {
  if (::mkdir(directory.c_str(), 0777) == 0) {
    sync_directory(directory.parent_path());
    return true;
  }
  const int error = errno;
  std::error_code ignored;
  if (error == EEXIST && std::filesystem::is_directory(directory, ignored)) return false;
  if (error == ENOENT) {
    throw StorageError(
        fmt::format("{}: cannot be made: {} does not exist", directory.string(), directory.parent_path().string()));
  }
  throw StorageError(fmt::format("{}: cannot be made: {}", directory.string(),
                                 error == EEXIST ? "it exists and is not a directory" : std::strerror(error)));
}

void remove_database(const std::filesystem::path& file) {
  for (const char* suffix : kSuffixes) ::unlink((file.string() + suffix).c_str());
}

std::filesystem::path without_trailing_slash(const std::filesystem::path& directory) {
  return directory.has_filename() ? directory : directory.parent_path();
}

std::filesystem::path existing_file(const std::filesystem::path& directory) {
  require_plain_files(directory);
  std::filesystem::path file = directory / kDatabaseName;
  std::error_code error;
  if (!std::filesystem::exists(file, error)) {
    throw StorageError(directory.string() + ": no " + kDatabaseName + ": not a campaign directory");
  }
  return file;
}

void must_be_begun(Database& database) {
  if (checked_version(database, kSchemaVersion) == 0 || !stored_campaign(database)) {
    throw StorageError(database.file().string() + ": no campaign was begun in it");
  }
}

std::size_t entries_in(const std::filesystem::path& folder) {
  std::error_code absent;
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder, absent), {}));
}

/// A campaign is begun in a directory without results only: those of a lost database would be taken for garbage.
void refuse_orphans(Database& database, const std::filesystem::path& directory) {
  if (checked_version(database, kSchemaVersion) != 0 && stored_campaign(database)) return;
  const std::size_t shards = entries_in(directory / shard_layout::kFolder), tasks = entries_in(directory / "tasks");
  const bool backup = std::filesystem::exists(directory / kBackupFile);
  if (shards + tasks == 0 && !backup) return;
  throw StorageError(fmt::format(
      "{0}: the database is lost: {1} archive files, {2} calculations and {3} backup are here, and no campaign in {4}. "
      "`hullscan rebuild-ledger {0}` makes it again; nothing was changed",
      directory.string(), shards, tasks, backup ? "a" : "no", kDatabaseName));
}

/// How a database can be read. @throws StorageError if it cannot.
Access access_for_reading(const std::filesystem::path& file) {
  if (const std::string why = storage_detail::why_no_record_locks(file.parent_path()); !why.empty()) {
    log_info(fmt::format("{}: the file system has no locks ({}): a copy is read", file.string(), why));
    return Access::kCopied;
  }
  try {
    Database database(file, Access::kReadOnly);
    must_be_begun(database);
    return Access::kReadOnly;
  } catch (const StorageError&) {
    // A write-ahead log needs a file beside the database; where none can be made, nobody writes either.
    std::error_code error;
    const auto log_size = std::filesystem::file_size(file.string() + "-wal", error);
    if (::access(file.parent_path().c_str(), W_OK) == 0 || (!error && log_size > 0)) throw;
    return Access::kImmutable;
  }
}

}  // namespace

CampaignStore::CampaignStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
CampaignStore::CampaignStore(CampaignStore&&) noexcept = default;
CampaignStore& CampaignStore::operator=(CampaignStore&&) noexcept = default;
CampaignStore::~CampaignStore() = default;

CampaignStore CampaignStore::create_or_open(const std::filesystem::path& where, const CampaignIdentity& campaign,
                                            const StoreOptions& options) {
  const std::filesystem::path directory = without_trailing_slash(where);
  const bool made = make_directory(directory);
  require_plain_files(directory);
  const std::filesystem::path file = directory / kDatabaseName;
  const bool existed = std::filesystem::exists(file);
  try {
    const Access access = access_for_writing(directory);
    auto impl = std::make_unique<Impl>(file, access);
    prepare_for_writing(impl->database, access, directory, options);
    HULLSCAN_CRASH_POINT("store.opened");
    refuse_orphans(impl->database, directory);
    migrate(impl->database, schema_steps());
    add_indices(impl->database);
    settle_identity(impl->database, directory.string(), campaign, options.inputs);
    sync_directory(directory);
    HULLSCAN_CRASH_POINT("store.ready");
    return CampaignStore(std::move(impl));
  } catch (const StorageError&) {
    if (!existed) remove_database(file);
    if (made) ::rmdir(directory.c_str());
    throw;
  }
}

CampaignStore CampaignStore::open_existing(const std::filesystem::path& directory, const StoreOptions& options) {
  const std::filesystem::path file = existing_file(directory);
  const Access access = access_for_writing(directory);
  auto impl = std::make_unique<Impl>(file, access);
  prepare_for_writing(impl->database, access, directory, options);
  must_be_begun(impl->database);
  migrate(impl->database, schema_steps());
  add_indices(impl->database);
  return CampaignStore(std::move(impl));
}

std::optional<CampaignIdentity> stored_identity(const std::filesystem::path& directory) {
  std::error_code none;
  if (!std::filesystem::exists(directory / kDatabaseName, none)) return std::nullopt;
  const std::filesystem::path file = existing_file(directory);
  Database database(file, access_for_reading(file));
  must_be_begun(database);
  return stored_campaign(database);
}

std::optional<std::string> stored_inputs_folder(const std::filesystem::path& directory) {
  std::error_code none;
  if (!std::filesystem::exists(directory / kDatabaseName, none)) return std::nullopt;
  const std::filesystem::path file = existing_file(directory);
  Database database(file, access_for_reading(file));
  must_be_begun(database);
  if (checked_version(database, kSchemaVersion) < kFirstWithRevisions) return "";
  Query row = database.query(kInputsFolder);
  if (!row.next()) return "";
  std::string folder = row.text(0);
  if (!folder.empty() && !storage_detail::is_plain_name(folder))
    row.refuse(0, "a folder's name", readable_line(folder, 40));
  return folder;
}

CampaignStore CampaignStore::open_read_only(const std::filesystem::path& directory) {
  const std::filesystem::path file = existing_file(directory);
  auto impl = std::make_unique<Impl>(file, access_for_reading(file));
  must_be_begun(impl->database);
  const int version = checked_version(impl->database, kSchemaVersion);
  if (version < kSchemaVersion) {
    throw StorageError(fmt::format("{}: of format {}, this hullscan reads {}: `hullscan run` brings it forward",
                                   file.string(), version, kSchemaVersion));
  }
  return CampaignStore(std::move(impl));
}

CampaignStore CampaignStore::in_memory(const CampaignIdentity& campaign) {
  auto impl = std::make_unique<Impl>(":memory:", Access::kReadWrite);
  impl->database.execute("PRAGMA foreign_keys = ON;");
  migrate(impl->database, schema_steps());
  add_indices(impl->database);
  settle_identity(impl->database, ":memory:", campaign);
  return CampaignStore(std::move(impl));
}

CampaignIdentity CampaignStore::identity() const {
  const auto stored = stored_campaign(impl_->database);
  if (!stored) throw StorageError(impl_->database.file().string() + ": no campaign was begun in it");
  return *stored;
}

void CampaignStore::remember(const std::string& key, const std::string& text) {
  Transaction transaction(impl_->database);
  storage_detail::set_fact(impl_->database, key, text);
  transaction.commit();
}

std::optional<std::string> CampaignStore::recall(const std::string& key) const {
  Query row = impl_->database.query(kRecall, key);
  if (!row.next()) return std::nullopt;
  return row.text(0);
}

void CampaignStore::back_up(const std::filesystem::path& file) const {
  const std::filesystem::path temporary = file.string() + ".tmp";
  remove_database(temporary);
  impl_->database.query("VACUUM INTO ?", temporary.string()).run();
  sync_file(temporary);
  std::error_code error;
  std::filesystem::rename(temporary, file, error);
  if (error) throw StorageError(fmt::format("{}: cannot be replaced: {}", file.string(), error.message()));
  sync_directory(file.parent_path());
}

std::vector<std::string> CampaignStore::check_integrity() const {
  std::vector<std::string> problems;
  Database& database = impl_->database;
  {
    Query rows = database.query("PRAGMA integrity_check");
    while (rows.next()) {
      if (rows.text(0) != "ok") problems.push_back(rows.text(0));
    }
  }
  {
    Query rows = database.query("PRAGMA foreign_key_check");
    while (rows.next()) {
      const std::string row = rows.is_null(1) ? "" : fmt::format(", row {}", rows.integer(1));
      problems.push_back(
          fmt::format("table {}{}: refers to a row of {} that is not there", rows.text(0), row, rows.text(2)));
    }
  }
  Query rows = database.query(kTaskStates);
  while (rows.next()) {
    const std::string key = rows.text(0);
    try {
      TaskState state = TaskState::kSelected;
      for (const TaskEvent& event : events(key)) state = next_state(state, event.fact);
      if (static_cast<int>(state) != rows.integer(1)) {
        problems.push_back(
            fmt::format("task {}: its state is number {}, its events say {}", key, rows.integer(1), name_of(state)));
      }
    } catch (const Error& error) {
      problems.push_back(fmt::format("task {}: {}", key, error.what()));
    }
  }
  return problems;
}

}  // namespace hullscan
