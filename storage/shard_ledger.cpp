#include "storage/shard_ledger.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <system_error>
#include <thread>
#include <utility>

#include "core/errors.hpp"
#include "core/log.hpp"
#include "storage/detail/shard_layout.hpp"
#include "storage/shard_files.hpp"

namespace hullscan {
namespace {

using namespace shard_layout;

/// What the ledger knows of a file: where its last recorded shard ends, or 0 for a file that is one shard.
using RecordedEnds = std::map<std::string, std::uint64_t>;

RecordedEnds recorded_ends(std::span<const ShardRecord> ledger) {
  RecordedEnds ends;
  for (const ShardRecord& shard : ledger) {
    std::uint64_t& end = ends[shard.receipt.file_name];
    if (shard.receipt.begin != 0) end = std::max(end, shard.receipt.begin + shard.receipt.bytes);
  }
  return ends;
}

bool is_ours(const std::string& name) {
  return name.ends_with(kArchiveSuffix) || name.ends_with(kSuffix) || name.ends_with(kTemporarySuffix);
}

}  // namespace

int sweep_unrecorded(const std::filesystem::path& directory, std::span<const ShardRecord> ledger) {
  const std::filesystem::path folder = directory / kFolder;
  const RecordedEnds recorded = recorded_ends(ledger);
  std::vector<std::filesystem::path> garbage;
  std::vector<std::pair<std::filesystem::path, std::uint64_t>> too_long;
  std::error_code error;
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (!is_ours(name)) continue;
    const auto known = recorded.find(fmt::format("{}/{}", kFolder, name));
    if (known == recorded.end()) {
      garbage.push_back(it->path());
    } else if (known->second != 0 && it->is_regular_file() && it->file_size() > known->second) {
      too_long.emplace_back(it->path(), known->second);
    }
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    throw StorageError(folder.string() + ": cannot be listed: " + error.message());
  }
  for (const auto& file : garbage) {
    if (!std::filesystem::remove(file, error) && error) {
      throw StorageError(file.string() + ": cannot be removed: " + error.message());
    }
  }
  for (const auto& [file, end] : too_long) {
    std::filesystem::resize_file(file, end, error);
    if (error) throw StorageError(file.string() + ": cannot be cut: " + error.message());
  }
  if (!garbage.empty()) log_info(fmt::format("{}: {} unrecorded shards removed", folder.string(), garbage.size()));
  if (!too_long.empty()) {
    log_info(
        fmt::format("{}: {} archive files cut behind their last recorded shard", folder.string(), too_long.size()));
  }
  return static_cast<int>(garbage.size() + too_long.size());
}

std::vector<BadShard> verify_shards(const std::filesystem::path& directory, std::span<const ShardRecord> ledger,
                                    std::size_t threads) {
  std::vector<std::string> faults(ledger.size());
  std::atomic<std::size_t> next = 0;
  constexpr std::size_t kShardsAtATime = 16;  // of one file, mostly
  const auto check = [&] {
    ShardChecker checker(directory);
    for (std::size_t first = next.fetch_add(kShardsAtATime); first < ledger.size();
         first = next.fetch_add(kShardsAtATime)) {
      for (std::size_t i = first; i < std::min(ledger.size(), first + kShardsAtATime); ++i)
        faults[i] = checker.fault_of(ledger[i].receipt);
    }
  };
  {
    std::vector<std::jthread> others;
    for (std::size_t i = 1; i < threads; ++i) others.emplace_back(check);
    check();
  }
  std::vector<BadShard> bad;
  for (std::size_t i = 0; i < ledger.size(); ++i) {
    if (!faults[i].empty()) bad.push_back({ledger[i], faults[i]});
  }
  return bad;
}

std::vector<ArchiveState> states_of_files(const std::filesystem::path& directory, std::span<const ShardRecord> ledger) {
  std::vector<ArchiveState> states;
  for (const auto& [name, end] : recorded_ends(ledger)) {
    struct stat found {};
    if (::stat((directory / name).c_str(), &found) != 0) continue;
    constexpr std::int64_t kPerSecond = 1'000'000'000;
    states.push_back({name, static_cast<std::uint64_t>(found.st_size),
                      std::int64_t{found.st_mtim.tv_sec} * kPerSecond + found.st_mtim.tv_nsec});
  }
  return states;
}

std::string difference_from(const ShardHeader& header, const ShardRecord& record,
                            std::span<const std::string> identities) {
  const WorkUnit& unit = record.unit;
  if (std::find(identities.begin(), identities.end(), header.campaign_identity) == identities.end())
    return "of another campaign";
  if (header.pass != record.pass) return fmt::format("of pass {}, not {}", header.pass, record.pass);
  if (header.unit.stratum != unit.stratum || header.unit.begin != unit.begin || header.unit.end != unit.end) {
    return "of another work unit";
  }
  if (header.orbits != record.receipt.orbits) {
    return fmt::format("{} orbits, {} expected", header.orbits, record.receipt.orbits);
  }
  return "";
}

}  // namespace hullscan
