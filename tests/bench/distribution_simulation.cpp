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

// --- Where orbits are stored: a parallel file system with one server of metadata.

/// What storing a shard asks of that server.
struct FilesOfShards {
  const char* name;
  double first = 0;   ///< operations for a worker's first shard
  double later = 0;   ///< for every other one
  bool each = false;  ///< every shard is a file
};
/// As up to version 0.1: made, renamed, its size set, the directory synced.
constexpr FilesOfShards kFileOfUnit{"a file a unit", 4, 4, true};
/// The archive is made and the directory synced; from then on data are written where the data are.
constexpr FilesOfShards kFileOfRank{"a file a rank", 2, 0, false};

class MetadataServer {
 public:
  static constexpr double kDelayS = 1e-3, kPerSecond = 5e3;
  /// @returns when it has done so many operations, one after the other, that are asked for at this time.
  double done(double now, double operations) {
    if (operations == 0) return now + kDelayS;  // the sync of the data
    free_at_ = std::max(now, free_at_) + operations / kPerSecond;
    return std::max(free_at_, now) + operations * kDelayS;
  }

 private:
  double free_at_ = 0;
};

// --- The simulation.

struct Outcome {
  double efficiency = 0, master_busy = 0, units = 0, files = 0;
};

/// @param stores null: nothing is stored.
Outcome simulate(std::size_t ranks, double quota_s, double stretched_s, const Space& space, const MasterCost& cost,
                 const FilesOfShards* stores) {
  constexpr double kLatencyS = 10e-6, kSendS = 2e-6;
  struct Event {  // small, as a heap moves them about; a result waits at its place
    double at;
    std::uint32_t worker, place;
    bool stored;  ///< the result has arrived; before that it is computed
    bool operator<(const Event& other) const { return at > other.at; }
  };
  struct Worker {
    std::deque<std::pair<double, std::uint32_t>> orders;  ///< when it came, and its result
    bool busy = false, has_file = false;
  };
  std::priority_queue<Event> under_way;
  std::vector<UnitScored> results;
  std::vector<std::uint32_t> free_places;
  std::vector<Worker> workers(ranks);
  MetadataServer metadata;
  double files = 0;
  const auto begin_next = [&](std::uint32_t number, double now) {
    Worker& worker = workers[number];
    worker.busy = !worker.orders.empty();
    if (!worker.busy) return;
    const auto [came, place] = worker.orders.front();
    worker.orders.pop_front();
    under_way.push({std::max(came, now) + results[place].seconds, number, place, false});
  };
  /// A unit is computed: it is stored, then reported, and the next one is begun.
  const auto store_shard = [&](const Event& computed) {
    Worker& worker = workers[computed.worker];
    double stored = computed.at;
    if (stores != nullptr) {
      const bool makes = stores->each || !worker.has_file;
      worker.has_file = true;
      files += makes ? 1 : 0;
      stored = metadata.done(computed.at, makes ? stores->first : stores->later);
    }
    under_way.push({stored + kLatencyS, computed.worker, computed.place, true});
    begin_next(computed.worker, stored);
  };
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
      std::uint32_t place = static_cast<std::uint32_t>(results.size());
      if (free_places.empty()) {
        results.push_back(std::move(result));
      } else {
        place = free_places.back();
        free_places.pop_back();
        results[place] = std::move(result);
      }
      const auto worker = static_cast<std::uint32_t>(to->worker);
      workers[worker].orders.emplace_back(now + kLatencyS, place);
      if (!workers[worker].busy) begin_next(worker, now);
    }
  };
  for (std::size_t worker = 0; worker < ranks; ++worker) send(reactor.welcome(worker));
  while (!reactor.finished()) {
    if (!under_way.top().stored) {
      const Event computed = under_way.top();
      under_way.pop();
      store_shard(computed);
      continue;
    }
    now = std::max(now, under_way.top().at);
    group.clear();
    to_send.clear();
    while (!under_way.empty() && under_way.top().at <= now && group.size() < 1000) {
      const Event arrival = under_way.top();
      under_way.pop();
      if (!arrival.stored) {
        store_shard(arrival);
        continue;
      }
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
  return {space.work() / (static_cast<double>(ranks) * now), busy / now, units, files};
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
      "units of %.3g s (stretched: %.3g s), %.3g s of work a rank, one stratum; metadata: %.3g ms and %.3g "
      "operations/s\n\n"
      "  ranks  costs      orbits in      efficiency  master busy     units     files\n",
      quota_s, stretched_s, work_s, 1e3 * MetadataServer::kDelayS, MetadataServer::kPerSecond);
  for (const std::size_t p : ranks) {
    for (const std::string costs : {"constant", "lognormal", "pareto"}) {
      const Space space(static_cast<std::size_t>(static_cast<double>(p) * work_s), 1, costs);
      for (const FilesOfShards* stores : {static_cast<const FilesOfShards*>(nullptr), &kFileOfUnit, &kFileOfRank}) {
        const Outcome outcome = simulate(p, quota_s, stretched_s, space, cost, stores);
        std::printf("%7zu  %-9s  %-13s  %10.3f  %10.1f%%  %8.3g  %8.3g\n", p, costs.c_str(),
                    stores == nullptr ? "no file" : stores->name, outcome.efficiency, 100 * outcome.master_busy,
                    outcome.units, outcome.files);
        std::fflush(stdout);
      }
    }
  }
}
