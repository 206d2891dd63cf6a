#include "campaign/verification.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <thread>

#include "campaign/campaign_directory.hpp"
#include "campaign/import/import_files.hpp"
#include "campaign/units.hpp"
#include "core/hash.hpp"
#include "core/scaled_energy.hpp"
#include "dft_adapters/dft_code.hpp"
#include "scheduler/decisions/judging.hpp"
#include "scheduler/decisions/soundness.hpp"
#include "storage/campaign_store.hpp"
#include "storage/shard_ledger.hpp"
#include "storage/shard_reader.hpp"
#include "storage/task_archive.hpp"

namespace hullscan {
namespace {

namespace fs = std::filesystem;

/// Compares what is generated with the rows of a shard instead of writing it.
class ComparingSink final : public ShardSink {
 public:
  explicit ComparingSink(const Shard* shard) : shard_(shard) {}
  void begin(const WorkUnit&, std::uint64_t) override { row_ = 0; }
  void add(std::uint64_t degeneracy, std::optional<std::int32_t> energy) override {
    const std::size_t row = row_++;
    if (shard_ == nullptr || !fault_.empty()) return;
    if (row >= shard_->degeneracies.size()) {
      fault_ = fmt::format("it has {} orbits, there are more", shard_->degeneracies.size());
    } else if (degeneracy != shard_->degeneracies[row]) {
      fault_ = fmt::format("orbit {}: degeneracy {}, computed {}", row, shard_->degeneracies[row], degeneracy);
    } else if (energy.has_value() != shard_->header.with_energy) {
      fault_ = "it was stored with another kind of model";
    } else if (energy && *energy != shard_->energies[row]) {
      fault_ = fmt::format("orbit {}: {:.6f} eV/atom, computed {:.6f}", row, micro_ev_to_ev(shard_->energies[row]),
                           micro_ev_to_ev(*energy));
    }
  }
  ShardReceipt publish(const WorkUnit&, std::span<const Candidate>) override { return {}; }
  [[nodiscard]] const std::string& fault() const { return fault_; }

 private:
  const Shard* shard_;
  std::size_t row_ = 0;
  std::string fault_;
};

class Recomputation {
 public:
  Recomputation(const fs::path& directory, const CampaignStore& store, const LoadedCampaign& loaded)
      : directory_(directory), store_(store), loaded_(loaded) {}

  /// "" if the unit, done again, is what was stored of it.
  std::string fault_of(const Pass& pass, const FinishedUnit& done) {
    std::optional<Shard> shard;
    if (done.shard) shard = read_shard(directory_, *done.shard);
    const ComparingSink* sink = nullptr;
    UnitRunnerParts parts =
        runner_parts(loaded_.campaign, loaded_.spaces, directory_, store_.identity().identity, nullptr);
    parts.shard_sink = [&](std::uint32_t) {
      auto made = std::make_unique<ComparingSink>(shard ? &*shard : nullptr);
      sink = made.get();
      return made;
    };
    UnitRunner runner(std::move(parts));
    runner.use_model({static_cast<std::uint32_t>(pass.number), pass.model_hash, pass.model});
    const auto& best = candidates_of(pass.number, done.unit.stratum);
    const UnitScored again = runner.run({.unit = done.unit,
                                         .quota_s = std::numeric_limits<double>::infinity(),
                                         .keep_best = static_cast<std::uint32_t>(best.size()),
                                         .write_shard = true});
    if (!sink->fault().empty()) return sink->fault();
    if (again.orbits != done.orbits || again.labelled != done.labelled) {
      return fmt::format("{} orbits and {} configurations, computed {} and {}", done.orbits, done.labelled,
                         again.orbits, again.labelled);
    }
    for (const Candidate& candidate : again.kept) {
      if (!best.empty() && better(candidate, best.back()) &&
          !std::binary_search(best.begin(), best.end(), candidate, better)) {
        return "a configuration that belongs to the best of its composition is not among them";
      }
    }
    return "";
  }

 private:
  const std::vector<Candidate>& candidates_of(int pass, const Stratum& stratum) {
    if (!known_ || known_->first != pass || known_->second != stratum) {
      known_ = {pass, stratum};
      candidates_ = store_.candidates(pass, stratum);
    }
    return candidates_;
  }

  fs::path directory_;
  const CampaignStore& store_;
  const LoadedCampaign& loaded_;
  std::optional<std::pair<int, Stratum>> known_;
  std::vector<Candidate> candidates_;
};

void check_shards(const fs::path& directory, const CampaignStore& store, Verification& found) {
  const std::vector<ShardRecord> ledger = store.shards();
  std::vector<std::string> campaign;
  for (const Revision& revision : store.revisions()) campaign.push_back(revision.identity);
  found.shards = ledger.size();
  const std::vector<BadShard> bad = verify_shards(directory, ledger, std::max(1U, std::thread::hardware_concurrency()));
  for (const BadShard& shard : bad) found.faults.push_back({name_of(shard.record.receipt), shard.reason});
  std::size_t next_bad = 0;
  for (const ShardRecord& record : ledger) {
    if (next_bad < bad.size() && bad[next_bad].record.receipt == record.receipt) {
      ++next_bad;
      continue;
    }
    try {
      const std::string difference = difference_from(ShardReader(directory, record.receipt).header(), record, campaign);
      if (!difference.empty()) found.faults.push_back({name_of(record.receipt), difference});
    } catch (const StorageError& error) {
      found.faults.push_back({name_of(record.receipt), error.what()});
    }
  }
}

/// Every result against its checksum and against the files of its attempt, and whether the campaign has its
/// configuration.
void check_results(const fs::path& directory, const CampaignStore& store, Verification& found) {
  const DftCode* code = nullptr;
  try {
    const LoadedCampaign loaded = load_stored_campaign(directory);
    if (loaded.campaign.dft) code = find_dft_code(loaded.campaign.dft->code);
    for (const std::string& fault : unsound_records(view_of(loaded.campaign, loaded.spaces), store))
      found.faults.push_back({"campaign.db", fault});
  } catch (const Error& error) {
    found.faults.push_back({"inputs", error.what()});
  }
  ImportedFiles imports(directory);
  store.each_task({}, [&](const TaskRecord& task) {
    if (!task.result) return;
    ++found.results;
    const std::string name = fmt::format("{} ({})", task.short_id, task.task.formula);
    if (!task.result->as_accepted)
      found.faults.push_back(
          {name, "its result in campaign.db is not the one that was accepted: the checksum differs"});
    if (task.round == kImportedRound) {
      bool compared = false;
      const std::string difference = imports.difference(task, compared);
      found.compared += compared ? 1 : 0;
      if (!difference.empty()) found.faults.push_back({name, difference});
      return;
    }
    if (code == nullptr) return;
    try {
      const AttemptFiles files(directory / "tasks" / task.task.key, task.result->attempt);
      if (!files.found()) return;
      // Files that are incomplete say nothing; files that answer another question than this task's are somebody else's.
      const DftOutcome outcome = code->read_outputs(files.directory());
      const auto* failure = std::get_if<DftFailure>(&outcome);
      if (failure != nullptr && failure->kind == FailureKind::kRequestNotEchoed)
        found.faults.push_back({name, "its files are not those of its calculation: " + failure->reason});
    } catch (const StorageError& error) {
      found.faults.push_back({name, error.what()});
      return;
    }
    ++found.compared;
    const std::string difference = difference_from_files(task, directory, *code);
    if (!difference.empty()) found.faults.push_back({name, difference});
  });
}

/// The same units for the same share: by their places, so that a second run looks at the same ones.
bool drawn(const WorkUnit& unit, double share) {
  const std::array<std::uint64_t, 4> words{unit.stratum.space, unit.stratum.supercell, unit.stratum.index_in_supercell,
                                           hash64(std::as_bytes(std::span(unit.begin)))};
  return std::ldexp(static_cast<double>(random_bits(0, words) >> 11U), -53) < share;
}

void recompute(const fs::path& directory, const CampaignStore& store, double share, Verification& found) {
  const LoadedCampaign loaded = load_stored_campaign(directory);
  Recomputation recomputation(directory, store, loaded);
  const auto last = store.current_pass();
  for (int number = store.revision().first; last && number <= last->number; ++number) {
    const auto pass = store.pass(number);
    if (!pass) continue;
    for (const FinishedUnit& done : store.finished_units(number)) {
      if (!drawn(done.unit, share)) continue;
      if (done.orbits == 0 && !done.shard) continue;  // searched, not generated
      ++found.recomputed;
      const std::string name = done.shard ? name_of(*done.shard) : fmt::format("work unit {}", done.unit.id);
      try {
        const std::string fault = recomputation.fault_of(*pass, done);
        if (!fault.empty()) found.faults.push_back({name, fault});
      } catch (const StorageError&) {
        // Damaged: said already.
      }
    }
  }
}

}  // namespace

Verification verify_campaign(const fs::path& directory, double recomputed_share) {
  const CampaignStore store = CampaignStore::open_read_only(directory);
  Verification found;
  for (const std::string& problem : store.check_integrity()) found.faults.push_back({"campaign.db", problem});
  check_shards(directory, store, found);
  check_results(directory, store, found);
  if (recomputed_share > 0) recompute(directory, store, recomputed_share, found);
  return found;
}

}  // namespace hullscan
