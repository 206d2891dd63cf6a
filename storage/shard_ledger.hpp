/// @file
/// The shards on disk against the ledger (CampaignStore::shards()): a shard without a row is garbage, a row without its
/// shard, or with another, is damage.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "storage/records.hpp"
#include "storage/shard_reader.hpp"

namespace hullscan {

/// Removes files under DIR/units that hold no recorded shard, and cuts what stands behind the last recorded one of a
/// file: what killed workers left. Only while no worker writes there. The log says what was done.
/// @returns the number of files removed or cut. @throws StorageError if that cannot be done.
int sweep_unrecorded(const std::filesystem::path& directory, std::span<const ShardRecord> ledger);

struct BadShard {
  ShardRecord record;
  std::string reason;  ///< "missing", "… bytes, … expected", "its checksum differs"
};

/// Reads every shard of the ledger whole, on `threads` threads. @returns those that are not what was published, in the
/// ledger's order.
std::vector<BadShard> verify_shards(const std::filesystem::path& directory, std::span<const ShardRecord> ledger,
                                    std::size_t threads = 1);

/// Size and time of change of each file of the ledger that is there.
std::vector<ArchiveState> states_of_files(const std::filesystem::path& directory, std::span<const ShardRecord> ledger);

/// What a shard says of itself against its row of the ledger: a sound file, but of another unit or campaign.
/// @param identities of the campaign file in all its revisions. @returns "" if they agree.
std::string difference_from(const ShardHeader& header, const ShardRecord& record,
                            std::span<const std::string> identities);

}  // namespace hullscan
