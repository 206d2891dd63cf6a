/// @file
/// Master and workers as MPI ranks: rank 0 is the master, rank n is worker n - 1, or has several (rank_threads.hpp).
/// Waiting sleeps, it does not spin.
#pragma once

#include <memory>

#include "core/master_link.hpp"
#include "workers/mpi_session.hpp"
#include "workers/worker_link.hpp"

namespace hullscan {

/// The link of rank 0. The session must outlive it.
class MpiMasterLink : public MasterLink {
 public:
  /// @param threads workers of every other rank: worker w is thread w % threads of rank 1 + w / threads.
  explicit MpiMasterLink(MpiSession& session, std::size_t threads = 1);
  MpiMasterLink(const MpiMasterLink&) = delete;
  MpiMasterLink& operator=(const MpiMasterLink&) = delete;
  /// Stops every worker and waits until each has taken leave; what they still say is dropped. A worker that does not
  /// answer within 20 s is lost (MpiSession::rank_is_lost).
  ~MpiMasterLink() override;

  [[nodiscard]] std::size_t worker_count() const override;
  void send(std::size_t worker, const MasterMessage& message) override;
  std::optional<std::pair<std::size_t, WorkerMessage>> receive(std::chrono::milliseconds timeout) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The link of every other rank with one worker. The session must outlive it.
class MpiWorkerLink : public WorkerLink {
 public:
  explicit MpiWorkerLink(const MpiSession& session);
  MpiWorkerLink(const MpiWorkerLink&) = delete;
  MpiWorkerLink& operator=(const MpiWorkerLink&) = delete;
  ~MpiWorkerLink() override;  ///< waits for Stop, drops what else comes, and takes leave of the master

  void send(const WorkerMessage& message) override;
  MasterMessage receive() override;
  bool stop_asked() override;

 private:
  bool stopped_ = false;
};

}  // namespace hullscan
