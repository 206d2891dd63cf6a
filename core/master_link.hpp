/// @file
/// The master's end of the line to its workers; threads and MPI implement it, so that the scheduler knows neither.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <utility>

#include "core/protocol.hpp"

namespace hullscan {

/// Messages to one worker arrive in the order sent, but Stop overtakes what the worker has not begun.
/// Used by one thread only.
class MasterLink {
 public:
  virtual ~MasterLink() = default;
  /// Workers are numbered from 0. Does not change while the link lives; a worker that died is still counted.
  [[nodiscard]] virtual std::size_t worker_count() const = 0;
  /// Returns at once. A message to a worker that is gone vanishes.
  virtual void send(std::size_t worker, const MasterMessage& message) = 0;
  /// The next message of any worker, or nothing within `timeout`. Sleeps while it waits.
  /// @throws TransportError on bytes that are not a message.
  virtual std::optional<std::pair<std::size_t, WorkerMessage>> receive(std::chrono::milliseconds timeout) = 0;
};

}  // namespace hullscan
