#include "workers/thread_link.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <future>
#include <stdexcept>

namespace hullscan {
namespace {

using namespace std::chrono_literals;

MasterMessage unit(std::uint64_t id) { return RunUnit{.unit = {id, {}, {}, {}}}; }

/// Answers every unit by its id until it is stopped.
void echo(WorkerLink& link) {
  while (true) {
    const MasterMessage message = link.receive();
    if (std::holds_alternative<Stop>(message)) return;
    UnitScored result;
    result.unit = std::get<RunUnit>(message).unit;
    link.send(result);
  }
}

std::uint64_t answered_id(const std::optional<std::pair<std::size_t, WorkerMessage>>& said) {
  REQUIRE(said.has_value());
  return std::get<UnitScored>(said->second).unit.id;
}

}  // namespace

TEST_CASE("every worker gets its own messages, in the order sent", "[workers][thread_link]") {
  ThreadLink link(3, echo);
  for (std::uint64_t id = 0; id < 300; ++id) link.send(id % 3, unit(id));

  std::vector<std::uint64_t> next = {0, 1, 2};
  for (int i = 0; i < 300; ++i) {
    const auto said = link.receive(10s);
    const std::uint64_t id = answered_id(said);
    CHECK(id == next[said->first]);
    next[said->first] += 3;
  }

  CHECK(link.worker_count() == 3);
  CHECK_FALSE(link.receive(0ms).has_value());
}

TEST_CASE("receive() gives up after its timeout", "[workers][thread_link]") {
  ThreadLink link(1, echo);
  const auto start = std::chrono::steady_clock::now();

  CHECK_FALSE(link.receive(50ms).has_value());

  CHECK(std::chrono::steady_clock::now() - start >= 50ms);
}

TEST_CASE("Stop overtakes units that wait, and is seen by a worker at work", "[workers][thread_link]") {
  std::promise<void> at_work;
  std::atomic<bool> first_cut_short = false;
  std::atomic<int> units = 0;
  {
    ThreadLink link(1, [&](WorkerLink& end) {
      while (std::holds_alternative<RunUnit>(end.receive())) {
        if (++units == 1) at_work.set_value();
        while (!end.stop_asked()) std::this_thread::sleep_for(1ms);
        first_cut_short = true;
      }
    });
    link.send(0, unit(1));
    link.send(0, unit(2));
    at_work.get_future().wait();
    link.send(0, Stop{});
  }
  CHECK(first_cut_short);
  CHECK(units == 1);
}

TEST_CASE("a worker that throws is heard", "[workers][thread_link]") {
  ThreadLink link(1, [](WorkerLink&) { throw std::runtime_error("no more"); });

  const auto said = link.receive(10s);

  REQUIRE(said.has_value());
  CHECK(std::get<WorkerFailed>(said->second).what == "no more");
}

TEST_CASE("no workers is not a reason to hang", "[workers][thread_link]") {
  ThreadLink link(0, echo);

  CHECK(link.worker_count() == 0);
  CHECK_FALSE(link.receive(1ms).has_value());
}

}  // namespace hullscan
