/// @file
/// mpirun may never end: it waits for the daemon of a host that it cannot reach any more, also when it was asked to
/// abort; and it was seen to lock itself up after a rank was killed (Open MPI 4.1.4, in PMIx_server_finalize).
#pragma once

#include <chrono>

namespace hullscan::detail {

/// A process beside this one that kills the mpirun which started this one, if it still runs `patience` after this
/// process is gone or has begun the countdown. None where the parent is not an mpirun: batch systems find a lost host
/// themselves. Made before there are threads.
class LauncherGuard {
 public:
  explicit LauncherGuard(std::chrono::seconds patience);
  LauncherGuard(const LauncherGuard&) = delete;
  LauncherGuard& operator=(const LauncherGuard&) = delete;
  ~LauncherGuard() { begin_countdown(); }
  void begin_countdown();

 private:
  int alive_ = -1;  ///< end of a pipe that the system closes when this process ends, however it does
};

}  // namespace hullscan::detail
