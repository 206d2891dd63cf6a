#include "workers/worker_loop.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <thread>

#include "necklaces.hpp"
#include "workers/thread_link.hpp"

namespace hullscan {
namespace {

using namespace std::chrono_literals;

/// Workers that each serve with a runner of their own.
ThreadLink::Work serving(const UnitRunnerParts& parts) {
  return [parts](WorkerLink& link) {
    UnitRunner runner(parts);
    serve(link, runner);
  };
}

WorkerMessage next(MasterLink& link) {
  auto said = link.receive(30s);
  REQUIRE(said.has_value());
  return std::move(said->second);
}

}  // namespace

TEST_CASE("a worker says hello first, with the protocol it speaks", "[workers][worker_loop]") {
  ThreadLink link(1, serving(ring_parts(8)));

  const auto hello = std::get<WorkerHello>(next(link));

  CHECK(hello.protocol_version == kProtocolVersion);
  CHECK_FALSE(hello.host.empty());
  CHECK(hello.process_id > 0);
}

TEST_CASE("a worker answers units in the order asked", "[workers][worker_loop]") {
  ThreadLink link(1, serving(ring_parts(12)));
  (void)next(link);
  link.send(0, UseModel{});
  for (std::uint32_t aluminium = 0; aluminium <= 12; ++aluminium) {
    link.send(0, RunUnit{.unit = {aluminium + 100, {0, 0, aluminium}, {}, {}}, .quota_s = 1e9, .keep_best = 1});
  }

  for (std::uint32_t aluminium = 0; aluminium <= 12; ++aluminium) {
    const auto result = std::get<UnitScored>(next(link));
    CHECK(result.unit.id == aluminium + 100);
    CHECK(result.orbits == necklaces(12, aluminium));
  }
}

TEST_CASE("what a worker cannot do is reported to the master", "[workers][worker_loop]") {
  ThreadLink link(1, serving(ring_parts(4)));
  (void)next(link);

  link.send(0, RunUnit{.unit = {1, {0, 0, 99}, {}, {}}});

  CHECK_FALSE(std::get<WorkerFailed>(next(link)).what.empty());
}

TEST_CASE("a long unit does not hold up the end", "[workers][worker_loop]") {
  const auto start = std::chrono::steady_clock::now();
  {
    ThreadLink link(2, serving(ring_parts(32)));
    for (const std::size_t worker : {0, 1}) {
      link.send(worker, RunUnit{.unit = {1, {0, 0, 16}, {}, {}}, .quota_s = 1e9, .keep_best = 100});
    }
    std::this_thread::sleep_for(100ms);
  }
  // C(32, 16) / 32 = 19 million orbits take a worker several seconds.
  CHECK(std::chrono::steady_clock::now() - start < 3s);
}

TEST_CASE("the best of all units are the same with 1, 2 and 4 workers and any quota", "[workers][worker_loop]") {
  const auto campaign = [](std::size_t workers, double quota_s) {
    ThreadLink link(workers, serving(ring_parts(22)));
    std::vector<WorkUnit> open = {{1, {0, 0, 8}, {}, {}}, {2, {0, 0, 9}, {}, {}}};
    std::vector<Candidate> kept;
    std::uint64_t orbits = 0;
    std::size_t in_work = 0;
    std::vector<std::size_t> idle;
    while (in_work > 0 || !open.empty() || idle.size() < workers) {
      const auto said = link.receive(30s);
      REQUIRE(said.has_value());
      idle.push_back(said->first);
      if (const auto* result = std::get_if<UnitScored>(&said->second)) {
        --in_work;
        orbits += result->orbits;
        kept.insert(kept.end(), result->kept.begin(), result->kept.end());
        open.insert(open.end(), result->remainder.begin(), result->remainder.end());
      }
      while (!idle.empty() && !open.empty()) {
        link.send(idle.back(), RunUnit{.unit = open.back(), .quota_s = quota_s, .keep_best = 30});
        idle.pop_back();
        open.pop_back();
        ++in_work;
      }
    }
    CHECK(orbits == necklaces(22, 8) + necklaces(22, 9));
    std::sort(kept.begin(), kept.end(), [](const Candidate& a, const Candidate& b) {
      return a.stratum != b.stratum ? a.stratum < b.stratum : better(a, b);
    });
    std::vector<Candidate> best;
    for (std::size_t i = 0; i < kept.size(); ++i) {
      if (i < 30 || kept[i].stratum != kept[i - 30].stratum) best.push_back(kept[i]);
    }
    return best;
  };

  const auto alone = campaign(1, 1e9);

  CHECK(alone.size() == 60);
  CHECK(campaign(2, 0.0) == alone);
  CHECK(campaign(4, 0.0005) == alone);
}

}  // namespace hullscan
