// Row 19 of docs/crash-tests.md: a file system without locks (a preloaded shim answers ENOSYS or ENOLCK).
#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "crash_testing.hpp"

using namespace hullscan::test;
using Catch::Contains;

namespace {

Environment without_locks(const fs::path& folder, int error = ENOSYS) {
  return {{"LD_PRELOAD", HULLSCAN_LOCKLESS_SHIM},
          {"HULLSCAN_SHIM_ROOT", folder.string()},
          {"HULLSCAN_SHIM_LOCKS", std::to_string(error)}};
}

/// Orbits that the database counts, by a reader of a file system without locks.
ProgramResult exported(const fs::path& folder, const Environment& environment) {
  return run_hullscan({"export", "c", "--orbits", "--format", "csv"}, folder, environment);
}

/// Ends a run in the middle of its units.
void kill_at_work(Program& run, const fs::path& directory) {
  while (run.running() && !fs::exists(directory / "units")) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  std::this_thread::sleep_for(std::chrono::milliseconds(60));
  run.kill(SIGKILL);
}

/// Killed, gone on with, read.
void kill_and_resume(int error) {
  const CampaignFolder folder;
  const Environment environment = without_locks(folder.path(), error);
  Program killed(run_line("0.0002"), folder.path(), environment);
  kill_at_work(killed, folder.directory());
  (void)killed.wait();

  const ProgramResult run = Program(run_line("0.02"), folder.path(), environment).wait();
  INFO(error << ": " << run.messages);
  REQUIRE(run.exit_code == 0);
  CHECK_THAT(run.messages, Contains("the file system has no locks (" + std::string(std::strerror(error)) + ")"));
  CHECK_THAT(run.messages, Contains("the campaign's own lock alone"));
  CHECK_FALSE(fs::exists(folder.directory() / "campaign.db-wal"));
  CHECK_FALSE(fs::exists(folder.directory() / "campaign.db-shm"));
  CHECK_FALSE(fs::exists(folder.directory() / "campaign.lock.claim"));

  for (const std::vector<std::string>& line :
       std::vector<std::vector<std::string>>{{"status", "c"}, {"report", "c"}, {"verify", "c"}}) {
    const ProgramResult read = run_hullscan(line, folder.path(), environment);
    INFO(line[0] << ": " << read.messages);
    CHECK(read.exit_code == 0);
  }
  // Elsewhere again, with locks.
  CHECK((outcome_of(folder.path()) == undisturbed_outcome()));
}

}  // namespace

TEST_CASE("a campaign on a file system without locks: said in words, same results, killed and resumed",
          "[crash][locks]") {
  kill_and_resume(ENOSYS);
}

TEST_CASE("so where locks answer that there are none left", "[.][crash-long][locks]") { kill_and_resume(ENOLCK); }

TEST_CASE("without locks a second master is refused and readers see whole changes while the first one writes",
          "[crash][locks]") {
  const CampaignFolder folder("[3, 3, 3]");
  const Environment environment = without_locks(folder.path());
  Program first(run_line("0.002"), folder.path(), environment);
  first.wait_until_said("journal truncated at every commit");
  int refused = 0, read = 0;
  while (first.running()) {
    if (refused == 0) {
      const ProgramResult second = Program(run_line(), folder.path(), environment).wait();
      if (!first.running()) break;
      INFO(second.messages);
      REQUIRE(second.exit_code == 5);
      CHECK_THAT(second.messages, Contains("in use by hullscan, process"));
      ++refused;
    }
    const ProgramResult log = run_hullscan({"log", "c"}, folder.path(), environment);
    INFO(log.messages);
    CHECK(log.exit_code == 0);
    CHECK_THAT(log.messages, Contains("a copy is read"));
    ++read;
  }
  const ProgramResult run = first.wait();
  INFO(run.messages);
  CHECK(run.exit_code == 0);
  CHECK(refused == 1);
  CHECK(read > 0);
}

TEST_CASE("of several masters that start at once without locks one runs", "[.][crash-long][locks]") {
  const CampaignFolder folder;
  const Environment environment = without_locks(folder.path());
  std::vector<Program> racers;
  for (int i = 0; i < 4; ++i) racers.emplace_back(run_line("0.02"), folder.path(), environment);
  for (Program& racer : racers) {
    const ProgramResult result = racer.wait();
    INFO(result.messages);
    // One that comes when the winner has ended finds the campaign done.
    CHECK((result.exit_code == 0 || result.exit_code == 5));
    if (result.exit_code == 5) CHECK_THAT(result.messages, Contains("in use by hullscan"));
  }
  CHECK((outcome_of(folder.path()) == undisturbed_outcome()));
}

TEST_CASE("a campaign with a write-ahead log goes on where there are no locks", "[.][crash-long][locks]") {
  const CampaignFolder folder;
  Program killed(run_line("0.0002"), folder.path());
  kill_at_work(killed, folder.directory());
  if (killed.wait().exit_code != 137) return;  // too fast for us
  REQUIRE(fs::exists(folder.directory() / "campaign.db-wal"));
  const auto before = contents(folder.directory());
  const Environment environment = without_locks(folder.path());

  // What is in the log only is read, and nothing is changed.
  const ProgramResult log = run_hullscan({"log", "c"}, folder.path(), environment);
  INFO(log.messages);
  CHECK(log.exit_code == 0);
  CHECK((contents(folder.directory()) == before));
  const ProgramResult orbits = exported(folder.path(), environment);
  CHECK(orbits.messages.find("no campaign was begun") == std::string::npos);

  const ProgramResult run = Program(run_line("0.02"), folder.path(), environment).wait();
  INFO(run.messages);
  REQUIRE(run.exit_code == 0);
  CHECK_FALSE(fs::exists(folder.directory() / "campaign.db-wal"));
  CHECK((outcome_of(folder.path()) == undisturbed_outcome()));
}
