#include "workers/thread_link.hpp"

#include <exception>
#include <string>
#include <system_error>
#include <variant>

#include "core/errors.hpp"
#include "core/log.hpp"

namespace hullscan {

class ThreadLink::WorkerEnd : public WorkerLink {
 public:
  WorkerEnd(std::size_t worker, Inbox& inbox, Outbox& outbox) : worker_(worker), inbox_(inbox), outbox_(outbox) {}

  void send(const WorkerMessage& message) override {
    auto bytes = encode(message);
    {
      const std::lock_guard lock(outbox_.mutex);
      outbox_.messages.emplace_back(worker_, std::move(bytes));
    }
    outbox_.arrived.notify_one();
  }

  MasterMessage receive() override {
    std::unique_lock lock(inbox_.mutex);
    inbox_.arrived.wait(lock, [&] { return inbox_.stop || !inbox_.messages.empty(); });
    if (inbox_.stop) return Stop{};
    const auto bytes = std::move(inbox_.messages.front());
    inbox_.messages.pop_front();
    lock.unlock();
    return decode_master_message(bytes);
  }

  bool stop_asked() override {
    const std::lock_guard lock(inbox_.mutex);
    return inbox_.stop;
  }

 private:
  std::size_t worker_;
  Inbox& inbox_;
  Outbox& outbox_;
};

ThreadLink::ThreadLink(std::size_t workers, const Work& work) {
  for (std::size_t worker = 0; worker < workers; ++worker) inboxes_.push_back(std::make_unique<Inbox>());
  const auto live = [this, work](std::size_t worker) {
    WorkerEnd end(worker, *inboxes_[worker], outbox_);
    try {
      work(end);
    } catch (const std::exception& error) {
      end.send(WorkerFailed{error.what(), static_cast<int>(ExitCode::kUnexpected)});
    }
  };
  threads_.reserve(workers);
  try {
    for (std::size_t worker = 0; worker < workers; ++worker) threads_.emplace_back(live, worker);
  } catch (const std::system_error& refused) {  // a limit of processes or of memory: the others do its work
    if (threads_.empty())
      throw StorageError(std::string("out of memory, or of processes: no worker thread can be started: ") +
                         refused.what());
    log_warning("only " + std::to_string(threads_.size()) + " of " + std::to_string(workers) +
                " worker threads could be started: " + refused.what());
  }
}

ThreadLink::~ThreadLink() {
  for (std::size_t worker = 0; worker < threads_.size(); ++worker) send(worker, Stop{});
  for (std::thread& thread : threads_) thread.join();
}

void ThreadLink::send(std::size_t worker, const MasterMessage& message) {
  Inbox& inbox = *inboxes_[worker];
  auto bytes = encode(message);
  {
    const std::lock_guard lock(inbox.mutex);
    if (std::holds_alternative<Stop>(message)) {
      inbox.stop = true;
    } else {
      inbox.messages.push_back(std::move(bytes));
    }
  }
  inbox.arrived.notify_one();
}

std::optional<std::pair<std::size_t, WorkerMessage>> ThreadLink::receive(std::chrono::milliseconds timeout) {
  std::unique_lock lock(outbox_.mutex);
  if (!outbox_.arrived.wait_for(lock, timeout, [&] { return !outbox_.messages.empty(); })) return std::nullopt;
  const auto [worker, bytes] = std::move(outbox_.messages.front());
  outbox_.messages.pop_front();
  lock.unlock();
  return std::pair(worker, decode_worker_message(bytes));
}

}  // namespace hullscan
