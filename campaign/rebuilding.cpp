#include "campaign/rebuilding.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "campaign/campaign_directory.hpp"
#include "campaign/units.hpp"
#include "campaign/version.hpp"
#include "core/log.hpp"
#include "enumerator/files/text_file.hpp"
#include "scheduler/decisions/campaign_reactor.hpp"
#include "scheduler/decisions/candidates_to_keep.hpp"
#include "scheduler/decisions/soundness.hpp"
#include "scheduler/decisions/stages.hpp"
#include "storage/campaign_backup.hpp"
#include "storage/campaign_facts.hpp"
#include "storage/campaign_lock.hpp"
#include "storage/campaign_store.hpp"
#include "storage/shard_files.hpp"
#include "storage/shard_reader.hpp"
#include "storage/stored_identity.hpp"

namespace hullscan {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kRecalledRowsAtATime = 65536;

struct ReadShard {
  ShardReceipt receipt;
  ShardHeader header;
};

/// The shards of this campaign by pass and stratum, in search order. Others, and damaged ones, are named and left.
using ReadShards = std::map<int, std::map<Stratum, std::vector<ReadShard>>>;

ReadShards read_shards(const fs::path& directory, const std::string& identity) {
  ReadShards found;
  for (const FoundShard& there : find_shards(directory)) {
    const std::string name = name_of(there.receipt);
    if (!there.fault.empty()) {
      log_warning(fmt::format("{}: {}; its work unit is done again", name, there.fault));
      continue;
    }
    try {
      ReadShard shard{there.receipt, {}};
      shard.header = ShardReader(directory, there.receipt).header();
      shard.receipt.orbits = shard.header.orbits;
      if (shard.header.campaign_identity != identity) {
        log_warning(name + ": it belongs to another campaign and is left out");
      } else {
        found[shard.header.pass][shard.header.unit.stratum].push_back(std::move(shard));
      }
    } catch (const StorageError& error) {
      log_warning(fmt::format("{}: {}; its unit is done again", name, error.what()));
    }
  }
  // If shards overlap (a unit that was done twice), the first and longest counts.
  const auto before = [](const Cursor& a, const Cursor& b) { return !a.empty() && (b.empty() || a < b); };
  for (auto& [pass, strata] : found) {
    for (auto& [stratum, shards] : strata) {
      std::sort(shards.begin(), shards.end(), [&](const ReadShard& a, const ReadShard& b) {
        if (a.header.unit.begin != b.header.unit.begin) return a.header.unit.begin < b.header.unit.begin;
        if (a.header.unit.end != b.header.unit.end) return before(b.header.unit.end, a.header.unit.end);
        return std::tie(a.receipt.file_name, a.receipt.begin) < std::tie(b.receipt.file_name, b.receipt.begin);
      });
      std::vector<ReadShard> apart;
      for (ReadShard& shard : shards) {
        const bool overlaps = !apart.empty() && (apart.back().header.unit.end.empty() ||
                                                 shard.header.unit.begin < apart.back().header.unit.end);
        if (!overlaps) apart.push_back(std::move(shard));
      }
      shards = std::move(apart);
    }
  }
  return found;
}

UnitScored result_of(const fs::path& directory, const ReadShard& shard, const WorkUnit& unit,
                     const std::vector<double>& temperatures, std::int64_t atoms) {
  const ShardReader reader(directory, shard.receipt);
  UnitScored result;
  result.unit = unit;
  result.model_hash = shard.header.model_hash;
  result.orbits = shard.header.orbits;
  result.labelled = shard.header.labelled;
  result.shards = {shard.receipt};
  result.kept = reader.best();
  if (!shard.header.with_energy) return result;
  result.spectrum = EnergySpectrum(temperatures, atoms);
  std::vector<std::uint64_t> degeneracies;
  std::vector<std::int32_t> energies;
  for (std::uint64_t row = 0; row < shard.header.orbits; row += kRecalledRowsAtATime) {
    reader.read(row, std::min(kRecalledRowsAtATime, shard.header.orbits - row), degeneracies, energies);
    for (std::size_t i = 0; i < energies.size(); ++i) result.spectrum.add(energies[i], degeneracies[i]);
  }
  return result;
}

/// Units that cover the piece: the shards and what is missing between them. @param shards those of its stratum.
std::vector<WorkUnit> tiling(const WorkUnit& piece, const std::vector<ReadShard>& shards) {
  std::vector<WorkUnit> units;
  Cursor reached = piece.begin;
  bool ended = false;
  for (const ReadShard& shard : shards) {
    const WorkUnit& unit = shard.header.unit;
    const bool beyond = !piece.end.empty() && (unit.end.empty() || piece.end < unit.end);
    if (ended || beyond || unit.begin < reached) continue;
    if (unit.begin != reached) units.push_back({0, piece.stratum, reached, unit.begin});
    units.push_back({0, piece.stratum, unit.begin, unit.end});
    reached = unit.end;
    ended = reached == piece.end;
  }
  if (!ended) units.push_back({0, piece.stratum, reached, piece.end});
  return units;
}

class Rebuilding {
 public:
  Rebuilding(const fs::path& directory, const ResolvedCampaign& resolved, CampaignStore& store)
      : directory_(directory), resolved_(resolved), view_(view_of(resolved.campaign, resolved.spaces)), store_(store) {}

  /// @returns false if the pass cannot be made again: its model is gone.
  bool pass(int number, std::map<Stratum, std::vector<ReadShard>>& strata) {
    std::erase_if(strata, [&](const auto& of) {
      const std::string fault = fault_of_stratum(view_, of.first);
      for (const ReadShard& shard : of.second) {
        if (!fault.empty()) log_warning(fmt::format("{}: {}; left out", name_of(shard.receipt), fault));
      }
      return !fault.empty();
    });
    if (strata.empty()) return true;
    const std::uint64_t model_hash = strata.begin()->second.front().header.model_hash;
    for (auto& [stratum, shards] : strata) {
      std::erase_if(shards, [&](const ReadShard& shard) { return shard.header.model_hash != model_hash; });
    }
    std::vector<std::byte> model;
    if (const auto begun = store_.pass(number)) {
      if (begun->model_hash != model_hash) return false;
      store_.forget_units(number);
    } else {
      if (model_hash != 0) {
        auto kept = kept_model(directory_, number, model_hash);
        if (!kept) return false;
        model = std::move(*kept);
      }
      store_.begin_pass(number, model_hash, model);
    }
    const std::vector<double>& asked = resolved_.campaign.report.temperatures_kelvin;
    const auto held = recall_pass_temperatures(store_, number);
    if (!held) remember_pass_temperatures(store_, number, asked);
    for (const WorkUnit& piece : pieces_of_pass(number, strata))
      take(number, piece, strata[piece.stratum], held ? *held : asked);
    return true;
  }
  [[nodiscard]] std::size_t units() const { return units_; }
  [[nodiscard]] std::uint64_t orbits() const { return orbits_; }

 private:
  /// What the pass searches; a stratum of which no shard is left is among it. And the strata of all shards.
  [[nodiscard]] std::vector<WorkUnit> pieces_of_pass(int number,
                                                     const std::map<Stratum, std::vector<ReadShard>>& strata) const {
    if (const auto part = recall_part(store_)) return units_of_part(view_, resolved_.spaces, parse_part(*part));
    const auto decision = stored_decision(store_);
    const bool decided = decision && number >= decision->first_pass;
    std::set<Stratum> whole;
    for (const StratumView& stratum : strata_of_stage(view_, decided ? decision : std::nullopt).strata)
      whole.insert(stratum.stratum);
    for (const auto& [stratum, shards] : strata) whole.insert(stratum);
    std::vector<WorkUnit> pieces;
    for (const Stratum& stratum : whole) pieces.push_back({0, stratum, {}, {}});
    return pieces;
  }

  void take(int number, const WorkUnit& piece, const std::vector<ReadShard>& shards,
            const std::vector<double>& temperatures) {
    const Stratum& stratum = piece.stratum;
    const bool marked = !resolved_.spaces[stratum.space].markers(stratum.supercell).empty();
    const std::int64_t atoms = marked ? 0 : view_.view(stratum).composition.atom_count();
    const std::uint32_t keep = candidates_to_keep(view_);
    for (const WorkUnit& unit : store_.add_units(number, tiling(piece, shards))) {
      const auto found =
          std::lower_bound(shards.begin(), shards.end(), unit.begin,
                           [](const ReadShard& shard, const Cursor& begin) { return shard.header.unit.begin < begin; });
      if (found == shards.end() || found->header.unit.begin != unit.begin) continue;
      try {
        const UnitScored result = result_of(directory_, *found, unit, temperatures, atoms);
        for (const Candidate& best : result.kept) {
          if (const std::string fault = fault_of_configuration(view_, stratum, best.occupation); !fault.empty())
            throw StorageError("its best configurations: " + fault);
        }
        store_.finish_unit(number, result, keep);
      } catch (const StorageError& error) {
        log_warning(fmt::format("{}: {}; its unit is done again", name_of(found->receipt), error.what()));
        continue;
      }
      ++units_;
      orbits_ += found->header.orbits;
    }
  }

  fs::path directory_;
  const ResolvedCampaign& resolved_;
  CampaignView view_;
  CampaignStore& store_;
  std::size_t units_ = 0;
  std::uint64_t orbits_ = 0;
};

/// True if it opens, is of this campaign, and `verify` would find no fault in it.
bool sound(const fs::path& database_folder, const ResolvedCampaign& resolved) {
  try {
    // A database of an older format is sound too: it is brought forward.
    const CampaignStore store = CampaignStore::open_existing(database_folder);
    const std::string begun = store.identity().identity;
    if (begun != identity_of(resolved) && earlier_defaults_of(resolved, begun) == 0) return false;
    bool as_accepted = true;
    store.each_task(
        {}, [&](const TaskRecord& task) { as_accepted = as_accepted && (!task.result || task.result->as_accepted); });
    return as_accepted && store.check_integrity().empty() &&
           unsound_records(view_of(resolved.campaign, resolved.spaces), store).empty();
  } catch (const Error&) {
    return false;
  }
}

/// What the first of two stages decided, which numbers the passes after it.
void recall_decision(const fs::path& directory, CampaignStore& store) {
  const fs::path file = directory / kStageFile;
  if (recall_stage_decision(store) || !fs::exists(file)) return;
  try {
    remember_stage_decision(store, to_json_text(parse_stage_decision(read_text_file(file))));
  } catch (const Error& error) {
    log_warning(fmt::format("{}: {}; the first stage is judged again", file.filename().string(), error.what()));
  }
}

/// How sure the models were of what they chose, which decides how their errors are seen today.
void recall_deviations(const fs::path& directory, CampaignStore& store) {
  for (const auto& [round, deviations] : kept_deviations(directory)) {
    if (!recall_round_deviations(store, round)) remember_round_deviations(store, round, deviations);
  }
}

/// The identity of the campaign that any of the archive files here is of; "" if none can be read.
std::string identity_of_a_shard(const fs::path& directory) {
  for (const FoundShard& shard : find_shards(directory)) {
    try {
      if (shard.fault.empty()) return ShardReader(directory, shard.receipt).header().campaign_identity;
    } catch (const StorageError&) {
      continue;  // named when the shards are read
    }
  }
  return "";
}

/// Nothing is thrown away: a damaged database is kept under another name. @returns old and new names.
std::vector<std::pair<std::string, std::string>> set_aside(const fs::path& directory) {
  std::vector<std::pair<std::string, std::string>> renamed;
  int number = 1;
  const auto aside = [&](const char* suffix) {
    return directory / fmt::format("campaign.damaged-{}.db{}", number, suffix);
  };
  while (fs::exists(aside(""))) ++number;
  for (const char* suffix : {"", "-wal", "-shm", "-journal"}) {
    const fs::path file = directory / fmt::format("campaign.db{}", suffix);
    if (!fs::exists(file)) continue;
    fs::rename(file, aside(suffix));
    renamed.emplace_back(file.filename().string(), aside(suffix).filename().string());
  }
  return renamed;
}

/// A copy of the backup as the database of a folder of its own; nothing if there is none or it is damaged.
bool copy_backup(const fs::path& directory, const fs::path& folder, const ResolvedCampaign& resolved) {
  if (!fs::exists(directory / kBackupFile)) return false;
  fs::copy_file(directory / kBackupFile, folder / "campaign.db", fs::copy_options::overwrite_existing);
  if (sound(folder, resolved)) return true;
  fs::remove(folder / "campaign.db");
  log_warning(fmt::format("{} is damaged too", kBackupFile));
  return false;
}

/// The passes of the shards, one after the other. A pass can only be begun when the earlier ones are complete; what a
/// run had not finished is finished by a run.
void take_passes(const fs::path& directory, const ResolvedCampaign& resolved, CampaignStore& store,
                 RebuiltLedger& ledger) {
  Rebuilding rebuilding(directory, resolved, store);
  const bool surveyed = begins_with_survey({.part = recall_part(store).has_value(),
                                            .calculates = resolved.code != nullptr,
                                            .scores_without_labels = resolved.surrogates.fitted(),
                                            .stages = has_stages(resolved.campaign)});
  for (auto& [number, strata] : read_shards(directory, store.identity().identity)) {
    if (store.pass_complete(number)) continue;
    const bool first = number == (surveyed ? 0 : 1);
    const bool earlier_open = !first && number > 0 && [&, pass = number] {
      const auto current = store.current_pass();
      return !current || (current->number < pass && !current->finished);
    }();
    if (earlier_open || !rebuilding.pass(number, strata)) {
      ledger.given_up.push_back(number);
      continue;
    }
    if (store.open_units(number).empty()) store.finish_pass(number);
  }
  ledger.units = rebuilding.units();
  ledger.orbits = rebuilding.orbits();
}

}  // namespace

RebuiltLedger rebuild_ledger(const fs::path& directory) {
  const std::string inputs = inputs_folder_name(directory);
  if (!fs::exists(directory / "inputs" / inputs / "campaign.toml"))
    throw StorageError(
        fmt::format("{}: it has no inputs/campaign.toml and so is not a campaign directory", directory.string()));
  const CampaignLock lock(directory);
  ResolvedCampaign resolved = resolve_stored_campaign(directory);
  RebuiltLedger ledger;
  ledger.was_sound = fs::exists(directory / "campaign.db") && sound(directory, resolved);
  if (ledger.was_sound) return ledger;

  // Made in a folder of its own and put in place when it is complete.
  const fs::path folder = directory / ".rebuilding";
  fs::remove_all(folder);
  fs::create_directory(folder);
  ledger.from_backup = copy_backup(directory, folder, resolved);
  const std::string begun =
      ledger.from_backup ? stored_identity(folder).value().identity : identity_of_a_shard(directory);
  take_earlier_defaults(resolved, earlier_defaults_of(resolved, begun));
  {
    CampaignStore store = CampaignStore::create_or_open(
        folder,
        {resolved.campaign.name, identity_of(resolved), resolved.campaign.text, resolved.campaign.text, kVersion},
        StoreOptions{.network_file_system = {}, .inputs = inputs});
    recall_decision(directory, store);
    recall_deviations(directory, store);
    take_passes(directory, resolved, store, ledger);
    store.back_up(folder / "whole.db");
  }
  ledger.set_aside = set_aside(directory);
  fs::rename(folder / "whole.db", directory / "campaign.db");
  fs::remove_all(folder);
  return ledger;
}

}  // namespace hullscan
