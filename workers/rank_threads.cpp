#include "workers/rank_threads.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <list>

#include "core/errors.hpp"
#include "workers/detail/mpi.hpp"
#include "workers/detail/mpi_tags.hpp"
#include "workers/detail/processors.hpp"

namespace hullscan {
namespace {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

/// Between two looks at what is not waited for: other ranks for the master, the master for other ranks.
constexpr std::chrono::milliseconds kLook = 2ms;

/// The same work on this rank's share of its node.
ThreadLink::Work on_own_processors(std::size_t threads, const ThreadLink::Work& work) {
  return [work, share = detail::own_share(threads)](WorkerLink& link) {
    detail::run_this_thread_on(share);
    work(link);
  };
}

}  // namespace

RankThreadsLink::RankThreadsLink(MpiSession& session, std::size_t threads, const ThreadLink::Work& work)
    : ranks_(session, threads), own_(threads - 1, on_own_processors(threads, work)) {}

std::size_t RankThreadsLink::worker_count() const { return ranks_.worker_count() + own_.worker_count(); }

void RankThreadsLink::send(std::size_t worker, const MasterMessage& message) {
  if (worker < ranks_.worker_count()) return ranks_.send(worker, message);
  own_.send(worker - ranks_.worker_count(), message);
}

std::optional<std::pair<std::size_t, WorkerMessage>> RankThreadsLink::receive(std::chrono::milliseconds timeout) {
  for (const auto deadline = SteadyClock::now() + timeout;;) {
    if (auto said = ranks_.receive(0ms)) return said;
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - SteadyClock::now());
    if (auto said = own_.receive(std::clamp(left, 0ms, kLook)))
      return std::pair(said->first + ranks_.worker_count(), std::move(said->second));
    if (SteadyClock::now() >= deadline) return std::nullopt;
  }
}

void serve_with_threads(const MpiSession&, std::size_t threads, const ThreadLink::Work& work) {
  namespace mpi = detail::mpi;
  std::atomic<std::size_t> ended = 0;
  ThreadLink workers(threads, on_own_processors(threads, [&](WorkerLink& link) {
                       try {
                         work(link);
                       } catch (const std::exception& error) {
                         link.send(WorkerFailed{error.what(), static_cast<int>(ExitCode::kUnexpected)});
                       }
                       ++ended;
                     }));
  if (workers.worker_count() < threads)
    throw StorageError(fmt::format("out of memory, or of processes: only {} of {} worker threads can be started",
                                   workers.worker_count(), threads));
  std::list<mpi::Sending> under_way;
  for (std::size_t stopped = 0;;) {
    while (const auto envelope = mpi::probe(detail::kMaster, mpi::kAnyTag)) {
      const std::size_t thread = detail::thread_of(envelope->tag);
      const auto bytes = mpi::receive(*envelope);
      if (thread >= threads) throw TransportError("a message for a thread that this rank does not have");
      if (detail::kind_of(envelope->tag) == detail::kStopTag) ++stopped;
      workers.send(thread, decode_master_message(bytes));
    }
    const bool last = ended == threads;  // what they have said is all in the link by now
    bool silent = true;
    for (auto said = workers.receive(kLook); said; said = workers.receive(0ms)) {
      under_way.emplace_back(detail::kMaster, detail::tag_of(detail::kMessageTag, said->first), encode(said->second));
      silent = false;
    }
    under_way.remove_if([](mpi::Sending& sending) { return sending.done(); });
    if (last && silent && stopped == threads && under_way.empty()) break;
  }
  mpi::send(detail::kMaster, detail::kLeaveTag, {});
}

}  // namespace hullscan
