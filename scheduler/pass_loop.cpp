#include "scheduler/pass_loop.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "core/log.hpp"
#include "core/overloaded.hpp"

namespace hullscan {
namespace {

using Clock = std::chrono::steady_clock;

/// A worker reports at least every quota; this much silence means that it, or the way to it, is gone.
constexpr double kLeaseS = 120;

double seconds_since(Clock::time_point then) { return std::chrono::duration<double>(Clock::now() - then).count(); }

}  // namespace

PassLoop::PassLoop(const CampaignView& view, CampaignStore& store, MasterLink& link, StopRequested stop,
                   std::function<void(const PassProgress&)> on_progress)
    : view_(view), store_(store), link_(link), stop_(std::move(stop)), on_progress_(std::move(on_progress)) {}

LoopEnd PassLoop::run(int pass, const PassOrder& order) {
  store_.begin_pass(pass, order.model.model_hash, order.model.serialised);
  std::vector<WorkUnit> whole_strata;
  for (const StratumView& stratum : view_.strata) whole_strata.push_back({0, stratum.stratum, {}, {}});
  store_.add_units(pass, whole_strata);

  PassProgress progress;
  for (const StratumView& stratum : view_.strata) {
    if (stratum.inequivalent) progress.orbits_total += stratum.inequivalent->convert_to<double>();
  }
  for (const auto& [stratum, totals] : store_.unit_totals(pass)) {
    progress.units_done += totals.done;
    progress.units_total += totals.total;
    progress.orbits += totals.orbits.convert_to<double>();
  }

  UnitReactor reactor(order, store_.open_units(pass));
  bool stopping = false;
  const auto act = [&](const std::vector<UnitAction>& actions) {
    for (const UnitAction& action : actions) {
      std::visit(Overloaded{
                     [&](const StoreUnit& store) {
                       const UnitFinished finished = store_.finish_unit(pass, store.result, order.keep_best);
                       if (!finished.counted) return;
                       reactor.add_units(finished.added);
                       progress.units_total += finished.added.size();
                       ++progress.units_done;
                       progress.orbits += static_cast<double>(store.result.orbits);
                     },
                     [&](const SendToWorker& send) { link_.send(send.worker, send.message); },
                     [&](const GiveUp& give_up) { throw TransportError(give_up.reason); },
                 },
                 action);
    }
  };

  for (const std::size_t worker : greeted_) act(reactor.welcome(worker));
  silence_s_.clear();
  for (std::size_t worker = 0; worker < link_.worker_count(); ++worker) silence_s_[worker] = 0;
  auto last_tick = Clock::now();
  while (!(stopping ? reactor.idle() : reactor.finished())) {
    if (!stopping && stop_()) {
      stopping = true;
      reactor.drain();
      continue;
    }
    auto said = link_.receive(std::chrono::milliseconds(100));
    if (said) {
      silence_s_[said->first] = 0;
      if (std::holds_alternative<WorkerHello>(said->second)) greeted_.insert(said->first);
      act(reactor.handle(WorkerSaid{said->first, std::move(said->second)}));
      act(reactor.deal());
    }
    // A stopped or suspended master must not blame the workers: time counts in ticks of at most a second.
    check_leases(reactor, std::min(1.0, seconds_since(last_tick)));
    last_tick = Clock::now();
    on_progress_(progress);
  }
  if (stopping && !reactor.finished()) return LoopEnd::kStopped;
  close_books(pass);
  store_.finish_pass(pass);
  return LoopEnd::kFinished;
}

void PassLoop::check_leases(const UnitReactor& reactor, double elapsed_s) {
  for (auto& [worker, silence] : silence_s_) {
    // A worker without work has nothing to say; one that never said hello has.
    silence = reactor.holds_work(worker) || greeted_.count(worker) == 0 ? silence + elapsed_s : 0;
    if (silence > kLeaseS) {
      throw TransportError(fmt::format(
          "worker {} has said nothing for {:.0f} s; everything finished is stored, run the same line again", worker,
          silence));
    }
  }
}

void PassLoop::close_books(int pass) const {
  const auto totals = store_.unit_totals(pass);
  for (const StratumView& stratum : view_.strata) {
    const auto found = totals.find(stratum.stratum);
    const BigInteger orbits = found == totals.end() ? BigInteger(0) : found->second.orbits;
    const BigInteger labelled = found == totals.end() ? BigInteger(0) : found->second.labelled;
    if (!stratum.inequivalent) continue;
    if (orbits != *stratum.inequivalent || labelled != stratum.total) {
      throw Error(fmt::format(
          "the books do not close for {} ({}): {} orbits of {}, {} configurations of {}; this is a fault of hullscan",
          stratum.formula, view_.spaces[stratum.stratum.space].name, orbits.str(), stratum.inequivalent->str(),
          labelled.str(), stratum.total.str()));
    }
  }
  log_debug(fmt::format("pass {}: the books close", pass));
}

}  // namespace hullscan
