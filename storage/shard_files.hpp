/// @file
/// The bytes of shards on disk: are they what was published, and what is there without a ledger.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/work_unit.hpp"

namespace hullscan {

/// Checks one shard after the other; those of one file in turn open it once. Used by one thread only.
class ShardChecker {
 public:
  explicit ShardChecker(std::filesystem::path directory);
  ~ShardChecker();

  /// Reads all its bytes. @returns "" for a good shard; "missing", "… bytes, … expected", "its checksum differs".
  std::string fault_of(const ShardReceipt& receipt);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Before a shard is opened: HDF5 may end the process over bytes that have changed. @throws StorageError if they have.
void require_as_published(const std::filesystem::path& directory, const ShardReceipt& receipt);

/// A shard of an archive file. @throws StorageError unless it is what was published.
std::vector<std::byte> bytes_of(const std::filesystem::path& directory, const ShardReceipt& receipt);

struct FoundShard {
  ShardReceipt receipt;  ///< without the number of orbits
  std::string fault;     ///< "" if it says its own checksum
};

/// Every shard under DIR/units, by file and place, whether a ledger has it or not: what killed writers left is no
/// shard. @throws StorageError if a file cannot be read.
std::vector<FoundShard> find_shards(const std::filesystem::path& directory);

}  // namespace hullscan
