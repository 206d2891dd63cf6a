/// @file
/// The archive file of one process and one run, units/*.seg: shards one after the other (docs/formats/shard.md,
/// docs/decisions/0036-few-archive-files.md).
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>

#include "core/work_unit.hpp"

namespace hullscan {

/// Shared by all threads of a process. The file is made with the first shard; its name says host and process.
class ShardArchive {
 public:
  explicit ShardArchive(std::filesystem::path directory);
  ShardArchive(const ShardArchive&) = delete;
  ShardArchive& operator=(const ShardArchive&) = delete;
  ~ShardArchive();

  /// Puts a shard at the end of the file. When this returns, it survives a power cut.
  /// @returns where it is; without the number of orbits.
  /// @throws StorageError; what was written of it is cut off again.
  ShardReceipt append(std::span<const std::byte> shard);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hullscan
