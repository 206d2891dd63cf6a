// Passes, work units, candidates and shards of the campaign store.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <tuple>

#include "core/errors.hpp"
#include "core/foreign_text.hpp"
#include "storage/campaign_store.hpp"
#include "storage/crash_point.hpp"
#include "storage/detail/blobs.hpp"
#include "storage/detail/campaign_store_impl.hpp"
#include "storage/detail/pass_rows.hpp"
#include "storage/detail/stored_names.hpp"

namespace hullscan {
namespace {

using sqlite::Database;
using sqlite::Query;
using sqlite::Transaction;
using storage_detail::cursor_blob;
using storage_detail::cursor_of;
using storage_detail::is_shard_name;

constexpr const char* kInsertPass = "INSERT INTO pass (number, model_hash, model) VALUES (?, ?, ?)";
constexpr const char* kPassHash = "SELECT model_hash, finished FROM pass WHERE number = ?";
constexpr const char* kCurrentPass =
    "SELECT number, model_hash, model, finished FROM pass ORDER BY number DESC LIMIT 1";
constexpr const char* kSelectPass = "SELECT number, model_hash, model, finished FROM pass WHERE number = ?";
constexpr const char* kChangeModel = "UPDATE pass SET model_hash = ?, model = ? WHERE number = ?";
constexpr const char* kFinishPass = "UPDATE pass SET finished = ? WHERE number = ?";
constexpr const char* kOpenCount = "SELECT count(*) FROM unit WHERE pass = ? AND done = 0";

constexpr const char* kInsertUnit =
    "INSERT INTO unit (pass, space, supercell, composition, begin_at, end_at, summed) VALUES (?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (pass, space, supercell, composition, begin_at) DO NOTHING";
constexpr const char* kUnitAt =
    "SELECT id, space, supercell, composition, begin_at, end_at FROM unit "
    "WHERE pass = ? AND space = ? AND supercell = ? AND composition = ? AND begin_at = ?";
constexpr const char* kUnitById =
    "SELECT id, space, supercell, composition, begin_at, end_at, pass, done, summed FROM unit WHERE id = ?";
constexpr const char* kCloseUnit =
    "UPDATE unit SET end_at = ?, done = 1, summed = 1, orbits = ?, labelled = ?, seconds = ? WHERE id = ?";
constexpr const char* kReopenUnit = "UPDATE unit SET done = 0, orbits = 0, labelled = 0, seconds = 0 WHERE id = ?";
constexpr const char* kOpenUnits =
    "SELECT id, space, supercell, composition, begin_at, end_at FROM unit WHERE pass = ? AND done = 0 ORDER BY id";
// Sums in halves of 32 bits: a signed 64-bit sum of full words could overflow.
constexpr const char* kUnitTotals =
    "SELECT space, supercell, composition, sum(done), count(*), "
    "sum(orbits & 4294967295), sum((orbits >> 32) & 4294967295), "
    "sum(labelled & 4294967295), sum((labelled >> 32) & 4294967295), sum(seconds) "
    "FROM unit WHERE pass = ? GROUP BY space, supercell, composition";

constexpr const char* kInsertCandidate =
    "INSERT INTO candidate (pass, space, supercell, composition, score, occupation, degeneracy) "
    "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
// The order of the key is better(): score, then canonical form byte by byte.
constexpr const char* kTrimCandidates =
    "DELETE FROM candidate WHERE pass = ?1 AND space = ?2 AND supercell = ?3 AND composition = ?4 AND "
    "(score, occupation) > (SELECT score, occupation FROM candidate WHERE pass = ?1 AND space = ?2 AND "
    "supercell = ?3 AND composition = ?4 ORDER BY score, occupation LIMIT 1 OFFSET ?5)";
constexpr const char* kCandidates =
    "SELECT space, supercell, composition, occupation, degeneracy, score FROM candidate WHERE pass = ? "
    "ORDER BY space, supercell, composition, score, occupation";
constexpr const char* kNthCandidate =
    "SELECT space, supercell, composition, occupation, degeneracy, score FROM candidate WHERE pass = ? "
    "AND space = ? AND supercell = ? AND composition = ? ORDER BY score, occupation LIMIT 1 OFFSET ?";
constexpr const char* kCandidatesOfStratum =
    "SELECT space, supercell, composition, occupation, degeneracy, score FROM candidate WHERE pass = ? "
    "AND space = ? AND supercell = ? AND composition = ? ORDER BY score, occupation";

constexpr const char* kSpectrum =
    "SELECT sums FROM spectrum WHERE pass = ? AND space = ? AND supercell = ? AND composition = ?";
constexpr const char* kReplaceSpectrum =
    "INSERT INTO spectrum (pass, space, supercell, composition, sums) VALUES (?, ?, ?, ?, ?) "
    "ON CONFLICT (pass, space, supercell, composition) DO UPDATE SET sums = excluded.sums";
constexpr const char* kSpectra =
    "SELECT space, supercell, composition, sums FROM spectrum WHERE pass = ? ORDER BY space, supercell, composition";

constexpr const char* kInsertShard =
    "INSERT INTO shard (file, begin_byte, unit, bytes, checksum, orbits) VALUES (?, ?, ?, ?, ?, ?)";
constexpr const char* kShards =
    "SELECT u.id, u.space, u.supercell, u.composition, u.begin_at, u.end_at, u.pass, s.file, s.bytes, s.checksum, "
    "s.orbits, s.begin_byte FROM shard s JOIN unit u ON u.id = s.unit ORDER BY s.file, s.begin_byte";
constexpr const char* kShardUnit = "SELECT unit FROM shard WHERE file = ? AND begin_byte = ?";
constexpr const char* kForgetShards = "DELETE FROM shard WHERE unit = ?";

constexpr const char* kForgetArchives = "DELETE FROM archive";
constexpr const char* kInsertArchive = "INSERT INTO archive (file, bytes, changed_ns) VALUES (?, ?, ?)";
constexpr const char* kArchives = "SELECT file, bytes, changed_ns FROM archive ORDER BY file";

// One shard a unit: a runner publishes one.
constexpr const char* kFinishedUnits =
    "SELECT u.id, u.space, u.supercell, u.composition, u.begin_at, u.end_at, u.orbits, u.labelled, u.seconds, s.file, "
    "s.bytes, s.checksum, s.orbits, s.begin_byte FROM unit u LEFT JOIN shard s ON s.unit = u.id WHERE u.pass = ?1 AND "
    "u.done = 1 AND "
    "(?2 < 0 OR (u.space = ?2 AND u.supercell = ?3 AND u.composition = ?4)) "
    "ORDER BY u.space, u.supercell, u.composition, u.begin_at";
constexpr const char* kForgetShardsOfPass = "DELETE FROM shard WHERE unit IN (SELECT id FROM unit WHERE pass = ?)";
constexpr std::array<const char*, 3> kForgetPass = {
    "DELETE FROM candidate WHERE pass = ?", "DELETE FROM spectrum WHERE pass = ?", "DELETE FROM unit WHERE pass = ?"};

Cursor cursor_in(const Query& row, int column) {
  const auto bytes = row.blob(column);
  if (bytes.size() % 4 != 0) row.refuse(column, "words of 4 bytes", fmt::format("{} bytes", bytes.size()));
  return cursor_of(bytes);
}

/// Columns 0..5: id, stratum, begin, end.
WorkUnit unit_of(const Query& row) {
  return {row.unsigned_integer(0), {row.index(1), row.index(2), row.index(3)}, cursor_in(row, 4), cursor_in(row, 5)};
}

/// Five columns from the first: file, size, checksum, orbits, first byte. The file is one in the folder of shards,
/// wherever a row says it is.
ShardReceipt receipt_of(const Query& row, int first) {
  const std::string file = row.text(first);
  if (!is_shard_name(file)) row.refuse(first, "a file of units/", "\"" + readable_line(file, 60) + "\"");
  return {file, row.unsigned_integer(first + 1), row.text(first + 2), row.unsigned_integer(first + 3),
          row.unsigned_integer(first + 4)};
}

EnergySpectrum spectrum_of(const Query& row, int column) {
  try {
    return EnergySpectrum::deserialise(row.blob(column));
  } catch (const Error& error) {
    row.refuse(column, "sums of energies", error.what());
  }
}

/// @param summed its orbits are in the stratum's spectrum already.
WorkUnit add_unit(Database& database, int pass, const WorkUnit& unit, bool summed = false) {
  const Stratum& at = unit.stratum;
  const auto begin = cursor_blob(unit.begin);
  database.change(kInsertUnit, pass, at.space, at.supercell, at.index_in_supercell, begin, cursor_blob(unit.end),
                  summed);
  Query row = database.query(kUnitAt, pass, at.space, at.supercell, at.index_in_supercell, begin);
  if (!row.next()) throw StorageError(database.file().string() + ": a work unit was not stored");
  return unit_of(row);
}

/// The finished part and the remainder must make up the unit, without gap or overlap.
void check_partition(const WorkUnit& whole, const UnitScored& result) {
  const auto fault = [&](const std::string& what) {
    return StorageError(fmt::format("campaign.db: result of work unit {}: {}", whole.id, what));
  };
  if (result.unit.stratum != whole.stratum || result.unit.begin != whole.begin) {
    throw fault("it is of another piece of the space");
  }
  std::vector<const WorkUnit*> pieces;
  for (const WorkUnit& piece : result.remainder) pieces.push_back(&piece);
  std::sort(pieces.begin(), pieces.end(), [](const auto* a, const auto* b) { return a->begin < b->begin; });
  const Cursor* reached = &result.unit.end;
  for (const WorkUnit* piece : pieces) {
    if (piece->stratum != whole.stratum) throw fault("its remainder is of another piece of the space");
    if (reached->empty() || piece->begin != *reached) throw fault("its remainder leaves a gap or overlaps");
    reached = &piece->end;
  }
  if (*reached != whole.end) throw fault("what was done and the remainder do not make up the unit");
}

void trim_candidates(Database& database, int pass, const Stratum& at, std::uint32_t keep_best) {
  if (keep_best == 0) return;
  database.change(kTrimCandidates, pass, at.space, at.supercell, at.index_in_supercell, keep_best - 1);
}

void add_to_spectrum(Database& database, int pass, const Stratum& at, const EnergySpectrum& found) {
  EnergySpectrum sums;
  {
    Query row = database.query(kSpectrum, pass, at.space, at.supercell, at.index_in_supercell);
    if (row.next()) sums = spectrum_of(row, 0);
  }
  sums.merge(found);
  database.change(kReplaceSpectrum, pass, at.space, at.supercell, at.index_in_supercell, sums.serialise());
}

BigInteger from_halves(std::uint64_t low, std::uint64_t high) { return (BigInteger(high) << 32U) + low; }

void read_candidates(Query& rows, std::vector<Candidate>& candidates) {
  while (rows.next()) {
    candidates.push_back(
        {{rows.index(0), rows.index(1), rows.index(2)}, rows.blob(3), rows.unsigned_integer(4), rows.integer(5)});
  }
}

std::optional<Pass> pass_of(Query& row) {
  if (!row.next()) return std::nullopt;
  constexpr std::int64_t kMostPasses = 100'000;  // whoever walks over all passes must get to the end
  Pass pass{static_cast<int>(row.integer_from(0, 0, kMostPasses)), row.unsigned_integer(1), {}, row.integer(3) != 0};
  for (const std::uint8_t byte : row.blob(2)) pass.model.push_back(static_cast<std::byte>(byte));
  return pass;
}

std::uint64_t model_hash_of(Database& database, int pass) {
  Query row = database.query(kPassHash, pass);
  if (!row.next()) throw StorageError(fmt::format("campaign.db: pass {} was not begun", pass));
  return row.unsigned_integer(0);
}

using WorstKept = std::map<std::tuple<int, Stratum, std::uint32_t>, Candidate>;

/// The keep_best-th candidate of a stratum, if there are so many.
std::optional<Candidate> last_kept(Database& database, int pass, const Stratum& at, std::uint32_t keep_best) {
  Query row = database.query(kNthCandidate, pass, at.space, at.supercell, at.index_in_supercell, keep_best - 1);
  std::vector<Candidate> found;
  read_candidates(row, found);
  if (found.empty()) return std::nullopt;
  return found.front();
}

/// What a group of results changes in whole strata.
struct Touched {
  std::set<Stratum> candidates;
  std::map<Stratum, EnergySpectrum> spectra;
};

/// Closes one unit inside a transaction.
UnitFinished close_unit(Database& database, int pass, std::uint64_t model_hash, const UnitScored& result,
                        std::uint32_t keep_best, const WorstKept& worst_kept, Touched& touched) {
  bool summed = false;
  std::optional<WorkUnit> whole;
  {
    Query row = database.query(kUnitById, result.unit.id);
    if (!row.next() || row.integer(6) != pass) {
      throw StorageError(
          fmt::format("campaign.db: result of work unit {}: no such unit in pass {}", result.unit.id, pass));
    }
    if (row.integer(7) != 0) return {};
    whole = unit_of(row);
    summed = row.integer(8) != 0;
  }
  if (result.model_hash != model_hash) {
    throw StorageError(
        fmt::format("campaign.db: result of work unit {}: scored with model {:016x}, the pass is of {:016x}", whole->id,
                    result.model_hash, model_hash));
  }
  check_partition(*whole, result);
  if (!whole->begin.empty() && result.unit.end == whole->begin) return {};  // nothing was done: the unit stays open
  database.change(kCloseUnit, cursor_blob(result.unit.end), result.orbits, result.labelled, result.seconds, whole->id);
  const Stratum& at = whole->stratum;
  const auto worst = worst_kept.find({pass, at, keep_best});
  for (const Candidate& kept : result.kept) {
    if (kept.stratum != at)
      throw StorageError(fmt::format("campaign.db: result of work unit {}: a candidate of another stratum", whole->id));
    if (keep_best == 0 || (worst != worst_kept.end() && better(worst->second, kept))) continue;
    database.change(kInsertCandidate, pass, at.space, at.supercell, at.index_in_supercell, kept.score, kept.occupation,
                    kept.degeneracy);
    touched.candidates.insert(at);
  }
  if (!summed) touched.spectra[at].merge(result.spectrum);
  for (const ShardReceipt& shard : result.shards) {
    database.change(kInsertShard, shard.file_name, shard.begin, whole->id, shard.bytes, shard.checksum, shard.orbits);
  }
  HULLSCAN_CRASH_POINT("finish-units.middle");
  UnitFinished finished{true, {}};
  for (const WorkUnit& piece : result.remainder) finished.added.push_back(add_unit(database, pass, piece, summed));
  return finished;
}

}  // namespace

void storage_detail::forget_all_of(Database& database, int pass) {
  database.change(kForgetShardsOfPass, pass);
  for (const char* sql : kForgetPass) database.change(sql, pass);
  database.change(kFinishPass, false, pass);
}

void CampaignStore::begin_pass_again(int number, std::uint64_t model_hash, std::span<const std::byte> model) {
  Database& database = impl_->database;
  Transaction transaction(database);
  storage_detail::forget_all_of(database, number);
  const auto* start = reinterpret_cast<const std::uint8_t*>(model.data());
  if (database.change(kChangeModel, model_hash, std::span<const std::uint8_t>(start, model.size()), number) == 0)
    throw StorageError(fmt::format("campaign.db: pass {} was not begun", number));
  HULLSCAN_CRASH_POINT("pass.again.middle");
  transaction.commit();
  impl_->worst_kept.clear();
}

void CampaignStore::begin_pass(int number, std::uint64_t model_hash, std::span<const std::byte> model) {
  Database& database = impl_->database;
  Transaction transaction(database);
  {
    Query row = database.query(kPassHash, number);
    if (row.next()) {
      if (row.unsigned_integer(0) == model_hash) return;
      throw StorageError(fmt::format("campaign.db: pass {} was begun with model {:016x}, not {:016x}", number,
                                     row.unsigned_integer(0), model_hash));
    }
  }
  const auto* start = reinterpret_cast<const std::uint8_t*>(model.data());
  database.change(kInsertPass, number, model_hash, std::span<const std::uint8_t>(start, model.size()));
  transaction.commit();
}

std::optional<Pass> CampaignStore::current_pass() const {
  Query row = impl_->database.query(kCurrentPass);
  return pass_of(row);
}

std::optional<Pass> CampaignStore::pass(int number) const {
  Query row = impl_->database.query(kSelectPass, number);
  return pass_of(row);
}

void CampaignStore::finish_pass(int number) {
  Database& database = impl_->database;
  Transaction transaction(database);
  (void)model_hash_of(database, number);
  {
    Query open = database.query(kOpenCount, number);
    if (open.next() && open.integer(0) != 0) {
      throw StorageError(
          fmt::format("campaign.db: pass {} cannot be finished: {} of its units are open", number, open.integer(0)));
    }
  }
  database.change(kFinishPass, true, number);
  transaction.commit();
}

bool CampaignStore::pass_complete(int number) const {
  Query row = impl_->database.query(kPassHash, number);
  return row.next() && row.integer(1) != 0;
}

std::vector<WorkUnit> CampaignStore::add_units(int pass, std::span<const WorkUnit> units) {
  Database& database = impl_->database;
  Transaction transaction(database);
  (void)model_hash_of(database, pass);
  std::vector<WorkUnit> stored;
  stored.reserve(units.size());
  for (const WorkUnit& unit : units) stored.push_back(add_unit(database, pass, unit));
  HULLSCAN_CRASH_POINT("add-units.middle");
  transaction.commit();
  return stored;
}

std::vector<UnitFinished> CampaignStore::finish_units(int pass, std::span<const UnitScored> results,
                                                      std::uint32_t keep_best) {
  Database& database = impl_->database;
  Transaction transaction(database);
  const std::uint64_t model_hash = model_hash_of(database, pass);
  std::vector<UnitFinished> finished;
  Touched touched;
  finished.reserve(results.size());
  for (const UnitScored& result : results) {
    finished.push_back(close_unit(database, pass, model_hash, result, keep_best, impl_->worst_kept, touched));
  }
  for (const auto& [stratum, found] : touched.spectra) {
    if (!found.empty()) add_to_spectrum(database, pass, stratum, found);
  }
  WorstKept worst;
  for (const Stratum& stratum : touched.candidates) {
    trim_candidates(database, pass, stratum, keep_best);
    if (auto last = last_kept(database, pass, stratum, keep_best)) worst[{pass, stratum, keep_best}] = std::move(*last);
  }
  transaction.commit();
  for (auto& [where, candidate] : worst) impl_->worst_kept[where] = std::move(candidate);
  return finished;
}

UnitFinished CampaignStore::finish_unit(int pass, const UnitScored& result, std::uint32_t keep_best) {
  return finish_units(pass, std::span(&result, 1), keep_best).front();
}

std::vector<WorkUnit> CampaignStore::open_units(int pass) const {
  std::vector<WorkUnit> units;
  Query rows = impl_->database.query(kOpenUnits, pass);
  while (rows.next()) units.push_back(unit_of(rows));
  return units;
}

std::vector<FinishedUnit> CampaignStore::finished_units(int pass, const std::optional<Stratum>& stratum) const {
  std::vector<FinishedUnit> units;
  const std::int64_t space = stratum ? std::int64_t{stratum->space} : -1;
  const Stratum at = stratum.value_or(Stratum{});
  Query rows = impl_->database.query(kFinishedUnits, pass, space, at.supercell, at.index_in_supercell);
  while (rows.next()) {
    FinishedUnit done{unit_of(rows), rows.unsigned_integer(6), rows.unsigned_integer(7), rows.real(8), {}};
    if (!rows.is_null(9)) done.shard = receipt_of(rows, 9);
    units.push_back(std::move(done));
  }
  return units;
}

void CampaignStore::forget_units(int pass) {
  Database& database = impl_->database;
  Transaction transaction(database);
  storage_detail::forget_all_of(database, pass);
  transaction.commit();
  impl_->worst_kept.clear();
}

std::map<Stratum, UnitTotals> CampaignStore::unit_totals(int pass) const {
  std::map<Stratum, UnitTotals> totals;
  Query rows = impl_->database.query(kUnitTotals, pass);
  while (rows.next()) {
    UnitTotals& of = totals[{rows.index(0), rows.index(1), rows.index(2)}];
    of.done = rows.unsigned_integer(3);
    of.total = rows.unsigned_integer(4);
    of.orbits = from_halves(rows.unsigned_integer(5), rows.unsigned_integer(6));
    of.labelled = from_halves(rows.unsigned_integer(7), rows.unsigned_integer(8));
    of.seconds = rows.real(9);
  }
  return totals;
}

std::vector<Candidate> CampaignStore::candidates(int pass, const std::optional<Stratum>& stratum) const {
  std::vector<Candidate> candidates;
  if (stratum) {
    Query rows = impl_->database.query(kCandidatesOfStratum, pass, stratum->space, stratum->supercell,
                                       stratum->index_in_supercell);
    read_candidates(rows, candidates);
  } else {
    Query rows = impl_->database.query(kCandidates, pass);
    read_candidates(rows, candidates);
  }
  return candidates;
}

std::map<Stratum, EnergySpectrum> CampaignStore::spectra(int pass) const {
  std::map<Stratum, EnergySpectrum> spectra;
  Query rows = impl_->database.query(kSpectra, pass);
  while (rows.next()) {
    spectra[{rows.index(0), rows.index(1), rows.index(2)}] = spectrum_of(rows, 3);
  }
  return spectra;
}

std::vector<ShardRecord> CampaignStore::shards() const {
  std::vector<ShardRecord> shards;
  Query rows = impl_->database.query(kShards);
  while (rows.next()) {
    shards.push_back(ShardRecord{receipt_of(rows, 7), rows.number(6), unit_of(rows)});
  }
  return shards;
}

std::optional<WorkUnit> CampaignStore::forget_shard(const ShardReceipt& shard) {
  Database& database = impl_->database;
  Transaction transaction(database);
  std::int64_t unit = 0;
  {
    Query row = database.query(kShardUnit, shard.file_name, shard.begin);
    if (!row.next()) return std::nullopt;
    unit = row.integer(0);
  }
  database.change(kForgetShards, unit);
  database.change(kReopenUnit, unit);
  std::int64_t pass = 0;
  std::optional<WorkUnit> reopened;
  {
    Query row = database.query(kUnitById, unit);
    if (row.next()) {
      reopened = unit_of(row);
      pass = row.integer(6);
    }
  }
  database.change(kFinishPass, false, pass);
  transaction.commit();
  return reopened;
}

void CampaignStore::remember_archives(std::span<const ArchiveState> archives) {
  Database& database = impl_->database;
  Transaction transaction(database);
  database.change(kForgetArchives);
  for (const ArchiveState& archive : archives)
    database.change(kInsertArchive, archive.file_name, archive.bytes, archive.changed_ns);
  transaction.commit();
}

std::vector<ArchiveState> CampaignStore::archives() const {
  std::vector<ArchiveState> archives;
  Query rows = impl_->database.query(kArchives);
  while (rows.next()) archives.push_back({rows.text(0), rows.unsigned_integer(1), rows.integer(2)});
  return archives;
}

}  // namespace hullscan
