#include "campaign/merging.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <set>

#include "campaign/campaign_directory.hpp"
#include "campaign/report/make_report.hpp"
#include "campaign/report/report_folder.hpp"
#include "core/errors.hpp"
#include "scheduler/decisions/candidates_to_keep.hpp"
#include "scheduler/decisions/search_limits.hpp"
#include "storage/campaign_facts.hpp"
#include "storage/campaign_lock.hpp"
#include "storage/campaign_store.hpp"
#include "storage/durable_file.hpp"
#include "storage/shard_ledger.hpp"

namespace hullscan {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kUnitsAtATime = 1000;

struct OpenPart {
  fs::path directory;
  CampaignStore store;
};

/// Every part with what is wrong with them, all at once.
std::vector<OpenPart> open_parts(const std::vector<fs::path>& directories) {
  std::vector<OpenPart> parts;
  std::vector<std::string> wrong;
  std::set<std::string> seen;
  for (const fs::path& directory : directories) {
    const std::string name = directory.string();
    if (CampaignLock::holder(directory)) wrong.push_back(name + ": it is in use by hullscan");
    CampaignStore store = CampaignStore::open_read_only(directory);
    const auto part = recall_part(store);
    if (!part) {
      wrong.push_back(name + ": it is not a part (run --part) of a campaign");
    } else if (!seen.insert(*part).second) {
      wrong.push_back(fmt::format("{}: part {} was given already", name, *part));
    }
    if (!store.pass_complete(0)) wrong.push_back(name + ": it is not complete: run its line again");
    if (!parts.empty() && store.identity().identity != parts.front().store.identity().identity)
      wrong.push_back(
          fmt::format("{}: it belongs to another campaign than {}", name, parts.front().directory.string()));
    parts.push_back({directory, std::move(store)});
  }
  if (!wrong.empty()) throw InputError(fmt::format("{}", fmt::join(wrong, "\n")));
  return parts;
}

/// The parts must tile every stratum.
void check_whole(const CampaignView& view, const std::vector<OpenPart>& parts) {
  std::map<Stratum, std::vector<std::pair<Cursor, Cursor>>> covered;
  for (const OpenPart& part : parts) {
    for (const FinishedUnit& done : part.store.finished_units(0)) {
      covered[done.unit.stratum].emplace_back(done.unit.begin, done.unit.end);
    }
  }
  std::string given;
  for (const OpenPart& part : parts) given += (given.empty() ? "" : ", ") + recall_part(part.store).value_or("");
  for (const StratumView& stratum : view.strata) {
    auto& pieces = covered[stratum.stratum];
    std::sort(pieces.begin(), pieces.end());
    Cursor reached;
    bool whole = !pieces.empty() && pieces.front().first.empty();
    for (std::size_t i = 0; i < pieces.size() && whole; ++i) {
      whole = i == 0 || (!reached.empty() && pieces[i].first == reached);
      reached = pieces[i].second;
    }
    if (whole && reached.empty()) continue;
    throw InputError(
        fmt::format("the parts given ({}) are not the whole campaign: {} is missing or is there more than once", given,
                    stratum.formula));
  }
}

/// A second name where the file system allows it, else a copy.
void take_file(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::create_hard_link(from, to, error);
  if (!error) return;
  if (!fs::copy_file(from, to, error) || error)
    throw StorageError(fmt::format("{}: cannot be copied to {}: {}", from.string(), to.string(), error.message()));
  sync_file(to);
}

class Merging {
 public:
  Merging(const fs::path& directory, CampaignStore& store, std::uint32_t keep_best)
      : directory_(directory), store_(store), keep_best_(keep_best) {}

  void take(const OpenPart& part) {
    taken_.clear();
    // An archive file is called after a host and a process, which may be those of another part's file too.
    std::string of_part = recall_part(part.store).value_or("");
    std::replace(of_part.begin(), of_part.end(), '/', '-');
    std::vector<FinishedUnit> done = part.store.finished_units(0);
    std::map<Stratum, EnergySpectrum> spectra = part.store.spectra(0);
    std::set<Stratum> begun;
    for (std::size_t first = 0; first < done.size(); first += kUnitsAtATime) {
      const std::size_t count = std::min(kUnitsAtATime, done.size() - first);
      std::vector<WorkUnit> units;
      for (std::size_t i = 0; i < count; ++i) units.push_back(done[first + i].unit);
      units = store_.add_units(0, units);
      std::vector<UnitScored> results(count);
      for (std::size_t i = 0; i < count; ++i) {
        const FinishedUnit& of = done[first + i];
        UnitScored& result = results[i];
        result.unit = units[i];
        result.orbits = of.orbits;
        result.labelled = of.labelled;
        result.seconds = of.seconds;
        if (begun.insert(of.unit.stratum).second) {  // what is kept of a stratum comes with its first unit
          result.kept = part.store.candidates(0, of.unit.stratum);
          result.spectrum = spectra[of.unit.stratum];
        }
        if (!of.shard) continue;
        result.shards = {*of.shard};
        const fs::path from = of.shard->file_name;
        const fs::path to = of.shard->begin == 0
                                ? from
                                : from.parent_path() / fmt::format("part-{}-{}", of_part, from.filename().string());
        result.shards.front().file_name = to.string();
        if (taken_.insert(to).second) take_file(part.directory / from, directory_ / to);
      }
      store_.finish_units(0, results, keep_best_);
    }
  }

 private:
  fs::path directory_;
  CampaignStore& store_;
  std::uint32_t keep_best_;
  std::set<fs::path> taken_;
};

void require_published_shards(const std::vector<OpenPart>& parts) {
  for (const OpenPart& part : parts) {
    for (const BadShard& bad : verify_shards(part.directory, part.store.shards())) {
      throw StorageError(fmt::format("{}: {}; run that part again first",
                                     (part.directory / name_of(bad.record.receipt)).string(), bad.reason));
    }
  }
}

/// The whole campaign in an empty folder.
void fill(const fs::path& folder, const std::vector<OpenPart>& parts, const LoadedCampaign& loaded,
          const CampaignView& view) {
  const OpenPart& any = parts.front();
  fs::copy(any.directory / "inputs", folder / "inputs", fs::copy_options::recursive);
  CampaignStore store = CampaignStore::create_or_open(folder, any.store.identity());
  store.begin_pass(0, 0, {});
  Merging merging(folder, store, candidates_to_keep(view));
  for (const OpenPart& part : parts) merging.take(part);
  store.finish_pass(0);
  if (const auto temperatures = recall_pass_temperatures(any.store, 0))
    remember_pass_temperatures(store, 0, *temperatures);
  if (const auto limits = recall_search_limits(any.store)) remember_search_limits(store, *limits);
  if (!loaded.campaign.dft) write_report(folder, make_report(view, loaded.spaces, store));
}

}  // namespace

MergedCampaign merge_parts(const std::vector<fs::path>& directories, const fs::path& target) {
  const std::vector<OpenPart> parts = open_parts(directories);
  const LoadedCampaign loaded = load_stored_campaign(parts.front().directory);
  const CampaignView view = view_of(loaded.campaign, loaded.spaces);
  check_whole(view, parts);
  require_published_shards(parts);

  // Under a name of its own until it is whole.
  const fs::path folder = target.string() + fmt::format(".merging-{}", ::getpid());
  fs::create_directories(folder / "units");
  try {
    fill(folder, parts, loaded, view);
    sync_directory(folder / "units");
    fs::rename(folder, target);
    sync_directory(target.parent_path());
  } catch (...) {
    std::error_code ignored;
    fs::remove_all(folder, ignored);
    throw;
  }
  return {.parts = parts.size(), .computes = loaded.campaign.dft.has_value()};
}

}  // namespace hullscan
