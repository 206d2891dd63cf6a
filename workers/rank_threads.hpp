/// @file
/// Ranks with several worker threads each. The threads of rank n speak with the master through their rank's main
/// thread, the only one that calls MPI; rank 0 is the master, and its other threads are workers too.
#pragma once

#include "workers/mpi_link.hpp"
#include "workers/thread_link.hpp"

namespace hullscan {

/// The link of rank 0: the threads of the other ranks, then its own.
class RankThreadsLink : public MasterLink {
 public:
  /// @param threads of every rank, >= 1, the same number on all of them. @param work of a worker thread of this rank.
  RankThreadsLink(MpiSession& session, std::size_t threads, const ThreadLink::Work& work);

  [[nodiscard]] std::size_t worker_count() const override;
  void send(std::size_t worker, const MasterMessage& message) override;
  std::optional<std::pair<std::size_t, WorkerMessage>> receive(std::chrono::milliseconds timeout) override;

 private:
  MpiMasterLink ranks_;
  ThreadLink own_;
};

/// What every other rank does: `threads` workers, until the master has stopped them all.
/// @throws StorageError if they cannot be started.
void serve_with_threads(const MpiSession& session, std::size_t threads, const ThreadLink::Work& work);

}  // namespace hullscan
