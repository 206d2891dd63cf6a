#include "campaign/tasks_ahead.hpp"

#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <utility>
#include <vector>

namespace hullscan {
namespace {

using Batch = std::vector<TaskRecord>;

/// Batches from the thread that reads to the one that visits.
class BatchQueue {
 public:
  /// Waits while enough lie ready. @returns false: nobody visits them any more.
  bool push(Batch&& batch) {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [&] { return ready_.size() < kMostReady || abandoned_; });
    if (abandoned_) return false;
    ready_.push_back(std::move(batch));
    filled_.notify_one();
    const std::vector<Batch> spent = std::exchange(spent_, {});
    lock.unlock();  // before they go
    return true;
  }

  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    filled_.notify_one();
  }

  void abandon() {
    const std::lock_guard lock(mutex_);
    abandoned_ = true;
    room_.notify_one();
  }

  /// Waits for the next one. Empty: there is no more. @param spent the one before: the reader frees what it allocated,
  /// since two threads at one heap wait for each other.
  Batch pop(Batch&& spent) {
    std::unique_lock lock(mutex_);
    spent_.push_back(std::move(spent));
    filled_.wait(lock, [&] { return !ready_.empty() || closed_; });
    if (ready_.empty()) return {};
    Batch batch = std::move(ready_.front());
    ready_.pop_front();
    room_.notify_one();
    return batch;
  }

 private:
  static constexpr std::size_t kMostReady = 8;
  std::mutex mutex_;
  std::condition_variable room_, filled_;
  std::deque<Batch> ready_;
  std::vector<Batch> spent_;
  bool closed_ = false, abandoned_ = false;
};

struct Abandoned {};

void read_into(const CampaignStore& store, BatchQueue& queue) {
  constexpr std::size_t kTasksPerBatch = 256;
  Batch batch;
  store.each_task({}, [&](TaskRecord&& task) {
    batch.push_back(std::move(task));
    if (batch.size() < kTasksPerBatch) return;
    if (!queue.push(std::exchange(batch, {}))) throw Abandoned{};
  });
  if (!batch.empty()) queue.push(std::move(batch));
}

}  // namespace

void each_task_ahead(const CampaignStore& store, const std::function<void(TaskRecord&&)>& visit) {
  BatchQueue queue;
  std::future<void> reading = std::async(std::launch::async, [&] {
    const struct Closing {
      BatchQueue& queue;
      ~Closing() { queue.close(); }
    } closing{queue};
    try {
      read_into(store, queue);
    } catch (const Abandoned&) {  // `visit` has thrown: there is nobody to read for
    }
  });
  const struct Abandoning {
    BatchQueue& queue;
    ~Abandoning() { queue.abandon(); }  // before the future waits for its thread
  } abandoning{queue};
  for (Batch batch = queue.pop({}); !batch.empty(); batch = queue.pop(std::move(batch))) {
    for (TaskRecord& task : batch) visit(std::move(task));
  }
  reading.get();
}

}  // namespace hullscan
