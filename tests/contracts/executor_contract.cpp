/// @file
/// What every executor promises (scheduler/executors/executor.hpp), whoever runs the calculations.

#include <catch2/catch.hpp>
#include <csignal>
#include <set>

#include "../scheduler/waiting.hpp"
#include "core/errors.hpp"
#include "executors_under_contract.hpp"

namespace hullscan {
namespace {

using test::ExecutorHarness;
using test::ExecutorUnderContract;
using test::read_file;
using test::wait_for_one;
using test::within_seconds;

std::string described(const ExecutorUnderContract& which) {
  return "executor \"" + which.executor + "\" " + which.settings;
}

std::string lines(int count, const std::string& line) {
  std::string text;
  for (int i = 0; i < count; ++i) text += line + "\n";
  return text;
}

/// Until the script has made this file; what is reported meanwhile stays unreported only if there is nothing.
void wait_for_file(Executor& executor, const std::filesystem::path& file) {
  REQUIRE(within_seconds(60, [&] { return executor.poll().empty() && std::filesystem::exists(file); }));
}

/// Whatever is still to be reported, in some further looks.
std::vector<LaunchFinished> in_further_looks(Executor& executor) {
  std::vector<LaunchFinished> all;
  for (int i = 0; i < 5; ++i) {
    for (LaunchFinished& finished : executor.poll()) all.push_back(std::move(finished));
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
  }
  return all;
}

}  // namespace

TEST_CASE("every executor has a contract to keep", "[contract][executor]") {
  std::set<std::string> tested;
  for (const auto& which : test::executors_under_contract()) tested.insert(which.executor);
  for (const std::string& name : executor_names()) {
    INFO("add a line for \"" << name << "\" to tests/contracts/executors_under_contract.hpp");
    CHECK(tested.contains(name));
  }
}

TEST_CASE("a calculation runs in its directory, leaves its output in files and is reported once",
          "[contract][executor]") {
  const auto which = GENERATE(from_range(test::executors_under_contract()));
  INFO(described(which));
  const ExecutorHarness harness(which);
  Executor& executor = harness.executor();
  CHECK(executor.poll().empty());
  CHECK(executor.free_slots() == ExecutorHarness::kSlots);
  auto request = harness.shell("it's a (strange) däir $ect %ory", "pwd; cat; echo \"$WORD\"; echo trouble >&2");
  request.stdout_file = "pw.out";
  request.attempt = 3;
  request.environment = {{"WORD", "it's \"one\" $word"}};

  const std::string job = executor.launch(request);
  CHECK(executor.free_slots() == ExecutorHarness::kSlots - 1);
  const LaunchFinished finished = wait_for_one(executor);

  CHECK_FALSE(job.empty());
  CHECK(finished.task_key == request.task_key);
  CHECK(finished.attempt == 3);
  CHECK(test::ended(finished).exit_code == 0);
  CHECK(test::why_not_started(finished) == "");
  CHECK(test::why_lost(finished) == "");
  CHECK(test::ended(finished).cause != EndCause::kTimeLimit);
  CHECK(test::ended(finished).cause != EndCause::kNoProgress);
  CHECK(test::ended(finished).cause != EndCause::kOutOfMemory);
  CHECK(finished.wall_time_s >= 0);
  CHECK(read_file(request.directory / "pw.out") ==
        std::filesystem::canonical(request.directory).string() + "\nit's \"one\" $word\n");
  CHECK_THAT(read_file(request.directory / "stderr.txt"), Catch::Contains("trouble\n"));
  CHECK(read_file(request.directory / "exit_code") == "0\n");
  CHECK(executor.free_slots() == ExecutorHarness::kSlots);
  CHECK_FALSE(executor.is_alive(job));
  CHECK(in_further_looks(executor).empty());
}

TEST_CASE("the exit code is reported as it was, and stands in a file before", "[contract][executor]") {
  const auto which = GENERATE(from_range(test::executors_under_contract()));
  INFO(described(which));
  const ExecutorHarness harness(which);
  Executor& executor = harness.executor();
  // 128 + n is an end by signal n, of which a batch system may know why; these are nobody's doing.
  const std::vector<std::pair<std::string, int>> ends = {
      {"exit 1", 1}, {"exit 42", 42}, {"kill -SEGV $$", 128 + SIGSEGV}, {"kill -KILL $$", 128 + SIGKILL}};
  for (const auto& [script, code] : ends) {
    CAPTURE(script);
    const auto request = harness.shell(std::to_string(code), script);
    executor.launch(request);

    const LaunchFinished finished = wait_for_one(executor);

    CHECK(test::ended(finished).exit_code == code);
    CHECK(test::why_lost(finished).empty());
    CHECK(test::ended(finished).cause != EndCause::kTimeLimit);
    CHECK(read_file(request.directory / "exit_code") == std::to_string(code) + "\n");
  }
}

TEST_CASE("more than the slots is refused", "[contract][executor]") {
  const auto which = GENERATE(from_range(test::executors_under_contract()));
  INFO(described(which));
  const ExecutorHarness harness(which);
  Executor& executor = harness.executor();
  executor.launch(harness.shell("a", "sleep 300"));
  executor.launch(harness.shell("b", "sleep 300"));

  CHECK(executor.free_slots() == 0);
  CHECK_THROWS_AS(executor.launch(harness.shell("c", "true")), Error);

  executor.stop_all(0.1);
  CHECK(executor.free_slots() == ExecutorHarness::kSlots);
}

TEST_CASE("many calculations pass through the slots, each once", "[contract][executor]") {
  const auto which = GENERATE(from_range(test::executors_under_contract()));
  INFO(described(which));
  const ExecutorHarness harness(which);
  Executor& executor = harness.executor();
  constexpr int kAll = 6;
  std::set<std::string> seen;
  int launched = 0;

  const bool done = within_seconds(120, [&] {
    while (launched < kAll && executor.free_slots() > 0) {
      const std::string name = "t" + std::to_string(launched);
      executor.launch(harness.shell(name, "echo ran >> runs; exit " + std::to_string(launched++)));
    }
    for (const auto& finished : executor.poll()) {
      CHECK(test::ended(finished).exit_code == finished.task_key.at(1) - '0');
      CHECK(seen.insert(finished.task_key).second);
    }
    return seen.size() == kAll;
  });

  CHECK(done);
  for (int i = 0; i < kAll; ++i)
    CHECK(read_file(harness.directory("t" + std::to_string(i)) / "runs") == lines(1, "ran"));
  CHECK(executor.free_slots() == ExecutorHarness::kSlots);
}

TEST_CASE("a calculation over its time limit is ended and reported as that", "[contract][executor]") {
  const auto which = GENERATE(from_range(test::executors_under_contract()));
  INFO(described(which));
  const ExecutorHarness harness(which);
  Executor& executor = harness.executor();
  auto request = harness.shell("slow", "sleep 300");
  request.time_limit_s = which.shortest_limit_s;
  const std::string job = executor.launch(request);

  const LaunchFinished finished = wait_for_one(executor);

  CHECK(test::ended(finished).cause == EndCause::kTimeLimit);
  CHECK(test::why_not_started(finished).empty());
  CHECK(test::why_lost(finished).empty());
  CHECK_FALSE(executor.is_alive(job));
}

TEST_CASE("a calculation none of whose files changes any more is ended and reported as hung", "[contract][executor]") {
  const auto which = GENERATE(from_range(test::executors_under_contract()));
  INFO(described(which));
  const ExecutorHarness harness(which);
  Executor& executor = harness.executor();
  auto request = harness.shell("hung", "sleep 300");
  request.stall_s = 0.5;
  executor.launch(request);

  const LaunchFinished finished = wait_for_one(executor);

  CHECK(test::ended(finished).cause == EndCause::kNoProgress);
  CHECK(test::ended(finished).cause != EndCause::kTimeLimit);
}

TEST_CASE("a program that is not there is named", "[contract][executor]") {
  const auto which = GENERATE(from_range(test::executors_under_contract()));
  INFO(described(which));
  const ExecutorHarness harness(which);
  Executor& executor = harness.executor();
  auto request = harness.shell("absent", "");
  request.command = {"pw.x-of-nowhere", "-in", "pw.in"};
  executor.launch(request);

  const LaunchFinished finished = wait_for_one(executor);

  if (test::why_not_started(finished).empty()) {
    CHECK(test::ended(finished).exit_code != 0);
    CHECK_THAT(read_file(request.directory / "stderr.txt"), Catch::Contains("pw.x-of-nowhere"));
  } else {
    CHECK_THAT(test::why_not_started(finished), Catch::Contains("pw.x-of-nowhere"));
    CHECK_FALSE(std::filesystem::exists(request.directory / "exit_code"));
  }
  CHECK(executor.free_slots() == ExecutorHarness::kSlots);
}

TEST_CASE("what was stopped with everything is not reported and leaves no exit code", "[contract][executor]") {
  const auto which = GENERATE(from_range(test::executors_under_contract()));
  INFO(described(which));
  const ExecutorHarness harness(which);
  Executor& executor = harness.executor();
  const auto request = harness.shell("slow", "echo > began; sleep 300");
  const std::string job = executor.launch(request);
  wait_for_file(executor, request.directory / "began");

  executor.stop_all(1.0);

  CHECK(executor.free_slots() == ExecutorHarness::kSlots);
  CHECK(in_further_looks(executor).empty());
  CHECK(within_seconds(10, [&] { return !executor.is_alive(job); }));
  CHECK_FALSE(std::filesystem::exists(request.directory / "exit_code"));
}

TEST_CASE("a job can be seen and stopped by its name, by another process too", "[contract][executor]") {
  const auto which = GENERATE(from_range(test::executors_under_contract()));
  INFO(described(which));
  const ExecutorHarness harness(which);
  Executor& executor = harness.executor();
  const auto other = harness.another();
  const auto request = harness.shell("slow", "echo > began; sleep 300");
  const std::string job = executor.launch(request);
  wait_for_file(executor, request.directory / "began");
  for (const char* nonsense : {"", "12", "1:2@", "x:y@z", "@:", "-5:1@host", "slurm:", "pbs:", "slurm:hs-", "step:a"}) {
    CAPTURE(nonsense);
    CHECK_FALSE(other->is_alive(nonsense));
    other->stop(nonsense);
  }
  CHECK(other->is_alive(job));

  other->stop(job);

  const LaunchFinished finished = wait_for_one(executor);
  CHECK((!test::why_lost(finished).empty() || test::ended(finished).exit_code >= 128));
  CHECK(test::why_not_started(finished).empty());
  CHECK(within_seconds(10, [&] { return !other->is_alive(job); }));
}

TEST_CASE("a calculation under way is taken over by the next process, or has ended with the last",
          "[contract][executor]") {
  const auto which = GENERATE(from_range(test::executors_under_contract()));
  INFO(described(which));
  const bool name_was_stored = GENERATE(true, false);
  ExecutorHarness harness(which);
  const auto request = harness.shell("lasting", "echo > began; while [ ! -e go ]; do sleep 0.02; done; exit 7");
  const std::string job = harness.executor().launch(request);
  wait_for_file(harness.executor(), request.directory / "began");

  harness.restart();

  Executor& executor = harness.executor();
  const std::string adopted = executor.adopt(request, name_was_stored ? job : "");
  if (!executor.outlives_hullscan()) {
    CHECK(adopted.empty());
    CHECK(within_seconds(10, [&] { return !executor.is_alive(job); }));
    CHECK(executor.free_slots() == ExecutorHarness::kSlots);
    CHECK(in_further_looks(executor).empty());
    return;
  }
  CHECK(adopted == job);
  CHECK(executor.free_slots() == ExecutorHarness::kSlots - 1);
  CHECK(executor.is_alive(adopted));
  test::write_file(request.directory / "go", "");
  const LaunchFinished finished = wait_for_one(executor);
  CHECK(finished.task_key == request.task_key);
  CHECK(test::ended(finished).exit_code == 7);
  CHECK(test::why_lost(finished).empty());
}

TEST_CASE("what ended while nobody looked is reported by the next process, where it may go on alone",
          "[contract][executor]") {
  const auto which = GENERATE(from_range(test::executors_under_contract()));
  INFO(described(which));
  ExecutorHarness harness(which);
  if (!harness.executor().outlives_hullscan()) return;
  const auto request = harness.shell("lasting", "echo > began; while [ ! -e go ]; do sleep 0.02; done; exit 9");
  const std::string job = harness.executor().launch(request);
  wait_for_file(harness.executor(), request.directory / "began");
  test::write_file(request.directory / "go", "");
  REQUIRE(within_seconds(60, [&] { return std::filesystem::exists(request.directory / "exit_code"); }));

  harness.restart();

  REQUIRE(harness.executor().adopt(request, job) == job);
  CHECK(test::ended(wait_for_one(harness.executor())).exit_code == 9);
}

TEST_CASE("what was meant to be launched but never was runs once after all", "[contract][executor]") {
  const auto which = GENERATE(from_range(test::executors_under_contract()));
  INFO(described(which));
  ExecutorHarness harness(which);
  if (!harness.executor().outlives_hullscan()) return;
  const auto request = harness.shell("meant", "echo ran >> runs");
  const std::string job = harness.executor().launch(request);  // and not one poll()

  harness.restart();

  REQUIRE_FALSE(harness.executor().adopt(request, job).empty());
  CHECK(test::ended(wait_for_one(harness.executor())).exit_code == 0);
  CHECK(in_further_looks(harness.executor()).empty());
  CHECK(read_file(request.directory / "runs") == lines(1, "ran"));
}

TEST_CASE("machines that are to be avoided do not keep others from working", "[contract][executor]") {
  const auto which = GENERATE(from_range(test::executors_under_contract()));
  INFO(described(which));
  const ExecutorHarness harness(which);
  Executor& executor = harness.executor();
  CHECK(executor.machines() >= 1);
  CHECK(executor.cores() >= 1);
  executor.avoid({"node-of-nowhere"});
  executor.launch(harness.shell("a", "exit 4"));

  CHECK(test::ended(wait_for_one(executor)).exit_code == 4);
}

}  // namespace hullscan
