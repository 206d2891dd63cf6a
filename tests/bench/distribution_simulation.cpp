// Efficiency of the distribution of work at 10^2 to 10^5 ranks: a discrete-event simulation whose master is the real
// UnitReactor and whose costs of storing are those measured first on the real CampaignStore. Run by hand:
//   bench_distribution [--ranks P] [--quota S] [--stretched S] [--work SECONDS-A-RANK]
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <deque>
#include <filesystem>
#include <queue>
#include <string>
#include <vector>

#include "core/hash.hpp"
#include "core/protocol.hpp"
#include "scheduler/decisions/unit_reactor.hpp"
#include "storage/campaign_store.hpp"

using namespace hullscan;

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point then) { return std::chrono::duration<double>(Clock::now() - then).count(); }

double uniform(std::uint64_t seed, std::uint64_t i) {
  return (static_cast<double>(random_bits(seed, i) >> 11U) + 0.5) * std::ldexp(1.0, -53);
}

// --- What the master needs to take in results, measured.

/// Processor time: a result's share of a group does not depend on who else is on the machine.
double cpu_s() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

struct MasterCost {
  double group_s = 0;   ///< a transaction, whatever is in it
  double result_s = 0;  ///< decoding one result, storing it in a group
};

/// A result as a worker of a real campaign sends it: the best 100 and a spectrum of 400 bins.
UnitScored typical_result(const WorkUnit& unit, std::uint64_t number) {
  UnitScored result;
  result.unit = unit;
  result.orbits = 1'000'000;
  result.labelled = 64'000'000;
  for (int i = 0; i < 100; ++i) {
    Candidate candidate{unit.stratum, std::vector<std::uint8_t>(64), 64, 0};
    const std::uint64_t draw = random_bits(number, static_cast<std::uint64_t>(i));
    candidate.score = static_cast<std::int64_t>(draw >> 24U);
    for (std::size_t site = 0; site < 64; ++site) candidate.occupation[site] = draw >> site & 1U;
    result.kept.push_back(std::move(candidate));
  }
  std::sort(result.kept.begin(), result.kept.end(), better);
  result.spectrum = EnergySpectrum({300, 600}, 64);
  for (int i = 0; i < 400; ++i) result.spectrum.add(1000 * (i - 200), 64);
  result.seconds = 1;
  return result;
}

MasterCost measure_master() {
  const auto folder = std::filesystem::temp_directory_path() / ("hullscan-bench-" + std::to_string(getpid()));
  MasterCost cost;
  {
    CampaignStore store = CampaignStore::create_or_open(folder, {"bench", "1", "", "", "0"});
    store.begin_pass(0, 0, {});
    std::uint64_t number = 0;
    const auto time_groups = [&](std::size_t size, int groups) {
      double spent = 0;
      for (int group = 0; group < groups; ++group) {
        std::vector<WorkUnit> units;
        for (std::size_t i = 0; i < size; ++i) {
          units.push_back({0,
                           {0, 0, static_cast<std::uint32_t>(number % 33)},
                           {static_cast<std::uint32_t>(1 + 2 * number)},
                           {static_cast<std::uint32_t>(2 + 2 * number)}});
          ++number;
        }
        units = store.add_units(0, units);
        std::vector<std::vector<std::byte>> messages;
        for (const WorkUnit& unit : units) messages.push_back(encode(WorkerMessage(typical_result(unit, unit.id))));
        const auto begun = Clock::now();
        const double cpu_begun = cpu_s();
        std::vector<UnitScored> results;
        for (const auto& message : messages) results.push_back(std::get<UnitScored>(decode_worker_message(message)));
        (void)store.finish_units(0, results, 100);
        spent += size == 1 ? seconds_since(begun) : cpu_s() - cpu_begun;
      }
      return spent / groups;
    };
    (void)time_groups(200, 5);  // what is kept fills up
    const double of_one = time_groups(1, 100), of_many = time_groups(500, 6);
    cost.result_s = of_many / 500;
    cost.group_s = std::max(0.0, of_one - cost.result_s);
  }
  std::filesystem::remove_all(folder);
  return cost;
}

// --- The space: a line of cells with costs, in search order. A unit is a stretch of it, cut anywhere.

class Space {
 public:
  Space(std::size_t cells, double mean_s, const std::string& costs) {
    ends_.resize(cells + 1);
    std::vector<double> cost(cells);
    for (std::size_t i = 0; i < cells; ++i) {
      if (costs == "constant") {
        cost[i] = 1;
      } else if (costs == "lognormal") {
        const double normal = std::sqrt(-2 * std::log(uniform(1, 2 * i))) * std::cos(2 * M_PI * uniform(1, 2 * i + 1));
        cost[i] = std::exp(normal);
      } else {  // Pareto of exponent 1.5, a thousand times the smallest at most, alike in runs of 64
        cost[i] = std::min(1000.0, std::pow(uniform(2, i / 64), -1 / 1.5));
      }
    }
    double sum = 0;
    for (const double c : cost) sum += c;
    for (std::size_t i = 0; i < cells; ++i)
      ends_[i + 1] = ends_[i] + cost[i] * mean_s * static_cast<double>(cells) / sum;
  }
  [[nodiscard]] double size() const { return static_cast<double>(ends_.size() - 1); }
  [[nodiscard]] double work() const { return ends_.back(); }
  /// Seconds from the beginning to a place.
  [[nodiscard]] double cost_at(double place) const {
    const auto cell = std::min(static_cast<std::size_t>(place), ends_.size() - 2);
    return ends_[cell] + (place - static_cast<double>(cell)) * (ends_[cell + 1] - ends_[cell]);
  }
  [[nodiscard]] double place_at(double cost) const {
    const auto next = std::upper_bound(ends_.begin(), ends_.end(), cost);
    if (next == ends_.end()) return size();
    const auto cell = static_cast<std::size_t>(next - ends_.begin()) - 1;
    return static_cast<double>(cell) + (cost - ends_[cell]) / (ends_[cell + 1] - ends_[cell]);
  }

 private:
  std::vector<double> ends_;
};

Cursor cursor_of(double place) {
  const auto bits = static_cast<std::uint64_t>(place * 4294967296.0);
  return {static_cast<std::uint32_t>(bits >> 32U), static_cast<std::uint32_t>(bits)};
}
double place_of(const Cursor& cursor, double otherwise) {
  return cursor.empty() ? otherwise : static_cast<double>(cursor[0]) + static_cast<double>(cursor[1]) / 4294967296.0;
}

/// A unit of a stratum takes 0.2 ms to set up and to cut, besides its orbits.
constexpr double kPerUnitS = 2e-4;

UnitScored run_unit(const Space& space, const RunUnit& order) {
  const double begin = place_of(order.unit.begin, 0), end = place_of(order.unit.end, space.size());
  const double cost = space.cost_at(end) - space.cost_at(begin);
  UnitScored result;
  result.unit = order.unit;
  double reached = end;
  if (cost > order.quota_s) {
    reached = std::min(end, space.place_at(space.cost_at(begin) + order.quota_s));
    result.unit.end = cursor_of(reached);
    reached = place_of(result.unit.end, end);
    Cursor from = result.unit.end;
    for (int piece = 1; piece <= 4; ++piece) {
      const Cursor to = piece == 4 ? order.unit.end : cursor_of(reached + (end - reached) * piece / 4);
      if (to == from) continue;
      result.remainder.push_back({0, order.unit.stratum, from, to});
      from = to;
    }
  }
  result.orbits = static_cast<std::uint64_t>((reached - begin) * 1e6);
  result.seconds = space.cost_at(reached) - space.cost_at(begin) + kPerUnitS;
  return result;
}

// --- The simulation.

struct Outcome {
  double efficiency = 0, master_busy = 0, units = 0;
};

Outcome simulate(std::size_t ranks, double quota_s, double stretched_s, const Space& space, const MasterCost& cost) {
  constexpr double kLatencyS = 10e-6, kSendS = 2e-6;
  struct Arrival {  // small, as a heap moves them about; what arrives waits at its place
    double at;
    std::uint32_t worker, place;
    bool operator<(const Arrival& other) const { return at > other.at; }
  };
  std::priority_queue<Arrival> under_way;
  std::vector<UnitScored> results;
  std::vector<std::uint32_t> free_places;
  std::vector<double> free_at(ranks, 0);
  UnitReactor reactor({.model = {},
                       .quota_s = quota_s,
                       .stretched_quota_s = stretched_s,
                       .keep_best = 0,
                       .write_shards = false,
                       .workers = ranks},
                      {{1, {0, 0, 0}, {}, {}}});
  std::uint64_t next_id = 2;
  double now = 0, busy = 0, worker_seconds = 0, orbits = 0, units = 0;
  std::vector<UnitScored> group;
  std::vector<UnitAction> to_send;
  const auto send = [&](const std::vector<UnitAction>& actions) {
    for (const UnitAction& action : actions) {
      const auto* to = std::get_if<SendToWorker>(&action);
      const auto* order = to == nullptr ? nullptr : std::get_if<RunUnit>(&to->message);
      if (order == nullptr) continue;
      now += kSendS;
      busy += kSendS;
      UnitScored result = run_unit(space, *order);
      free_at[to->worker] = std::max(free_at[to->worker], now + kLatencyS) + result.seconds;
      std::uint32_t place = static_cast<std::uint32_t>(results.size());
      if (free_places.empty()) {
        results.push_back(std::move(result));
      } else {
        place = free_places.back();
        free_places.pop_back();
        results[place] = std::move(result);
      }
      under_way.push({free_at[to->worker] + kLatencyS, static_cast<std::uint32_t>(to->worker), place});
    }
  };
  for (std::size_t worker = 0; worker < ranks; ++worker) send(reactor.welcome(worker));
  while (!reactor.finished()) {
    now = std::max(now, under_way.top().at);
    group.clear();
    to_send.clear();
    while (!under_way.empty() && under_way.top().at <= now && group.size() < 1000) {
      const Arrival arrival = under_way.top();
      under_way.pop();
      free_places.push_back(arrival.place);
      for (UnitAction& action : reactor.handle(WorkerSaid{arrival.worker, std::move(results[arrival.place])})) {
        if (auto* stored = std::get_if<StoreUnit>(&action)) group.push_back(std::move(stored->result));
        if (std::holds_alternative<SendToWorker>(action)) to_send.push_back(std::move(action));
      }
    }
    const double spent = cost.group_s + cost.result_s * static_cast<double>(group.size());
    now += spent;
    busy += spent;
    for (UnitScored& result : group) {
      ++units;
      worker_seconds += result.seconds;
      orbits += static_cast<double>(result.orbits);
      for (WorkUnit& piece : result.remainder) piece.id = next_id++;
      reactor.add_units(result.remainder);
    }
    if (group.size() >= 16) reactor.result_costs(spent / static_cast<double>(group.size()));
    reactor.expect((space.size() * 1e6 - orbits) * worker_seconds / std::max(1.0, orbits));
    send(to_send);
    send(reactor.deal());
  }
  return {space.work() / (static_cast<double>(ranks) * now), busy / now, units};
}

}  // namespace

int main(int argc, char** argv) {
  double quota_s = 1, work_s = 100, stretched_s = 0;
  std::vector<std::size_t> ranks = {100, 1000, 10'000, 100'000};
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--ranks") == 0)
      ranks = {static_cast<std::size_t>(std::strtoull(argv[i + 1], nullptr, 10))};
    if (std::strcmp(argv[i], "--quota") == 0) quota_s = std::strtod(argv[i + 1], nullptr);
    if (std::strcmp(argv[i], "--stretched") == 0) stretched_s = std::strtod(argv[i + 1], nullptr);
    if (std::strcmp(argv[i], "--work") == 0) work_s = std::strtod(argv[i + 1], nullptr);
  }
  const MasterCost cost = measure_master();
  std::printf("master, measured: %.2f ms a group, %.1f us a result (best 100, spectrum of 400 bins)\n",
              1e3 * cost.group_s, 1e6 * cost.result_s);
  std::printf(
      "units of %.3g s (stretched: %.3g s), %.3g s of work a rank, one stratum\n\n"
      "  ranks  costs      efficiency  master busy  units\n",
      quota_s, stretched_s, work_s);
  for (const std::size_t p : ranks) {
    for (const std::string costs : {"constant", "lognormal", "pareto"}) {
      const Space space(static_cast<std::size_t>(static_cast<double>(p) * work_s), 1, costs);
      const Outcome outcome = simulate(p, quota_s, stretched_s, space, cost);
      std::printf("%7zu  %-9s  %10.3f  %10.1f%%  %.3g\n", p, costs.c_str(), outcome.efficiency,
                  100 * outcome.master_busy, outcome.units);
      std::fflush(stdout);
    }
  }
}
