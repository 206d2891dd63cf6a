/// @file
/// Where a worker puts the orbits of a unit; storage implements it, so that workers know no file format.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "core/work_unit.hpp"

namespace hullscan {

/// One shard at a time: begin, add in search order, publish. Not shared between threads.
class ShardSink {
 public:
  virtual ~ShardSink() = default;
  virtual void begin(const WorkUnit& unit, std::uint64_t model_hash) = 0;
  /// @param energy predicted formation energy in 1e-6 eV per atom, or nothing without a model.
  virtual void add(std::uint64_t degeneracy, std::optional<std::int32_t> energy) = 0;
  /// The shard is as large as it should become: the unit ends here, the rest of it is another unit.
  [[nodiscard]] virtual bool full() const { return false; }
  /// Makes the shard durable and visible. `done` is the unit asked for, perhaps with an earlier end; `kept` its best
  /// configurations, which the shard holds too, so that it says everything about its unit.
  /// @throws StorageError; nothing half-written stays under a final name.
  virtual ShardReceipt publish(const WorkUnit& done, std::span<const Candidate> kept) = 0;
};

}  // namespace hullscan
