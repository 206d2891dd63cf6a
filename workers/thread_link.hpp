/// @file
/// Workers as threads of this process. The bytes are those of the MPI link.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "core/master_link.hpp"
#include "workers/worker_link.hpp"

namespace hullscan {

class ThreadLink : public MasterLink {
 public:
  /// What one worker does with its link, in a thread of its own; usually serve() with a runner of its own. It must end
  /// soon after its link's stop_asked() is true. If it throws, the master gets WorkerFailed.
  using Work = std::function<void(WorkerLink&)>;

  ThreadLink(std::size_t workers, const Work& work);
  ThreadLink(const ThreadLink&) = delete;
  ThreadLink& operator=(const ThreadLink&) = delete;
  ~ThreadLink() override;  ///< stops every worker and waits for their ends

  [[nodiscard]] std::size_t worker_count() const override { return threads_.size(); }
  void send(std::size_t worker, const MasterMessage& message) override;
  std::optional<std::pair<std::size_t, WorkerMessage>> receive(std::chrono::milliseconds timeout) override;

 private:
  class WorkerEnd;
  struct Inbox {
    std::mutex mutex;
    std::condition_variable arrived;
    std::deque<std::vector<std::byte>> messages;
    bool stop = false;
  };
  struct Outbox {
    std::mutex mutex;
    std::condition_variable arrived;
    std::deque<std::pair<std::size_t, std::vector<std::byte>>> messages;
  };

  std::vector<std::unique_ptr<Inbox>> inboxes_;  ///< one per worker
  Outbox outbox_;                                ///< of all workers
  std::vector<std::thread> threads_;
};

}  // namespace hullscan
