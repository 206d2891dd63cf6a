/// @file
/// Writes the orbits of a work unit as an immutable shard, units/*.h5 (docs/formats/shard.md).
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "core/shard_sink.hpp"

namespace hullscan {

/// Any number of writers may be at work in one process, each in its own thread, and in any number of processes.
class ShardWriter final : public ShardSink {
 public:
  /// Makes DIR/units if it is absent. @param campaign_identity as in CampaignIdentity::identity.
  ShardWriter(const std::filesystem::path& directory, std::string campaign_identity, int pass);
  ShardWriter(const ShardWriter&) = delete;
  ShardWriter& operator=(const ShardWriter&) = delete;
  ~ShardWriter() override;  ///< a shard that was not published is removed

  void begin(const WorkUnit& unit, std::uint64_t model_hash) override;
  void add(std::uint64_t degeneracy, std::optional<std::int32_t> energy) override;
  ShardReceipt publish(const WorkUnit& done, std::span<const Candidate> kept = {}) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hullscan
