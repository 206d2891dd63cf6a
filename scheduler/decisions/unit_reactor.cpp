#include "scheduler/decisions/unit_reactor.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/overloaded.hpp"
#include "scheduler/worker_errors.hpp"

namespace hullscan {

namespace {
constexpr double kShortestQuotaS = 0.1;
/// Quotas of the last units, as a share of what is left for each worker.
constexpr double kShareOfTheRest = 1.0 / 3;
constexpr double kBusyS = 0.05;  ///< a worker with this much work ahead does not wait for the master
constexpr std::size_t kMostUnitsHeld = 64;
}  // namespace

UnitReactor::UnitReactor(PassOrder order, std::vector<WorkUnit> open_units)
    : order_(std::move(order)), queue_(open_units.begin(), open_units.end()) {}

std::vector<UnitAction> UnitReactor::handle(const UnitEvent& event) {
  const auto& [worker, message] = std::get<WorkerSaid>(event);
  std::vector<UnitAction> actions;
  const std::size_t who = worker;
  std::visit(Overloaded{
                 [&](const WorkerHello& hello) {
                   if (std::string fault = fault_of_hello(who, hello); !fault.empty()) {
                     actions.push_back(GiveUp{std::move(fault), ExitCode::kUnexpected});
                     return;
                   }
                   actions = welcome(who);
                 },
                 [&](const UnitScored& result) {
                   in_work_[who].erase(result.unit.id);
                   mean_unit_s_ += 0.1 * (result.seconds - mean_unit_s_);
                   // A result of an earlier model is out of date; its unit is open again in the store.
                   if (result.model_hash == order_.model.model_hash) actions.push_back(StoreUnit{who, result});
                   note_hands(who);
                   fill(who, most_units_held(), actions);
                 },
                 [&](const WorkerFailed& failed) {
                   actions.push_back(
                       GiveUp{fmt::format("worker {}: {}", who, failed.what), static_cast<ExitCode>(failed.exit_code)});
                 },
                 [](const WorkerBusy&) {},
                 [](const ShardsChecked&) {},  // late: the master has done without
                 [&](const WorkerStopped&) {
                   laid_down_ = laid_down_ || holds_work(who);  // prefetched and never begun: open in the store
                   in_work_.erase(who);
                   empty_handed_.erase(who);
                   without_next_.erase(who);
                 },
             },
             message);
  return actions;
}

std::vector<UnitAction> UnitReactor::welcome(std::size_t worker) {
  std::vector<UnitAction> actions;
  actions.push_back(SendToWorker{worker, order_.model});
  in_work_.try_emplace(worker);
  note_hands(worker);
  fill(worker, most_units_held(), actions);
  return actions;
}

void UnitReactor::add_units(const std::vector<WorkUnit>& units) {
  queue_.insert(queue_.begin(), units.begin(), units.end());
}

std::vector<UnitAction> UnitReactor::drain() {
  draining_ = true;
  std::vector<UnitAction> actions;
  for (const auto& [worker, units] : in_work_) {
    if (!units.empty()) actions.push_back(SendToWorker{worker, Stop{}});
  }
  return actions;
}

double UnitReactor::quota() const {
  if (order_.workers < 2) return order_.quota_s;
  // With all of them at the shortest quota the master is half busy. At first few have work, and feed the others
  // soonest.
  const bool few = idle_workers() > queue_.size();
  const std::size_t at_work = few ? order_.workers - idle_workers() + queue_.size() : order_.workers;
  const double master_follows = 2 * result_cost_s_ * static_cast<double>(at_work);
  // Most units are pieces of a cut one and end before their quota: to follow in the long run takes twice as much.
  const double longest = std::max(order_.quota_s, std::min(2 * master_follows, order_.stretched_quota_s));
  const double shortest = std::min(std::max(kShortestQuotaS, master_follows), longest);
  if (few) return shortest;  // what is cut soonest feeds them soonest
  if (!remaining_s_) return longest;
  return std::clamp(kShareOfTheRest * *remaining_s_ / static_cast<double>(order_.workers), shortest, longest);
}

std::size_t UnitReactor::most_units_held() const {
  const double ahead = kBusyS / std::max(mean_unit_s_, 1e-6);
  return std::clamp<std::size_t>(static_cast<std::size_t>(ahead), 2, kMostUnitsHeld);
}

std::vector<UnitAction> UnitReactor::deal() {
  std::vector<UnitAction> actions;
  // Empty hands first: nobody gets a second unit while somebody has none.
  while (!draining_ && !queue_.empty() && !empty_handed_.empty()) fill(*empty_handed_.begin(), 1, actions);
  while (!draining_ && !queue_.empty() && !without_next_.empty()) fill(*without_next_.begin(), 2, actions);
  return actions;
}

void UnitReactor::fill(std::size_t worker, std::size_t at_most, std::vector<UnitAction>& actions) {
  auto& held = in_work_[worker];
  while (!draining_ && !queue_.empty() && held.size() < at_most) {
    const bool by_branch_and_bound = order_.by_branch_and_bound.count(queue_.front().stratum) != 0;
    const RunUnit order{queue_.front(), quota(), order_.keep_best, order_.write_shards,
                        by_branch_and_bound ? order_.search_nodes : 0};
    held.insert(order.unit.id);
    note_hands(worker);
    queue_.pop_front();
    actions.push_back(SendToWorker{worker, order});
  }
}

void UnitReactor::note_hands(std::size_t worker) {
  const std::size_t held = in_work_[worker].size();
  held == 0 ? (void)empty_handed_.insert(worker) : (void)empty_handed_.erase(worker);
  held == 1 ? (void)without_next_.insert(worker) : (void)without_next_.erase(worker);
}

std::size_t UnitReactor::idle_workers() const {
  const std::size_t busy = in_work_.size() - empty_handed_.size();
  return order_.workers - std::min(order_.workers, busy);
}

bool UnitReactor::holds_work(std::size_t worker) const {
  const auto found = in_work_.find(worker);
  return found != in_work_.end() && !found->second.empty();
}

bool UnitReactor::idle() const { return empty_handed_.size() == in_work_.size(); }

bool UnitReactor::finished() const { return idle() && queue_.empty() && !laid_down_; }

}  // namespace hullscan
