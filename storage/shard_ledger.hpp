/// @file
/// The shards on disk against the ledger (CampaignStore::shards()): a shard without a row is garbage, a row without its
/// file, or with another, is damage.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "storage/records.hpp"
#include "storage/shard_reader.hpp"

namespace hullscan {

/// Removes temporary and unrecorded shards under DIR/units. Only while no worker writes there. The log says how many.
/// @returns the number removed. @throws StorageError if one cannot be removed.
int sweep_unrecorded(const std::filesystem::path& directory, std::span<const ShardRecord> ledger);

struct BadShard {
  ShardRecord record;
  std::string reason;  ///< "missing", "… bytes, … expected", "its checksum differs"
};

/// Reads every shard of the ledger whole. @returns those that are not what was published, in the ledger's order.
std::vector<BadShard> verify_shards(const std::filesystem::path& directory, std::span<const ShardRecord> ledger);

/// Before a shard is opened: HDF5 may end the process over a file that has changed. @throws StorageError if it has.
void require_as_published(const std::filesystem::path& directory, const ShardReceipt& receipt);

/// What a shard says of itself against its row of the ledger: a sound file, but of another unit or campaign.
/// @param identities of the campaign file in all its revisions. @returns "" if they agree.
std::string difference_from(const ShardHeader& header, const ShardRecord& record,
                            std::span<const std::string> identities);

}  // namespace hullscan
