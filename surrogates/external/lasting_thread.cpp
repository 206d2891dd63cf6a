#include "surrogates/external/lasting_thread.hpp"

#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <thread>

namespace hullscan {
namespace {

class LastingThread {
 public:
  ~LastingThread() {
    {
      const std::lock_guard lock(mutex_);
      ends_ = true;
    }
    arrived_.notify_all();
    thread_.join();
  }

  std::future<void> add(const std::function<void()>& work) {
    std::packaged_task<void()> task(work);
    std::future<void> done = task.get_future();
    {
      const std::lock_guard lock(mutex_);
      tasks_.push_back(std::move(task));
    }
    arrived_.notify_all();
    return done;
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    while (true) {
      arrived_.wait(lock, [&] { return ends_ || !tasks_.empty(); });
      if (tasks_.empty()) return;
      std::packaged_task<void()> task = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      task();
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<std::packaged_task<void()>> tasks_;
  bool ends_ = false;
  std::thread thread_{[this] { run(); }};
};

}  // namespace

void in_lasting_thread(const std::function<void()>& work) {
  static LastingThread thread;
  thread.add(work).get();
}

}  // namespace hullscan
