/// @file
/// Writes the orbits of a work unit as an immutable shard of an archive file (docs/formats/shard.md).
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "core/shard_sink.hpp"
#include "storage/shard_archive.hpp"

namespace hullscan {

/// Any number of writers may be at work in one process, each in its own thread, and in any number of processes. A shard
/// under way is in memory: about three bytes an orbit.
class ShardWriter final : public ShardSink {
 public:
  /// @param archive of the process. @param campaign_identity as in CampaignIdentity::identity.
  ShardWriter(std::shared_ptr<ShardArchive> archive, std::string campaign_identity, int pass);
  /// With an archive file of its own.
  ShardWriter(const std::filesystem::path& directory, std::string campaign_identity, int pass);
  ShardWriter(const ShardWriter&) = delete;
  ShardWriter& operator=(const ShardWriter&) = delete;
  ~ShardWriter() override;  ///< a shard that was not published is gone

  void begin(const WorkUnit& unit, std::uint64_t model_hash) override;
  void add(std::uint64_t degeneracy, std::optional<std::int32_t> energy) override;
  [[nodiscard]] bool full() const override;
  ShardReceipt publish(const WorkUnit& done, std::span<const Candidate> kept = {}) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hullscan
