/// @file
/// A worker's end of the line to the master.
#pragma once

#include "core/protocol.hpp"

namespace hullscan {

/// Used by one thread only.
class WorkerLink {
 public:
  virtual ~WorkerLink() = default;
  virtual void send(const WorkerMessage& message) = 0;
  /// Sleeps until there is a message. Stop comes before everything else that waits.
  /// @throws TransportError on bytes that are not a message.
  virtual MasterMessage receive() = 0;
  /// True once Stop has come: what is in work shall be cut short. Cheap enough to ask every millisecond.
  virtual bool stop_asked() = 0;
};

}  // namespace hullscan
