/// @file
/// The calculations of a round from their inputs to their ends, in one process.

#include <catch2/catch.hpp>
#include <csignal>

#include "core/json.hpp"
#include "storage/campaign_facts.hpp"
#include "task_loop_testing.hpp"

namespace hullscan::test {
namespace {

using Catch::Contains;
using Keys = std::vector<std::string>;

}  // namespace

TEST_CASE("the calculations of a round run to their ends, the longest first", "[scheduler][task_loop]") {
  Calculations campaign({{"a", {{"cost", "1"}}}, {"b", {{"cost", "3"}}}, {"c", {{"cost", "2"}}}});
  campaign.executor.slots = 1;
  campaign.executor.fate_of = [](const LaunchRequest& request) {
    CHECK(read_file(request.directory / "input") == "2.900");
    CHECK(request.command == Keys{"one"});
    CHECK(request.stall_s == 7200);  // as the code has it
    return converges(request.task_key == "b" ? -7 : -5);
  };

  CHECK(campaign.run() == LoopEnd::kFinished);

  CHECK(campaign.launched_keys() == Keys{"b", "c", "a"});
  CHECK(campaign.results == Keys{"b", "c", "a"});
  CHECK(campaign.task("b").state == TaskState::kConverged);
  CHECK(campaign.task("b").result->converged.energy_ev == -7);
  CHECK(campaign.task("b").result->wall_time_s == 100);
  CHECK((campaign.progress.tasks == 3 && campaign.progress.ended == 3));
  CHECK((campaign.progress.cost_total == 6 && campaign.progress.cost_done == 6));
  const Json particulars = Json::parse(campaign.task("b").attempts.at(0).particulars);
  CHECK(particulars.at("inputs").contains("input"));
  CHECK(particulars.at("wall_s") == 100.0);
  CHECK(particulars.at("machine") == "here");
}

TEST_CASE("a refused attempt is corrected and begins in its last structure, until nothing is left to try",
          "[scheduler][task_loop]") {
  Calculations campaign({{"a", {}}, {"b", {}}});
  campaign.executor.fate_of = [](const LaunchRequest& request) {
    return request.task_key == "a" && request.attempt == 2 ? converges() : fails("oscillates");
  };

  CHECK(campaign.run() == LoopEnd::kFinished);

  const TaskRecord corrected = campaign.task("a");
  REQUIRE(corrected.attempts.size() == 2);
  CHECK_THAT(corrected.attempts[0].outcome, Contains("oscillates; next: slower mixing"));
  CHECK((corrected.attempts[1].handler == "mixing" && corrected.attempts[1].settings.values.at("mixing") == "0.1"));
  CHECK(corrected.state == TaskState::kConverged);
  CHECK(campaign.task("b").state == TaskState::kFailed);
  CHECK(campaign.outcomes("b").size() == 2);
  CHECK(campaign.results == Keys{"a"});
  CHECK(campaign.progress.ended == 2);
}

TEST_CASE("a structure that cannot be asked for fails without being started", "[scheduler][task_loop]") {
  Calculations campaign({{"a", {{"refuse", ""}}}, {"b", {}}});

  CHECK(campaign.run() == LoopEnd::kFinished);

  CHECK(campaign.task("a").state == TaskState::kFailed);
  CHECK_THAT(campaign.outcomes("a").at(0), Contains("no pseudopotential of Ni"));
  CHECK(campaign.launched_keys() == Keys{"b"});
}

TEST_CASE("what was lost by no fault of its own is repeated as it was", "[scheduler][task_loop]") {
  Calculations campaign;
  campaign.executor.fate_of = [](const LaunchRequest& request) {
    return request.attempt == 1 ? Fate{{}, CommandLost{"its node is down"}} : converges();
  };

  CHECK(campaign.run() == LoopEnd::kFinished);

  CHECK(campaign.outcomes() == Keys{"lost: its node is down", "accepted"});
  CHECK(campaign.task().attempts[1].handler.empty());
}

TEST_CASE("a signal of others is no failure until the fourth time, and a complete output counts for all that",
          "[scheduler][task_loop]") {
  Calculations campaign({{"a", {}}, {"b", {}}});
  campaign.executor.fate_of = [](const LaunchRequest& request) {
    return Fate{request.task_key == "a" ? "stops in the middle" : "converged -5", CommandEnded{128 + SIGKILL}};
  };

  CHECK(campaign.run() == LoopEnd::kFinished);

  REQUIRE(campaign.outcomes("a").size() == 4);
  CHECK_THAT(campaign.outcomes("a")[0], Contains("lost: killed from outside by SIGKILL"));
  CHECK_THAT(campaign.outcomes("a")[3], Contains("lost 4 times") && Contains("tasks DIR --retry"));
  CHECK(campaign.task("a").state == TaskState::kFailed);
  CHECK(campaign.outcomes("b") == Keys{"accepted"});
}

TEST_CASE("why hullscan ended a calculation is its failure", "[scheduler][task_loop]") {
  const auto outcome = [](EndCause cause) {
    Calculations campaign;
    campaign.limits.stall_s = 600;
    campaign.executor.fate_of = [&](const LaunchRequest& request) {
      CHECK(request.stall_s == 600);
      return fails("stops in the middle", cause);
    };
    CHECK(campaign.run() == LoopEnd::kFinished);
    CHECK(campaign.task().state == TaskState::kFailed);
    return campaign.outcomes().at(0);
  };

  CHECK_THAT(outcome(EndCause::kTimeLimit), Contains("run.time_limit_s"));
  CHECK_THAT(outcome(EndCause::kNoProgress), Contains("none of its files changed") && Contains("run.stall_s"));
  CHECK_THAT(outcome(EndCause::kOutOfMemory), Contains("out of memory"));
  CHECK_THAT(outcome(EndCause::kItself), Contains("stops in the middle"));
}

TEST_CASE("what a calculation leaves running is on record, and it counts", "[scheduler][task_loop]") {
  Calculations campaign;
  campaign.executor.fate_of = [](const LaunchRequest& /*request*/) {
    return Fate{"converged -5", CommandEnded{0, EndCause::kItself, "helper"}};
  };

  CHECK(campaign.run() == LoopEnd::kFinished);

  CHECK(campaign.outcomes() == Keys{"accepted"});
  CHECK(Json::parse(campaign.task().attempts.at(0).particulars).at("left_running") == "helper");
}

TEST_CASE("out of memory asks for twice as much, and for twice as much again", "[scheduler][task_loop]") {
  Calculations campaign;
  campaign.executor.more_memory = true;
  campaign.executor.fate_of = [](const LaunchRequest& /*request*/) { return fails("", EndCause::kOutOfMemory); };

  CHECK(campaign.run() == LoopEnd::kFinished);

  REQUIRE(campaign.executor.launched.size() == 3);
  for (int i = 0; i < 3; ++i) CHECK(campaign.executor.launched[static_cast<std::size_t>(i)].memory_doublings == i);
  CHECK(campaign.task().attempts[2].handler == "more-memory-2");
  CHECK(campaign.task().state == TaskState::kFailed);
}

TEST_CASE("an installation on which nothing starts ends the run, and the calculations stay to be made",
          "[scheduler][task_loop]") {
  Calculations campaign;
  campaign.executor.fate_of = [](const LaunchRequest& /*request*/) {
    return Fate{{}, CommandNotStarted{"no program \"one\""}, 0};
  };
  CHECK_THROWS_AS(campaign.run(), TransportError);
  CHECK(campaign.executor.ended_all);
  CHECK(campaign.executor.launched.size() == 3);
  CHECK(campaign.task().state == TaskState::kRetrying);

  campaign.executor.fate_of = [](const LaunchRequest& /*request*/) { return converges(); };
  CHECK(campaign.run() == LoopEnd::kFinished);
  CHECK(campaign.outcomes().back() == "accepted");
}

TEST_CASE("a machine on which three in a row fail at once is avoided, by later processes too",
          "[scheduler][task_loop]") {
  Calculations campaign;
  campaign.executor.machine_count = 3;
  campaign.executor.fate_of = [](const LaunchRequest& request) {
    return request.attempt <= 3 ? Fate{"truncated", CommandEnded{}, 2, "node1"}
                                : Fate{"converged -5", {}, 100, "node2"};
  };

  CHECK(campaign.run() == LoopEnd::kFinished);

  REQUIRE(campaign.outcomes().size() == 4);
  CHECK_THAT(campaign.outcomes()[2], Contains("lost: it failed on node1"));
  CHECK(campaign.executor.avoided == Keys{"node1"});
  CHECK(recall_avoided_nodes(campaign.store) == Keys{"node1"});
  campaign.executor.avoided.clear();
  CHECK(campaign.run() == LoopEnd::kFinished);
  CHECK(campaign.executor.avoided == Keys{"node1"});
}

TEST_CASE("nothing is started that could exceed the core-hours of the campaign", "[scheduler][task_loop]") {
  // Each may take 4 cores for an hour; of 8 core-hours there is room for two at a time.
  const auto converged = [](double wall_time_s) {
    Calculations campaign({{"a", {}}, {"b", {}}, {"c", {}}});
    campaign.executor.slots = 3;
    campaign.executor.cores_of_each = 4;
    campaign.limits.time_limit_s = 3600;
    campaign.limits.max_core_hours = 8;
    // Two go on over one look, then end; what they may still take is spoken for.
    campaign.executor.fate_of = [&, asked = 0](const LaunchRequest& /*request*/) mutable -> std::optional<Fate> {
      if (++asked <= 2) return std::nullopt;
      CHECK(campaign.executor.launched.size() == (asked <= 4 ? 2 : 3));
      return Fate{"converged -5", CommandEnded{}, wall_time_s};
    };
    const LoopEnd end = campaign.run();
    const std::size_t ended = campaign.results.size();
    // Another process knows what was used.
    CHECK(campaign.run() == end);
    CHECK(campaign.results.size() == ended);
    return std::pair(end, ended);
  };

  CHECK(converged(3600) == std::pair(LoopEnd::kStopped, std::size_t{2}));
  CHECK(converged(900) == std::pair(LoopEnd::kFinished, std::size_t{3}));
}

TEST_CASE("near the end of its time a run starts only what is expected to end", "[scheduler][task_loop]") {
  Calculations campaign({{"a", {{"cost", "3"}}}, {"b", {{"cost", "1"}}}});
  campaign.executor.slots = 1;
  double left = 1000;
  campaign.limits.seconds_left = [&] { return left; };
  campaign.executor.fate_of = [&](const LaunchRequest& request) {
    CHECK(request.time_limit_s > left);  // the run is stopped first, and its calculations with it
    CHECK(request.time_limit_s <= left + 60);
    left = 50;  // "a" took 300 s; "b" is expected to take a third of that
    return Fate{"converged -5", CommandEnded{}, 300};
  };

  CHECK(campaign.run() == LoopEnd::kStopped);
  CHECK(campaign.launched_keys() == Keys{"a"});
  CHECK(campaign.task("b").state == TaskState::kSelected);

  left = 1e9;
  campaign.executor.fate_of = [](const LaunchRequest& request) {
    CHECK(request.time_limit_s == 86400);
    return converges();
  };
  CHECK(campaign.run() == LoopEnd::kFinished);
}

TEST_CASE("a round that leaves slots idle may be followed by the next, and a look later ends what is left of it",
          "[scheduler][task_loop]") {
  Calculations campaign({{"a", {}}, {"b", {}}});
  campaign.executor.slots = 3;
  bool released = false;
  campaign.executor.fate_of = [&](const LaunchRequest& request) {
    return request.task_key == "a" || released ? std::optional(converges()) : std::nullopt;
  };
  TaskLoop loop = campaign.loop();

  CHECK(loop.run(0, RunUntil::kSlotIdle) == LoopEnd::kFinished);
  CHECK(campaign.results == Keys{"a"});
  loop.look();
  CHECK(campaign.task("b").state == TaskState::kRunning);
  released = true;
  loop.look();
  CHECK(campaign.results == Keys{"a", "b"});
}

}  // namespace hullscan::test
