#include "scheduler/unit_reactor.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/overloaded.hpp"

namespace hullscan {

namespace {
constexpr std::size_t kUnitsPerWorker = 2;
}

UnitReactor::UnitReactor(PassOrder order, std::vector<WorkUnit> open_units)
    : order_(std::move(order)), queue_(open_units.begin(), open_units.end()) {}

std::vector<UnitAction> UnitReactor::handle(const UnitEvent& event) {
  const auto& [worker, message] = std::get<WorkerSaid>(event);
  std::vector<UnitAction> actions;
  const std::size_t who = worker;
  std::visit(Overloaded{
                 [&](const WorkerHello& hello) {
                   if (hello.protocol_version != kProtocolVersion) {
                     actions.push_back(GiveUp{fmt::format(
                         "worker {} on {} speaks protocol {}, this master {}; all ranks must run the same hullscan",
                         who, hello.host, hello.protocol_version, kProtocolVersion)});
                     return;
                   }
                   actions = welcome(who);
                 },
                 [&](const UnitScored& result) {
                   in_work_[who].erase(result.unit.id);
                   // A result of an earlier model is out of date; its unit is open again in the store.
                   if (result.model_hash == order_.model.model_hash) actions.push_back(StoreUnit{who, result});
                   fill(who, actions);
                 },
                 [&](const WorkerFailed& failed) {
                   actions.push_back(GiveUp{fmt::format("worker {}: {}", who, failed.what)});
                 },
             },
             message);
  return actions;
}

std::vector<UnitAction> UnitReactor::welcome(std::size_t worker) {
  std::vector<UnitAction> actions;
  actions.push_back(SendToWorker{worker, order_.model});
  in_work_.try_emplace(worker);
  fill(worker, actions);
  return actions;
}

void UnitReactor::add_units(const std::vector<WorkUnit>& units) {
  queue_.insert(queue_.end(), units.begin(), units.end());
}

std::vector<UnitAction> UnitReactor::deal() {
  std::vector<UnitAction> actions;
  for (const auto& [worker, units] : in_work_) fill(worker, actions);
  return actions;
}

void UnitReactor::fill(std::size_t worker, std::vector<UnitAction>& actions) {
  auto& held = in_work_[worker];
  while (!draining_ && !queue_.empty() && held.size() < kUnitsPerWorker) {
    held.insert(queue_.front().id);
    actions.push_back(
        SendToWorker{worker, RunUnit{queue_.front(), order_.quota_s, order_.keep_best, order_.write_shards}});
    queue_.pop_front();
  }
}

bool UnitReactor::holds_work(std::size_t worker) const {
  const auto found = in_work_.find(worker);
  return found != in_work_.end() && !found->second.empty();
}

bool UnitReactor::idle() const {
  return std::all_of(in_work_.begin(), in_work_.end(), [](const auto& entry) { return entry.second.empty(); });
}

bool UnitReactor::finished() const { return idle() && queue_.empty(); }

}  // namespace hullscan
