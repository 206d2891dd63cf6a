#include "workers/mpi_link.hpp"

#include <algorithm>
#include <list>
#include <set>
#include <thread>  // std::this_thread::sleep_for
#include <variant>

#include "core/log.hpp"
#include "workers/detail/mpi.hpp"
#include "workers/detail/mpi_tags.hpp"

namespace hullscan {
namespace {

namespace mpi = detail::mpi;
using Clock = std::chrono::steady_clock;

using detail::kLeaveTag;
using detail::kMaster;
using detail::kMessageTag;
using detail::kStopTag;
constexpr auto kLongestLeaveTaking = std::chrono::seconds(10);

/// Sleeps a little longer every time: an idle rank leaves its core to others, a busy one answers at once.
class Patience {
 public:
  void wait() {
    std::this_thread::sleep_for(next_);
    next_ = std::min<std::chrono::microseconds>(next_ * 2, kLongest);
  }

 private:
  static constexpr std::chrono::microseconds kLongest{2000};
  std::chrono::microseconds next_{20};
};

}  // namespace

struct MpiMasterLink::Impl {
  MpiSession& session;
  std::size_t threads;
  std::list<mpi::Sending> under_way;
  std::list<mpi::Receiving> coming;  ///< in the order of their envelopes
  std::set<std::size_t> told_to_stop;

  void progress() {
    under_way.remove_if([](mpi::Sending& sending) { return sending.done(); });
  }

  [[nodiscard]] int rank_of(std::size_t worker) const { return static_cast<int>(worker / threads) + 1; }

  /// The next message that is here whole. Never waits: a worker that died in the middle of a message keeps nobody. Of
  /// one worker, messages come in the order sent. A rank's leave, its last word, waits until it is asked for.
  std::optional<mpi::Receiving> next(bool also_leave) {
    while (const auto envelope = mpi::probe(mpi::kAnySource, mpi::kAnyTag)) coming.emplace_back(*envelope);
    std::set<int> kept_waiting;
    for (auto message = coming.begin(); message != coming.end(); ++message) {
      const int source = message->envelope().source;
      if (kept_waiting.count(source) != 0 || (!also_leave && message->envelope().tag == kLeaveTag)) continue;
      if (!message->done()) {
        kept_waiting.insert(source);
        continue;
      }
      std::optional<mpi::Receiving> whole(std::move(*message));
      coming.erase(message);
      return whole;
    }
    return std::nullopt;
  }
};

MpiMasterLink::MpiMasterLink(MpiSession& session, std::size_t threads)
    : impl_(new Impl{session, threads, {}, {}, {}}) {}

std::size_t MpiMasterLink::worker_count() const {
  return static_cast<std::size_t>(impl_->session.size() - 1) * impl_->threads;
}

void MpiMasterLink::send(std::size_t worker, const MasterMessage& message) {
  // A worker leaves when it is told to stop; nothing more may be sent after it.
  if (impl_->told_to_stop.count(worker) != 0) return;
  const bool stop = std::holds_alternative<Stop>(message);
  if (stop) impl_->told_to_stop.insert(worker);
  const int tag = detail::tag_of(stop ? kStopTag : kMessageTag, worker % impl_->threads);
  impl_->under_way.emplace_back(impl_->rank_of(worker), tag, encode(message));
}

std::optional<std::pair<std::size_t, WorkerMessage>> MpiMasterLink::receive(std::chrono::milliseconds timeout) {
  const auto deadline = Clock::now() + timeout;
  for (Patience patience;; patience.wait()) {
    impl_->progress();
    if (const auto message = impl_->next(false)) {
      const auto rank = static_cast<std::size_t>(message->envelope().source - 1);
      return std::pair(rank * impl_->threads + detail::thread_of(message->envelope().tag),
                       decode_worker_message(message->bytes()));
    }
    if (Clock::now() >= deadline) return std::nullopt;
  }
}

MpiMasterLink::~MpiMasterLink() {
  try {
    std::set<int> present;
    for (std::size_t worker = 0; worker < worker_count(); ++worker) {
      send(worker, Stop{});
      present.insert(impl_->rank_of(worker));
    }
    const auto deadline = Clock::now() + kLongestLeaveTaking;
    for (Patience patience; !present.empty() || !impl_->under_way.empty(); patience.wait()) {
      impl_->progress();
      while (const auto message = impl_->next(true)) {
        if (message->envelope().tag == kLeaveTag) present.erase(message->envelope().source);
      }
      if (Clock::now() < deadline) continue;
      log_warning("rank " + std::to_string(present.empty() ? 0 : *present.begin()) + " does not answer");
      impl_->session.rank_is_lost();
      return;
    }
  } catch (const std::exception& error) {
    log_error(std::string("workers could not be stopped: ") + error.what());
    impl_->session.rank_is_lost();
  }
}

MpiWorkerLink::MpiWorkerLink(const MpiSession& session) { (void)session; }

void MpiWorkerLink::send(const WorkerMessage& message) {
  // A large message goes when the master takes it; until then the core is left to others.
  mpi::Sending sending(kMaster, kMessageTag, encode(message));
  for (Patience patience; !sending.done();) patience.wait();
}

bool MpiWorkerLink::stop_asked() { return stopped_ = stopped_ || mpi::probe(kMaster, kStopTag).has_value(); }

MasterMessage MpiWorkerLink::receive() {
  for (Patience patience;; patience.wait()) {
    if (stop_asked()) return Stop{};
    if (const auto envelope = mpi::probe(kMaster, kMessageTag)) return decode_master_message(mpi::receive(*envelope));
  }
}

MpiWorkerLink::~MpiWorkerLink() {
  try {
    // The master's words must all be taken before it can leave; what it said before Stop has arrived when Stop has.
    for (Patience patience; !stop_asked(); patience.wait()) {
      if (const auto envelope = mpi::probe(kMaster, kMessageTag)) (void)mpi::receive(*envelope);
    }
    while (const auto envelope = mpi::probe(kMaster, mpi::kAnyTag)) (void)mpi::receive(*envelope);
    mpi::send(kMaster, kLeaveTag, {});
  } catch (const std::exception& error) {
    log_error(std::string("this rank could not sign off from the master: ") + error.what());
  }
}

}  // namespace hullscan
