#include "scheduler/pass_loop.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "core/log.hpp"
#include "core/overloaded.hpp"
#include "scheduler/decisions/search_limits.hpp"

namespace hullscan {
namespace {

using Clock = std::chrono::steady_clock;  // as PassLoop::Clock

/// Results stored in one transaction, at most: more would make the workers wait.
constexpr std::size_t kLargestGroup = 1000;

constexpr double kWorthSayingS = 10;

double seconds_since(Clock::time_point then) { return std::chrono::duration<double>(Clock::now() - then).count(); }

}  // namespace

PassLoop::PassLoop(const CampaignView& view, CampaignStore& store, MasterLink& link, double lease_s, StopRequested stop,
                   std::function<void(const PassProgress&)> on_progress)
    : view_(view),
      store_(store),
      link_(link),
      lease_s_(lease_s),
      stop_(std::move(stop)),
      on_progress_(std::move(on_progress)) {}

LoopEnd PassLoop::run(int pass, const PassOrder& order, const std::vector<WorkUnit>& units, bool whole) {
  store_.begin_pass(pass, order.model.model_hash, order.model.serialised);
  store_.add_units(pass, units);

  PassProgress progress;
  bool every_size_known = whole;
  std::map<Stratum, BigInteger> sizes;
  for (const StratumView& stratum : view_.strata) {
    if (stratum.by_branch_and_bound) continue;  // counts no orbits
    every_size_known = every_size_known && stratum.inequivalent.has_value();
    if (!stratum.inequivalent) continue;
    if (whole) progress.orbits_total += stratum.inequivalent->convert_to<double>();
    sizes[stratum.stratum] = *stratum.inequivalent;
  }
  for (const auto& [stratum, totals] : store_.unit_totals(pass)) {
    progress.units_done += totals.done;
    progress.units_total += totals.total;
    progress.orbits += totals.orbits.convert_to<double>();
  }
  // The largest strata first: what comes last should be small.
  std::vector<WorkUnit> open = store_.open_units(pass);
  std::stable_sort(open.begin(), open.end(),
                   [&](const WorkUnit& a, const WorkUnit& b) { return sizes[a.stratum] > sizes[b.stratum]; });
  UnitReactor reactor(order, std::move(open));
  worker_seconds_ = worker_orbits_ = 0;
  for (const std::size_t worker : greeted_) send(reactor.welcome(worker));
  silence_s_.clear();
  for (std::size_t worker = 0; worker < link_.worker_count(); ++worker) silence_s_[worker] = 0;

  bool stopping = false;
  const auto begun = Clock::now();
  auto last_tick = begun;
  while (!(stopping ? reactor.idle() : reactor.finished())) {
    if (!stopping && stop_()) {
      stopping = true;
      send(reactor.drain());
      continue;
    }
    // Facts first: what was found is stored before anybody hears of it.
    std::vector<UnitScored> results;
    std::vector<UnitAction> to_send;
    const auto woken = take_words(reactor, results, to_send);
    store(pass, order, results, reactor, progress);
    if (every_size_known && worker_orbits_ > 0) {
      reactor.expect((progress.orbits_total - progress.orbits) * worker_seconds_ / worker_orbits_);
    }
    send(to_send);
    send(reactor.deal());
    // A lone result costs a whole transaction; only groups tell what a busy master can do.
    if (results.size() >= 16) {
      reactor.result_costs(std::min(1.0, seconds_since(woken)) / static_cast<double>(results.size()));
    }
    // A stopped or suspended master must not blame the workers: time counts in ticks of at most a second.
    check_leases(reactor, std::min(1.0, seconds_since(last_tick)));
    last_tick = Clock::now();
    on_progress_(progress);
  }
  say_how_busy(pass, seconds_since(begun));
  if (stopping && !reactor.finished()) return LoopEnd::kStopped;
  if (whole) close_books(pass);
  store_.finish_pass(pass);
  return LoopEnd::kFinished;
}

PassLoop::Clock::time_point PassLoop::take_words(UnitReactor& reactor, std::vector<UnitScored>& results,
                                                 std::vector<UnitAction>& to_send) {
  auto woken = Clock::now();
  auto patience = std::chrono::milliseconds(100);
  while (results.size() < kLargestGroup) {
    auto said = link_.receive(patience);
    if (!said) return woken;
    if (patience.count() != 0) woken = Clock::now();
    patience = std::chrono::milliseconds(0);
    silence_s_[said->first] = 0;
    if (std::holds_alternative<WorkerHello>(said->second)) greeted_.insert(said->first);
    for (UnitAction& action : reactor.handle(WorkerSaid{said->first, std::move(said->second)})) {
      if (auto* store = std::get_if<StoreUnit>(&action)) {
        results.push_back(std::move(store->result));
      } else {
        to_send.push_back(std::move(action));
      }
    }
  }
  return woken;
}

void PassLoop::store(int pass, const PassOrder& order, const std::vector<UnitScored>& results, UnitReactor& reactor,
                     PassProgress& progress) {
  if (results.empty()) return;
  for (const UnitScored& result : results) {
    // Before the unit is closed, so that no closed one lacks it; the same search says the same again.
    if (result.search && order.model.model_hash != 0) keep_search(pass, view_, result, store_);
  }
  const std::vector<UnitFinished> finished = store_.finish_units(pass, results, order.keep_best);
  for (std::size_t i = 0; i < results.size(); ++i) {
    worker_seconds_ += results[i].seconds;
    worker_orbits_ += static_cast<double>(results[i].orbits);
    if (!finished[i].counted) continue;
    reactor.add_units(finished[i].added);
    progress.units_total += finished[i].added.size();
    ++progress.units_done;
    progress.orbits += static_cast<double>(results[i].orbits);
  }
}

void PassLoop::send(const std::vector<UnitAction>& actions) {
  for (const UnitAction& action : actions) {
    std::visit(Overloaded{
                   [](const StoreUnit&) {},
                   [&](const SendToWorker& to) { link_.send(to.worker, to.message); },
                   [](const GiveUp& give_up) {
                     if (give_up.exit_code == ExitCode::kStorage) throw StorageError(give_up.reason);
                     if (give_up.exit_code == ExitCode::kUnexpected) throw TransportError(give_up.reason);
                     throw WorkerGaveUp(give_up.reason, give_up.exit_code);
                   },
               },
               action);
  }
}

void PassLoop::say_how_busy(int pass, double elapsed_s) const {
  if (elapsed_s < kWorthSayingS || link_.worker_count() < 2) return;
  log_info(fmt::format("pass {}: {} workers, busy {:.1f} % of {}", pass, link_.worker_count(),
                       100 * worker_seconds_ / (elapsed_s * static_cast<double>(link_.worker_count())),
                       duration_text(elapsed_s)));
}

void PassLoop::check_leases(const UnitReactor& reactor, double elapsed_s) {
  for (auto& [worker, silence] : silence_s_) {
    // A worker without work has nothing to say; one that never said hello has.
    silence = reactor.holds_work(worker) || greeted_.count(worker) == 0 ? silence + elapsed_s : 0;
    if (silence > lease_s_) {
      throw WorkerLost(
          fmt::format("worker {} has not answered for {:.0f} s; everything finished is stored: run the same line again",
                      worker, silence));
    }
  }
}

void PassLoop::close_books(int pass) const {
  const auto totals = store_.unit_totals(pass);
  for (const StratumView& stratum : view_.strata) {
    const auto found = totals.find(stratum.stratum);
    const BigInteger orbits = found == totals.end() ? BigInteger(0) : found->second.orbits;
    const BigInteger labelled = found == totals.end() ? BigInteger(0) : found->second.labelled;
    if (!stratum.inequivalent || stratum.by_branch_and_bound) continue;
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
