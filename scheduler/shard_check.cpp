#include "scheduler/shard_check.hpp"

#include <fmt/format.h>

#include <chrono>
#include <map>
#include <set>
#include <variant>

#include "core/errors.hpp"
#include "core/log.hpp"
#include "core/overloaded.hpp"
#include "scheduler/worker_errors.hpp"

namespace hullscan {
namespace {

/// Deals out stretches of the ledger, one to a worker at a time.
class ShardCheck {
 public:
  ShardCheck(MasterLink& link, std::span<const ShardRecord> ledger, const ShardCheckOptions& options)
      : link_(link), ledger_(ledger), options_(options), faults_(ledger.size()) {
    for (const ShardRecord& shard : ledger) bytes_ += static_cast<double>(shard.receipt.bytes);
  }

  /// @returns false if it was stopped.
  bool run() {
    Progress progress("checking stored orbits", bytes_ / kMegabyte, "MB");
    auto heard = Clock::now();
    while (checked_ < ledger_.size()) {
      if (options_.stop && options_.stop()) return false;
      if (auto said = link_.receive(std::chrono::milliseconds(100))) {
        heard = Clock::now();
        take(said->first, std::move(said->second));
      } else if (std::chrono::duration<double>(Clock::now() - heard).count() > options_.lease_s) {
        throw WorkerLost(fmt::format("no worker has answered for {:.0f} s: run the same line again", options_.lease_s));
      }
      progress.update(read_bytes_ / kMegabyte);
    }
    for (const std::size_t worker : greeted_) link_.send(worker, SayHello{});
    return true;
  }

  [[nodiscard]] std::vector<BadShard> bad() const {
    std::vector<BadShard> found;
    for (std::size_t i = 0; i < ledger_.size(); ++i) {
      if (!faults_[i].empty()) found.push_back({ledger_[i], faults_[i]});
    }
    return found;
  }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr double kMegabyte = 1e6;
  static constexpr std::uint64_t kBytesAtATime = 32ULL << 20U;
  static constexpr std::size_t kShardsAtATime = 1000;

  struct Stretch {
    std::size_t first = 0, count = 0;
  };

  void take(std::size_t worker, WorkerMessage&& message) {
    std::visit(Overloaded{
                   [&](const WorkerHello& hello) {
                     if (const std::string fault = fault_of_hello(worker, hello); !fault.empty())
                       throw WorkerGaveUp(fault, ExitCode::kUnexpected);
                     greeted_.insert(worker);
                     deal(worker);
                   },
                   [&](ShardsChecked& checked) {
                     const Stretch stretch = asked_[worker];
                     if (checked.faults.size() != stretch.count)
                       throw TransportError(fmt::format("worker {} has checked {} shards of {}", worker,
                                                        checked.faults.size(), stretch.count));
                     for (std::size_t i = 0; i < stretch.count; ++i) {
                       read_bytes_ += static_cast<double>(ledger_[stretch.first + i].receipt.bytes);
                       faults_[stretch.first + i] = std::move(checked.faults[i]);
                     }
                     checked_ += stretch.count;
                     asked_.erase(worker);
                     deal(worker);
                   },
                   [&](const WorkerFailed& failed) {
                     throw WorkerGaveUp(fmt::format("worker {}: {}", worker, failed.what),
                                        static_cast<ExitCode>(failed.exit_code));
                   },
                   [](const auto&) {},
               },
               message);
  }

  void deal(std::size_t worker) {
    Stretch stretch{next_, 0};
    CheckShards order;
    for (std::uint64_t bytes = 0; next_ < ledger_.size() && bytes < kBytesAtATime && stretch.count < kShardsAtATime;
         ++next_, ++stretch.count) {
      bytes += ledger_[next_].receipt.bytes;
      order.shards.push_back(ledger_[next_].receipt);
    }
    if (stretch.count == 0) return;
    asked_[worker] = stretch;
    link_.send(worker, order);
  }

  MasterLink& link_;
  std::span<const ShardRecord> ledger_;
  const ShardCheckOptions& options_;
  std::vector<std::string> faults_;
  double bytes_ = 0, read_bytes_ = 0;
  std::size_t next_ = 0, checked_ = 0;
  std::set<std::size_t> greeted_;
  std::map<std::size_t, Stretch> asked_;
};

}  // namespace

std::optional<std::vector<BadShard>> check_shards(MasterLink& link, const std::filesystem::path& directory,
                                                  std::span<const ShardRecord> ledger,
                                                  const ShardCheckOptions& options) {
  std::uint64_t bytes = 0;
  for (const ShardRecord& shard : ledger) bytes += shard.receipt.bytes;
  if (bytes < options.spread_from) return verify_shards(directory, ledger);
  ShardCheck check(link, ledger, options);
  if (!check.run()) return std::nullopt;
  return check.bad();
}

std::vector<ShardRecord> without_unchanged(std::vector<ShardRecord> ledger, const std::vector<ArchiveState>& known,
                                           const std::vector<ArchiveState>& present) {
  std::map<std::string, ArchiveState> good;
  for (const ArchiveState& then : known) good[then.file_name] = then;
  std::set<std::string> unchanged;
  for (const ArchiveState& now : present) {
    if (const auto then = good.find(now.file_name); then != good.end() && then->second == now)
      unchanged.insert(now.file_name);
  }
  std::erase_if(ledger, [&](const ShardRecord& shard) { return unchanged.contains(shard.receipt.file_name); });
  return ledger;
}

}  // namespace hullscan
