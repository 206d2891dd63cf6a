#include "workers/worker_loop.hpp"

#include <atomic>
#include <chrono>
#include <exception>
#include <utility>

#include "core/errors.hpp"
#include "core/log.hpp"
#include "core/overloaded.hpp"
#include "workers/detail/host.hpp"

namespace hullscan {
namespace {

std::atomic<std::size_t> workers_waiting = 0;

MasterMessage next_message(WorkerLink& link) {
  struct Waiting {
    Waiting() { ++workers_waiting; }
    ~Waiting() { --workers_waiting; }
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;
  };
  const Waiting guard;
  return link.receive();
}

/// Whether to stop; says now and then that work goes on.
class BusyWorker {
 public:
  explicit BusyWorker(WorkerLink& link) : link_(&link), said_(Clock::now()) {}
  bool operator()() {
    if (link_->stop_asked()) return true;
    if (const auto now = Clock::now(); now - said_ > std::chrono::seconds(5)) {
      link_->send(WorkerBusy{});
      said_ = now;
    }
    return false;
  }

 private:
  using Clock = std::chrono::steady_clock;
  WorkerLink* link_;
  Clock::time_point said_;
};

}  // namespace

std::size_t waiting_workers() { return workers_waiting; }

void serve(WorkerLink& link, UnitRunner& runner) {
  try {
    const WorkerHello hello{kProtocolVersion, detail::host_name(), detail::process_id()};
    link.send(hello);
    bool stopped = false;
    while (!stopped) {
      std::visit(Overloaded{
                     [&](const RunUnit& order) {
                       if (order.search_nodes == 0) {
                         link.send(runner.run(order, [&] { return link.stop_asked(); }));
                       } else if (auto found = runner.search(order, BusyWorker(link))) {
                         link.send(std::move(*found));
                       }
                     },
                     [&](const UseModel& model) { runner.use_model(model); },
                     [&](const CheckShards& asked) { link.send(runner.check(asked)); },
                     [&](const SayHello&) { link.send(hello); },
                     [&](const Stop&) {
                       stopped = true;
                       link.send(WorkerStopped{});
                     },
                 },
                 next_message(link));
    }
  } catch (const std::exception& error) {
    log_debug(std::string("worker gives up: ") + error.what());
    const auto* const ours = dynamic_cast<const Error*>(&error);
    link.send(
        WorkerFailed{error.what(), static_cast<int>(ours == nullptr ? ExitCode::kUnexpected : ours->exit_code())});
  }
}

}  // namespace hullscan
