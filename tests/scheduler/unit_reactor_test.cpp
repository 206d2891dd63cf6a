#include "scheduler/decisions/unit_reactor.hpp"

#include <catch2/catch.hpp>

namespace hullscan {
namespace {

WorkUnit unit(std::uint64_t id) { return {id, {0, 0, static_cast<std::uint32_t>(id)}, {}, {}}; }

UnitScored scored(const WorkUnit& done, std::uint64_t model_hash = 0) {
  UnitScored result;
  result.unit = done;
  result.model_hash = model_hash;
  result.orbits = 10;
  return result;
}

std::vector<std::uint64_t> units_sent(const std::vector<UnitAction>& actions) {
  std::vector<std::uint64_t> ids;
  for (const UnitAction& action : actions) {
    const auto* send = std::get_if<SendToWorker>(&action);
    if (send == nullptr) continue;
    if (const auto* run = std::get_if<RunUnit>(&send->message)) ids.push_back(run->unit.id);
  }
  return ids;
}

std::vector<double> quotas_sent(const std::vector<UnitAction>& actions) {
  std::vector<double> quotas;
  for (const UnitAction& action : actions) {
    const auto* send = std::get_if<SendToWorker>(&action);
    if (send == nullptr) continue;
    if (const auto* run = std::get_if<RunUnit>(&send->message)) quotas.push_back(run->quota_s);
  }
  return quotas;
}

}  // namespace

TEST_CASE("a worker that says hello gets the model before its first units", "[scheduler][unit_reactor]") {
  UnitReactor reactor({.model = {1, 42, {}}}, {unit(1), unit(2), unit(3)});

  const auto actions = reactor.handle(WorkerSaid{7, WorkerHello{}});

  REQUIRE(actions.size() == 3);
  CHECK(std::get<UseModel>(std::get<SendToWorker>(actions[0]).message).model_hash == 42);
  CHECK(units_sent(actions) == std::vector<std::uint64_t>{1, 2});
}

TEST_CASE("a result is stored before its worker gets more work", "[scheduler][unit_reactor]") {
  UnitReactor reactor({}, {unit(1), unit(2), unit(3)});
  (void)reactor.handle(WorkerSaid{3, WorkerHello{}});

  const auto actions = reactor.handle(WorkerSaid{3, scored(unit(1))});

  REQUIRE(actions.size() == 2);
  CHECK(std::get<StoreUnit>(actions[0]).result.unit.id == 1);
  CHECK(units_sent(actions) == std::vector<std::uint64_t>{3});
}

TEST_CASE("a result of an earlier model is not stored", "[scheduler][unit_reactor]") {
  UnitReactor reactor({.model = {2, 42, {}}}, {unit(1)});
  (void)reactor.handle(WorkerSaid{0, WorkerHello{}});

  const auto actions = reactor.handle(WorkerSaid{0, scored(unit(1), 41)});

  CHECK(actions.empty());
}

TEST_CASE("the remainder of a unit reaches an idle worker", "[scheduler][unit_reactor]") {
  UnitReactor reactor({}, {unit(1)});
  (void)reactor.handle(WorkerSaid{0, WorkerHello{}});
  (void)reactor.handle(WorkerSaid{1, WorkerHello{}});
  (void)reactor.handle(WorkerSaid{0, scored(unit(1))});
  REQUIRE(reactor.finished());

  reactor.add_units({unit(2), unit(3), unit(4)});
  const auto actions = reactor.deal();

  CHECK(units_sent(actions) == std::vector<std::uint64_t>{2, 3, 4});
  CHECK_FALSE(reactor.finished());
}

TEST_CASE("a drained reactor deals nothing and becomes idle with the last result", "[scheduler][unit_reactor]") {
  UnitReactor reactor({}, {unit(1), unit(2), unit(3)});
  (void)reactor.handle(WorkerSaid{0, WorkerHello{}});
  reactor.drain();

  CHECK(units_sent(reactor.handle(WorkerSaid{0, scored(unit(1))})).empty());
  CHECK_FALSE(reactor.idle());
  CHECK(units_sent(reactor.handle(WorkerSaid{0, scored(unit(2))})).empty());
  CHECK(reactor.idle());
  CHECK_FALSE(reactor.finished());
}

TEST_CASE("a worker of another protocol version ends the pass with both versions named", "[scheduler][unit_reactor]") {
  UnitReactor reactor({}, {unit(1)});
  WorkerHello hello;
  hello.protocol_version = 99;
  hello.host = "node7";

  const auto actions = reactor.handle(WorkerSaid{0, hello});

  REQUIRE(actions.size() == 1);
  CHECK_THAT(std::get<GiveUp>(actions[0]).reason, Catch::Contains("node7") && Catch::Contains("99"));
}

TEST_CASE("nobody gets a second unit while somebody has none", "[scheduler][unit_reactor]") {
  UnitReactor reactor({.model = {}, .workers = 3}, {});
  for (const std::size_t worker : {0U, 1U, 2U}) (void)reactor.handle(WorkerSaid{worker, WorkerHello{}});

  reactor.add_units({unit(1), unit(2), unit(3), unit(4)});
  std::map<std::size_t, int> dealt;
  for (const UnitAction& action : reactor.deal()) ++dealt[std::get<SendToWorker>(action).worker];

  CHECK(dealt == std::map<std::size_t, int>{{0, 2}, {1, 1}, {2, 1}});
}

TEST_CASE("what is handed back is dealt before what was never begun", "[scheduler][unit_reactor]") {
  UnitReactor reactor({}, {unit(1), unit(2), unit(3), unit(4)});
  (void)reactor.handle(WorkerSaid{0, WorkerHello{}});

  reactor.add_units({unit(11), unit(12)});

  CHECK(units_sent(reactor.handle(WorkerSaid{0, scored(unit(1))})) == std::vector<std::uint64_t>{11});
}

TEST_CASE("a quota is short while workers have nothing, a share of the rest later, and never more than it may be",
          "[scheduler][unit_reactor]") {
  UnitReactor reactor({.model = {}, .quota_s = 4, .workers = 2}, {unit(1)});
  CHECK(quotas_sent(reactor.handle(WorkerSaid{0, WorkerHello{}})) == std::vector<double>{0.1});
  (void)reactor.handle(WorkerSaid{1, WorkerHello{}});

  (void)reactor.handle(WorkerSaid{0, scored(unit(1))});
  reactor.add_units({unit(2), unit(3), unit(4), unit(5)});
  reactor.expect(600);
  CHECK(quotas_sent(reactor.deal()) == std::vector<double>{4, 4, 4, 4});

  (void)reactor.handle(WorkerSaid{0, scored(unit(2))});
  reactor.add_units({unit(6)});
  reactor.expect(6);
  CHECK(quotas_sent(reactor.deal()) == std::vector<double>{1});
}

TEST_CASE("quotas are never so short that the master could not follow", "[scheduler][unit_reactor]") {
  UnitReactor reactor({.model = {}, .quota_s = 4, .workers = 1000}, {unit(1)});
  reactor.result_costs(1e-3);

  CHECK(quotas_sent(reactor.handle(WorkerSaid{0, WorkerHello{}})) == std::vector<double>{0.1});  // one has work

  std::vector<WorkUnit> units;
  for (std::uint64_t id = 2; id < 1500; ++id) units.push_back(unit(id));
  reactor.add_units(units);
  reactor.expect(1);
  CHECK(quotas_sent(reactor.handle(WorkerSaid{1, WorkerHello{}})) == std::vector<double>{2, 2});
}

TEST_CASE("with more workers than the master could follow even the longest quota is stretched, as far as that may be",
          "[scheduler][unit_reactor]") {
  const auto first_quota_after = [](double result_cost_s, double stretched_s) {
    UnitReactor reactor({.model = {}, .quota_s = 4, .stretched_quota_s = stretched_s, .workers = 100'000}, {unit(1)});
    reactor.result_costs(result_cost_s);
    for (std::size_t worker = 0; worker < 100'000; ++worker) (void)reactor.handle(WorkerSaid{worker, WorkerHello{}});
    std::vector<WorkUnit> units;
    for (std::uint64_t id = 2; id < 200'000; ++id) units.push_back(unit(id));
    reactor.add_units(units);
    reactor.expect(1e9);
    return quotas_sent(reactor.deal()).at(99'999);
  };

  CHECK(first_quota_after(5e-6, 12) == 4);
  CHECK(first_quota_after(25e-6, 12) == Approx(10));
  CHECK(first_quota_after(100e-6, 12) == 12);
  CHECK(first_quota_after(100e-6, 0) == 4);
}

TEST_CASE("units that take no time are dealt in bundles", "[scheduler][unit_reactor]") {
  std::vector<WorkUnit> units;
  for (std::uint64_t id = 1; id <= 500; ++id) units.push_back(unit(id));
  UnitReactor reactor({}, units);
  (void)reactor.handle(WorkerSaid{0, WorkerHello{}});

  std::size_t held = 2;
  for (std::uint64_t id = 1; id <= 100; ++id)
    held += units_sent(reactor.handle(WorkerSaid{0, scored(unit(id))})).size() - 1;

  CHECK(held == 64);
}

TEST_CASE("draining tells those who hold units to stop, and who has stopped holds nothing",
          "[scheduler][unit_reactor]") {
  UnitReactor reactor({.model = {}, .workers = 2}, {unit(1)});
  (void)reactor.handle(WorkerSaid{0, WorkerHello{}});
  (void)reactor.handle(WorkerSaid{1, WorkerHello{}});

  const auto actions = reactor.drain();

  REQUIRE(actions.size() == 1);
  CHECK(std::get<SendToWorker>(actions[0]).worker == 0);
  CHECK(std::holds_alternative<Stop>(std::get<SendToWorker>(actions[0]).message));
  CHECK_FALSE(reactor.idle());
  (void)reactor.handle(WorkerSaid{0, WorkerStopped{}});
  CHECK(reactor.idle());
}

TEST_CASE("a pass is not finished when a worker has left with a unit that it never began",
          "[scheduler][unit_reactor]") {
  UnitReactor reactor({}, {unit(1), unit(2)});
  (void)reactor.handle(WorkerSaid{0, WorkerHello{}});  // holds both
  (void)reactor.drain();

  (void)reactor.handle(WorkerSaid{0, scored(unit(1))});
  (void)reactor.handle(WorkerSaid{0, WorkerStopped{}});

  CHECK(reactor.idle());
  CHECK_FALSE(reactor.finished());
}

TEST_CASE("a worker's full disk is reported as what it is", "[scheduler][unit_reactor]") {
  UnitReactor reactor({}, {unit(1)});

  const auto actions = reactor.handle(WorkerSaid{3, WorkerFailed{"no space left", 5}});

  REQUIRE(actions.size() == 1);
  CHECK(std::get<GiveUp>(actions[0]).exit_code == ExitCode::kStorage);
  CHECK_THAT(std::get<GiveUp>(actions[0]).reason, Catch::Contains("worker 3: no space left"));
}

}  // namespace hullscan
