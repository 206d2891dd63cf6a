#include "storage/shard_ledger.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <system_error>

#include "core/errors.hpp"
#include "core/hash.hpp"
#include "core/log.hpp"
#include "storage/detail/shard_layout.hpp"

namespace hullscan {
namespace {

using namespace shard_layout;

/// "" for a good shard.
std::string fault_of(const std::filesystem::path& file, const ShardReceipt& receipt) {
  std::error_code error;
  const auto bytes = std::filesystem::file_size(file, error);
  if (error) return error == std::errc::no_such_file_or_directory ? "missing" : error.message();
  if (bytes != receipt.bytes) return fmt::format("{} bytes, {} expected", bytes, receipt.bytes);
  try {
    if (file_hash128_hex(file) != receipt.checksum) return "its checksum differs";
  } catch (const StorageError& unreadable) {
    return unreadable.what();
  }
  return "";
}

}  // namespace

int sweep_unrecorded(const std::filesystem::path& directory, std::span<const ShardRecord> ledger) {
  const std::filesystem::path folder = directory / kFolder;
  std::set<std::string> recorded;
  for (const ShardRecord& shard : ledger) recorded.insert(shard.receipt.file_name);
  std::vector<std::filesystem::path> garbage;
  std::error_code error;
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    const bool ours = name.ends_with(kSuffix) || name.ends_with(kTemporarySuffix);
    if (ours && !recorded.contains(fmt::format("{}/{}", kFolder, name))) garbage.push_back(it->path());
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    throw StorageError(folder.string() + ": cannot be listed: " + error.message());
  }
  for (const auto& file : garbage) {
    if (!std::filesystem::remove(file, error) && error) {
      throw StorageError(file.string() + ": cannot be removed: " + error.message());
    }
  }
  if (!garbage.empty()) log_info(fmt::format("{}: {} unrecorded shards removed", folder.string(), garbage.size()));
  return static_cast<int>(garbage.size());
}

std::vector<BadShard> verify_shards(const std::filesystem::path& directory, std::span<const ShardRecord> ledger) {
  std::vector<BadShard> bad;
  for (const ShardRecord& shard : ledger) {
    const std::string fault = fault_of(directory / shard.receipt.file_name, shard.receipt);
    if (!fault.empty()) bad.push_back({shard, fault});
  }
  return bad;
}

void require_as_published(const std::filesystem::path& directory, const ShardReceipt& receipt) {
  const std::filesystem::path file = directory / receipt.file_name;
  if (const std::string fault = fault_of(file, receipt); !fault.empty())
    throw StorageError(fmt::format("{}: {}; `hullscan run` does its unit again", file.string(), fault));
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
