/// @file
/// Calculations whose hullscan ended before they did: what the next process takes up and what it repeats.

#include <catch2/catch.hpp>
#include <csignal>

#include "scheduler/decisions/task_steps.hpp"
#include "scheduler/executors/run_script.hpp"
#include "storage/instant_now.hpp"
#include "task_loop_testing.hpp"

namespace hullscan::test {
namespace {

using Catch::Contains;
using Keys = std::vector<std::string>;

/// An attempt that an earlier process started, and what it has left. @param exit_code "": it has not ended.
void left_by_earlier(Calculations& campaign, const std::string& output, const std::string& exit_code) {
  campaign.store.begin_attempt("a", {1, "tasks/a/1", {"one-line", {}}, "", ""}, instant_now());
  campaign.store.describe_attempt("a", 1, "{\"cores\": 1}");
  campaign.store.record("a", TaskStarted{1, "job0@here"}, instant_now());
  write_file(campaign.attempt(1) / "input", "2.900");
  write_file(campaign.attempt(1) / "out", output);
  if (!exit_code.empty()) write_file(campaign.attempt(1) / "exit_code", exit_code);
}

/// Once so many attempts have been started.
StopRequested when_launched(const Calculations& campaign, std::size_t number) {
  return [&campaign, number] { return campaign.executor.launched.size() >= number; };
}

}  // namespace

TEST_CASE("a complete calculation of an earlier process is judged and not repeated", "[scheduler][task_loop]") {
  Calculations campaign;
  left_by_earlier(campaign, "converged -6", "0");

  CHECK(campaign.run() == LoopEnd::kFinished);

  CHECK(campaign.executor.launched.empty());
  CHECK(campaign.results == Keys{"a"});
  CHECK(campaign.task().result->converged.energy_ev == -6);
}

TEST_CASE("an incomplete one is ended, marked as superseded and repeated", "[scheduler][task_loop]") {
  Calculations campaign;
  left_by_earlier(campaign, "converged -6", "");
  campaign.executor.fate_of = [&](const LaunchRequest& request) {
    CHECK(request.directory == campaign.attempt(2));
    CHECK(fs::exists(campaign.attempt(1) / kSupersededFile));
    return converges(-5);
  };

  CHECK(campaign.run() == LoopEnd::kFinished);

  CHECK(campaign.executor.stopped == Keys{"job0@here"});
  CHECK(campaign.outcomes() == Keys{"lost: it ended together with an earlier hullscan", "accepted"});
  CHECK(campaign.task().result->converged.energy_ev == -5);
}

TEST_CASE("one that somebody's signal ended between two processes is lost, not failed", "[scheduler][task_loop]") {
  Calculations campaign;
  left_by_earlier(campaign, "stops in the middle", std::to_string(128 + SIGTERM));

  CHECK(campaign.run() == LoopEnd::kFinished);

  REQUIRE(campaign.outcomes().size() == 2);
  CHECK_THAT(campaign.outcomes()[0], Contains("lost: killed from outside by SIGTERM"));
  CHECK(campaign.outcomes()[1] == "accepted");
}

TEST_CASE("a run that is asked to stop ends what is under way, and the next one repeats it", "[scheduler][task_loop]") {
  Calculations campaign;
  campaign.stop = when_launched(campaign, 1);
  campaign.executor.fate_of = [](const LaunchRequest& /*request*/) { return std::optional<Fate>(); };

  CHECK(campaign.run() == LoopEnd::kStopped);
  CHECK(campaign.executor.ended_all);
  CHECK(campaign.outcomes() == Keys{"lost: hullscan was asked to stop"});

  campaign.stop = [] { return false; };
  campaign.executor.fate_of = [](const LaunchRequest& /*request*/) { return converges(); };
  CHECK(campaign.run() == LoopEnd::kFinished);
  CHECK(campaign.outcomes().back() == "accepted");
}

TEST_CASE("jobs of a batch system go on and are taken over by the next run", "[scheduler][task_loop]") {
  Calculations campaign;
  campaign.executor.outlives = true;
  campaign.limits.seconds_left = [] { return 10.0; };  // hullscan's own end is not the job's
  campaign.stop = when_launched(campaign, 1);
  campaign.executor.fate_of = [](const LaunchRequest& /*request*/) { return std::optional<Fate>(); };

  CHECK(campaign.run() == LoopEnd::kStopped);
  CHECK_FALSE(campaign.executor.ended_all);
  CHECK(campaign.task().state == TaskState::kRunning);
  CHECK(campaign.executor.launched.at(0).time_limit_s == 86400);

  campaign.stop = [] { return false; };
  campaign.executor.fate_of = [](const LaunchRequest& /*request*/) { return converges(); };
  CHECK(campaign.run() == LoopEnd::kFinished);
  CHECK(campaign.executor.launched.size() == 1);
  CHECK(campaign.outcomes() == Keys{"accepted"});
}

TEST_CASE("a finished directory that a lost database does not know is taken up", "[scheduler][task_loop]") {
  Calculations campaign;
  write_file(campaign.attempt(1) / "out", "converged -6");
  write_file(campaign.attempt(1) / "exit_code", "0");

  CHECK(campaign.run() == LoopEnd::kFinished);

  CHECK(campaign.executor.launched.empty());
  CHECK(campaign.task().result->converged.energy_ev == -6);
}

TEST_CASE("a directory of an unknown attempt that does not count is kept under another name",
          "[scheduler][task_loop]") {
  // Superseded; without an end; of another step.
  const std::string file = GENERATE(std::string(kSupersededFile), "no exit code", std::string(kStepMarkFile));
  Calculations campaign;
  write_file(campaign.attempt(1) / "out", "converged -6");
  write_file(campaign.attempt(1) / file, "closing");
  if (file != "no exit code") write_file(campaign.attempt(1) / "exit_code", "0");
  campaign.executor.fate_of = [&](const LaunchRequest& /*request*/) {
    CHECK(read_file(fs::path(campaign.attempt(1).string() + ".old-1") / "out") == "converged -6");
    return converges(-5);
  };

  CHECK(campaign.run() == LoopEnd::kFinished);

  CHECK(campaign.executor.launched.size() == 1);
  CHECK(campaign.task().result->converged.energy_ev == -5);
}

TEST_CASE("a correction that an earlier process had chosen is made by the next", "[scheduler][task_loop]") {
  Calculations campaign;
  campaign.stop = when_launched(campaign, 1);
  campaign.executor.fate_of = [](const LaunchRequest& /*request*/) { return fails("oscillates"); };
  // One look ends the first attempt before the run is asked whether to stop.
  CHECK(campaign.run() == LoopEnd::kStopped);
  REQUIRE(campaign.task().state == TaskState::kRetrying);

  campaign.stop = [] { return false; };
  campaign.executor.fate_of = [](const LaunchRequest& request) {
    CHECK(read_file(request.directory / "input") == "3.000");  // the last structure of the first attempt
    return converges();
  };
  CHECK(campaign.run() == LoopEnd::kFinished);
  REQUIRE(campaign.task().attempts.size() == 2);
  CHECK(campaign.task().attempts[1].handler == "mixing");
  CHECK(campaign.task().attempts[1].settings.values.at("mixing") == "0.1");
}

TEST_CASE("why a calculation was ended is known to the next process, and so is what follows",
          "[scheduler][task_loop]") {
  const auto next_attempt = [](EndCause cause) {
    Calculations campaign;
    campaign.executor.more_memory = true;
    campaign.stop = when_launched(campaign, 1);
    campaign.executor.fate_of = [&](const LaunchRequest& /*request*/) { return fails("stops in the middle", cause); };
    CHECK(campaign.run() == LoopEnd::kStopped);
    campaign.stop = [] { return false; };
    campaign.executor.fate_of = [](const LaunchRequest& /*request*/) { return converges(); };
    CHECK(campaign.run() == LoopEnd::kFinished);
    return std::pair(campaign.task().attempts.at(1).handler, campaign.executor.launched.at(1).memory_doublings);
  };

  CHECK(next_attempt(EndCause::kOutOfMemory) == std::pair(std::string("more-memory-1"), 1));
  CHECK(next_attempt(EndCause::kTimeLimit) == std::pair(std::string("longer"), 0));
}

TEST_CASE("a step that is done is followed by the next in its final structure, in whichever process",
          "[scheduler][task_loop]") {
  const bool interrupted = GENERATE(false, true);
  Calculations campaign({{"a", {{"closing", ""}}}});
  if (interrupted) campaign.stop = when_launched(campaign, 1);
  campaign.executor.fate_of = [&](const LaunchRequest& request) {
    CHECK(read_file(request.directory / "input") == (request.attempt == 1 ? "2.900" : "3.000"));
    CHECK(fs::exists(request.directory / kStepMarkFile) == (request.attempt == 2));
    return converges(request.attempt == 1 ? -5 : -5.5);
  };

  if (interrupted) {
    CHECK(campaign.run() == LoopEnd::kStopped);
    CHECK(campaign.task().state == TaskState::kContinuing);
    campaign.stop = [] { return false; };
  }
  CHECK(campaign.run() == LoopEnd::kFinished);

  REQUIRE(campaign.executor.launched.size() == 2);
  CHECK_THAT(campaign.outcomes().at(0), Catch::StartsWith(kStepDoneOutcome));
  CHECK(campaign.task().result->attempt == 2);
  CHECK(campaign.task().result->converged.energy_ev == -5.5);
  CHECK(campaign.task().result->wall_time_s == 200);  // of both
  CHECK(campaign.results == Keys{"a"});
}

}  // namespace hullscan::test
