/// @file
/// Before a campaign goes on: are the stored orbits what was published? The workers look, all at once.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "core/master_link.hpp"
#include "storage/shard_ledger.hpp"

namespace hullscan {

struct ShardCheckOptions {
  double lease_s = 120;                      ///< a worker that was asked and is silent for so long is lost
  std::function<bool()> stop = {};           ///< asked often; true: end now
  std::uint64_t spread_from = 64ULL << 20U;  ///< bytes; fewer are read here, before all workers have come
};

/// @returns the shards that are not what was published, in the ledger's order; nothing if it was stopped.
/// @throws WorkerLost; Error with the exit code of a worker that cannot go on.
std::optional<std::vector<BadShard>> check_shards(MasterLink& link, const std::filesystem::path& directory,
                                                  std::span<const ShardRecord> ledger,
                                                  const ShardCheckOptions& options);

/// The shards of files that have changed, or may have, since they were last known to be good.
std::vector<ShardRecord> without_unchanged(std::vector<ShardRecord> ledger, const std::vector<ArchiveState>& known,
                                           const std::vector<ArchiveState>& present);

}  // namespace hullscan
