/// @file
/// Limits and ends of calculations reach every process of theirs, with real processes and real ranks of mpirun.

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <fstream>
#include <set>

#include "../files.hpp"
#include "scheduler/executors/left_overs.hpp"
#include "scheduler/executors/local_executor.hpp"
#include "waiting.hpp"

namespace hullscan {
namespace {

namespace fs = std::filesystem;
using test::process_exists;
using test::wait_for_one;
using test::within_seconds;

LaunchRequest calculation(const fs::path& directory, const std::string& script) {
  fs::create_directories(directory);
  LaunchRequest request;
  request.task_key = directory.filename().string();
  request.directory = directory;
  request.command = {"sh", "-c", script};
  return request;
}

/// The script once a rank.
LaunchRequest two_ranks(const fs::path& directory, const std::string& script) {
  LaunchRequest request = calculation(directory, script);
  request.command = {"mpirun", "--oversubscribe", "-np", "2", "sh", "-c", script};
  request.environment = {{"OMPI_ALLOW_RUN_AS_ROOT", "1"},
                         {"OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1"},
                         {"OMPI_MCA_orte_tmpdir_base", directory.string()}};
  return request;
}

std::set<int> numbers_in(const fs::path& file) {
  std::set<int> numbers;
  std::ifstream stream(file);
  for (int number = 0; stream >> number;) numbers.insert(number);
  return numbers;
}

/// The processes that a script has noted, once there are so many.
std::set<int> noted(const fs::path& file, std::size_t count) {
  REQUIRE(within_seconds(60, [&] { return numbers_in(file).size() >= count; }));
  return numbers_in(file);
}

bool none_lives(const std::set<int>& pids) {
  return std::none_of(pids.begin(), pids.end(), [](int pid) { return process_exists(pid); });
}

}  // namespace

TEST_CASE("the memory of mpirun's ranks counts, although each has a group of its own", "[scheduler][family][mpi]") {
  const test::TemporaryFolder folder;
  LocalExecutor executor(1, 5, 90.0);
  // tail keeps what has no line end; the ranks hold 60 MB each, mpirun and the shells less than 30 together.
  auto request = two_ranks(folder.path() / "a", "echo $$ >> pids; head -c 60000000 /dev/zero | tail | sleep 300");
  request.time_limit_s = 120;

  executor.launch(request);
  const std::set<int> ranks = noted(folder.path() / "a/pids", 2);
  const auto finished = wait_for_one(executor);

  CHECK(test::ended(finished).cause == EndCause::kOutOfMemory);
  CHECK(test::ended(finished).cause != EndCause::kTimeLimit);
  CHECK(none_lives(ranks));
}

TEST_CASE("ranks that ignore SIGTERM do not outlive the time limit", "[scheduler][family][mpi]") {
  const test::TemporaryFolder folder;
  LocalExecutor executor(1, 0.5);
  auto request = two_ranks(folder.path() / "a", "trap '' TERM; echo $$ >> pids; while true; do sleep 1; done");
  request.time_limit_s = 1;
  executor.launch(request);
  const std::set<int> ranks = noted(folder.path() / "a/pids", 2);

  const auto finished = wait_for_one(executor);

  CHECK(test::ended(finished).cause == EndCause::kTimeLimit);
  CHECK(none_lives(ranks));
}

TEST_CASE("ranks that ignore SIGTERM end with a hullscan that stops", "[scheduler][family][mpi]") {
  const test::TemporaryFolder folder;
  LocalExecutor executor(1);
  executor.launch(two_ranks(folder.path() / "a", "trap '' TERM; echo $$ >> pids; while true; do sleep 1; done"));
  const std::set<int> ranks = noted(folder.path() / "a/pids", 2);

  executor.stop_all(0.3);

  CHECK(none_lives(ranks));
  CHECK(executor.free_slots() == 1);
}

TEST_CASE("what a calculation leaves running when it ends is ended too, and named", "[scheduler][family]") {
  const test::TemporaryFolder folder;
  LocalExecutor executor(2);
  const auto directory = folder.path() / "a";
  // In its group; in a session of its own; after the process between has gone; without our environment; all of it.
  const std::string script =
      GENERATE(as<std::string>{}, "sleep 300 & echo $! > child", "setsid sleep 300 & echo $! > child",
               "(setsid sh -c 'sleep 300 & echo $! > child' &)", "env -i sleep 300 & echo $! > child",
               "(env -i setsid sh -c \"cd /; sleep 300 & echo \\$! > $PWD/child\" &)");
  CAPTURE(script);

  executor.launch(calculation(directory, script + "; while [ ! -s child ]; do sleep 0.01; done; exit 3"));
  const auto finished = wait_for_one(executor);

  CHECK(test::ended(finished).exit_code == 3);
  CHECK_THAT(test::ended(finished).left_running, Catch::Contains("sleep (process "));
  CHECK(none_lives(noted(directory / "child", 1)));
}

TEST_CASE("helpers that end a moment after their calculation are nothing to speak of", "[scheduler][family]") {
  const test::TemporaryFolder folder;
  LocalExecutor executor(1);

  executor.launch(calculation(folder.path() / "a", "(sleep 0.2; echo late > late) & exit 0"));
  const auto finished = wait_for_one(executor);

  CHECK(test::ended(finished).exit_code == 0);
  CHECK(test::ended(finished).left_running.empty());
  CHECK(test::read_file(folder.path() / "a/late") == "late\n");
}

TEST_CASE("the end of one calculation leaves its neighbour alone", "[scheduler][family]") {
  const test::TemporaryFolder folder;
  LocalExecutor executor(2, 0.2);
  executor.launch(calculation(folder.path() / "neighbour", "setsid sleep 300 & echo $! > child; wait; sleep 300"));
  auto hopeless = calculation(folder.path() / "hopeless", "setsid sleep 300 & echo $! > child; wait");
  hopeless.time_limit_s = 0.5;
  executor.launch(hopeless);
  const auto kept = noted(folder.path() / "neighbour/child", 1), ended = noted(folder.path() / "hopeless/child", 1);

  CHECK(wait_for_one(executor).task_key == "hopeless");

  CHECK(none_lives(ended));
  CHECK_FALSE(none_lives(kept));
  executor.stop_all(0);
  CHECK(none_lives(kept));
}

TEST_CASE("what a killed hullscan left running is ended by the next one, wherever its directory is now",
          "[scheduler][family]") {
  const test::TemporaryFolder folder;
  const fs::path first = folder.path() / "campaign", later = folder.path() / "moved";
  const bool moved = GENERATE(false, true);
  CAPTURE(moved);
  const pid_t hullscan = ::fork();
  if (hullscan == 0) {
    LocalExecutor executor(1);
    executor.launch(calculation(first / "tasks/k/1", "setsid sleep 300 & echo $! > child; wait"));
    ::pause();
    ::_exit(0);
  }
  const auto child = noted(first / "tasks/k/1/child", 1);
  ::kill(hullscan, SIGKILL);
  ::waitpid(hullscan, nullptr, 0);
  REQUIRE_FALSE(none_lives(child));
  if (moved) fs::rename(first, later);

  const std::string ended = end_left_overs(moved ? later : first);

  CHECK_THAT(ended, Catch::Contains("(process " + std::to_string(*child.begin()) + ")"));  // setsid, or sleep already
  CHECK(none_lives(child));
  CHECK(end_left_overs(moved ? later : first).empty());
}

TEST_CASE("what a person runs in a campaign's directory is not ended", "[scheduler][family]") {
  const test::TemporaryFolder folder;
  fs::create_directories(folder.path() / "tasks/k/1");
  const pid_t person = ::fork();
  if (person == 0) {
    if (::chdir((folder.path() / "tasks/k/1").c_str()) != 0) ::_exit(1);
    ::execlp("sleep", "sleep", "300", static_cast<char*>(nullptr));
    ::_exit(1);
  }

  CHECK(end_left_overs(folder.path()).empty());

  CHECK(process_exists(person));
  ::kill(person, SIGKILL);
  ::waitpid(person, nullptr, 0);
}

TEST_CASE("a calculation none of whose files changes is ended as hung; one that writes is not", "[scheduler][stall]") {
  const test::TemporaryFolder folder;
  LocalExecutor executor(1, 0.5);

  SECTION("nothing is written") {
    auto request = calculation(folder.path() / "a", "echo begun; sleep 300");
    request.stall_s = 1;
    executor.launch(request);
    const auto finished = wait_for_one(executor);
    CHECK(test::ended(finished).cause == EndCause::kNoProgress);
    CHECK(test::ended(finished).cause != EndCause::kTimeLimit);
    CHECK(test::ended(finished).exit_code == 128 + SIGTERM);
  }
  SECTION("a file below its directory grows") {
    auto request =
        calculation(folder.path() / "a", "mkdir scratch; while true; do echo x >> scratch/wfc; sleep 0.1; done");
    request.stall_s = 2;
    request.time_limit_s = 5;
    executor.launch(request);
    const auto finished = wait_for_one(executor);
    CHECK(test::ended(finished).cause != EndCause::kNoProgress);
    CHECK(test::ended(finished).cause == EndCause::kTimeLimit);
  }
  SECTION("somebody has stopped it and may let it go on") {
    auto request = calculation(folder.path() / "a", "kill -STOP $$; sleep 300");
    request.stall_s = 2;  // the shell has stopped itself long before
    executor.launch(request);
    std::vector<LaunchFinished> finished;
    CHECK_FALSE(within_seconds(5, [&] { return finished = executor.poll(), !finished.empty(); }));
  }
}

}  // namespace hullscan
