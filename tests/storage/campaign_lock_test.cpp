#include "storage/campaign_lock.hpp"

#include <csignal>
#include <thread>

#include "storage_testing.hpp"

using namespace hullscan;
using namespace hullscan::test;
using namespace std::chrono_literals;

namespace {

LockHolder on_another_host() { return {"elsewhere", 4242, 99, "another-boot", "2026-01-01 00:00:00 UTC"}; }

/// A lock file as its holder left it when the machine or the process died.
void leave_lock_of(const LockHolder& holder, const std::filesystem::path& directory) {
  const int status = in_child("lock.taken", [&] { const CampaignLock lock(directory, {.self = holder}); });
  REQUIRE(was_killed(status));
  REQUIRE(CampaignLock::holder(directory) == holder);
}

}  // namespace

TEST_CASE("a second master is refused and hears who the first one is", "[storage][lock]") {
  const TemporaryFolder folder;
  const CampaignLock first(folder.path());

  const auto message = message_of<StorageError>([&] { const CampaignLock second(folder.path()); });

  CHECK_THAT(message, Catch::Contains("in use by hullscan"));
  CHECK_THAT(message, Catch::Contains(this_process().host));
  CHECK_THAT(message, Catch::Contains("process " + std::to_string(::getpid()) + " "));
  CHECK(ended_with(in_child("", [&] { const CampaignLock second(folder.path()); }), 5));
}

TEST_CASE("a lock that was given back is free, twice", "[storage][lock]") {
  const TemporaryFolder folder;
  for (int i = 0; i < 2; ++i) {
    CampaignLock lock(folder.path());
    lock.beat();
    lock.beat();
    CHECK(CampaignLock::holder(folder.path())->process_id == ::getpid());
  }
  CHECK_FALSE(CampaignLock::holder(folder.path()).has_value());
}

TEST_CASE("the lock of a killed process is taken over at once", "[storage][lock][crash]") {
  const TemporaryFolder folder;
  REQUIRE(was_killed(in_child("lock.taken", [&] { const CampaignLock lock(folder.path()); })));
  REQUIRE(CampaignLock::holder(folder.path()).has_value());

  const CampaignLock lock(folder.path());

  CHECK(CampaignLock::holder(folder.path())->process_id == ::getpid());
}

TEST_CASE("a process id that was given to another process does not keep a lock", "[storage][lock]") {
  const TemporaryFolder folder;
  LockHolder earlier = this_process();  // same host, a process id that lives (ours), but an older start
  earlier.process_start -= 1;
  leave_lock_of(earlier, folder.path());

  CHECK_NOTHROW(CampaignLock(folder.path()));
}

TEST_CASE("a live process whose file lock is not seen keeps the lock by its text", "[storage][lock]") {
  const TemporaryFolder folder;
  LockHolder parent = this_process();
  leave_lock_of(parent, folder.path());  // as if flock(2) did nothing on this file system

  const int status = in_child("", [&] { const CampaignLock lock(folder.path()); });

  CHECK(ended_with(status, 5));
}

TEST_CASE("a master on another host is taken over only after its silence", "[storage][lock]") {
  const TemporaryFolder folder;
  leave_lock_of(on_another_host(), folder.path());

  const auto message =
      message_of<StorageError>([&] { const CampaignLock lock(folder.path(), {.silence = 1h, .self = {}}); });
  CHECK_THAT(message, Catch::Contains("process 4242 on elsewhere"));
  CHECK_THAT(message, Catch::Contains("try again in"));

  std::this_thread::sleep_for(60ms);
  CampaignLock lock(folder.path(), {.silence = 50ms, .self = {}});
  CHECK_NOTHROW(lock.beat());
  CHECK(CampaignLock::holder(folder.path())->host == this_process().host);
}

TEST_CASE("beating keeps a master on another host alive", "[storage][lock]") {
  const TemporaryFolder folder;
  CampaignLock lock(folder.path());
  const auto before = std::filesystem::last_write_time(folder.path() / "campaign.lock");
  std::this_thread::sleep_for(20ms);

  lock.beat();

  CHECK(std::filesystem::last_write_time(folder.path() / "campaign.lock") > before);
}

TEST_CASE("a master that was stopped for too long learns that another has taken over", "[storage][lock]") {
  const TemporaryFolder folder;
  CampaignLock lock(folder.path());
  overwrite(folder.path() / "campaign.lock",
            R"({"host":"elsewhere","pid":1,"process_start":2,"boot_id":"b","since":"now"})");

  const auto message = message_of<StorageError>([&] { lock.beat(); });

  CHECK_THAT(message, Catch::Contains("taken over by process 1 on elsewhere"));
}

TEST_CASE("a master notices that its lock file was removed", "[storage][lock]") {
  const TemporaryFolder folder;
  CampaignLock lock(folder.path());
  std::filesystem::remove(folder.path() / "campaign.lock");

  CHECK_THAT(message_of<StorageError>([&] { lock.beat(); }), Catch::Contains("was removed"));
}

TEST_CASE("of many masters that start at once exactly one runs", "[storage][lock]") {
  const TemporaryFolder folder;
  for (int race = 0; race < 10; ++race) {
    std::vector<pid_t> children;
    for (int i = 0; i < 4; ++i) {
      const pid_t child = ::fork();
      REQUIRE(child >= 0);
      if (child == 0) {
        try {
          const CampaignLock lock(folder.path());
          std::this_thread::sleep_for(400ms);
          ::_exit(0);  // killed, as it were: the lock is not given back
        } catch (const StorageError&) {
          ::_exit(5);
        }
      }
      children.push_back(child);
    }
    int winners = 0;
    for (const pid_t child : children) {
      int status = 0;
      ::waitpid(child, &status, 0);
      if (ended_with(status, 0)) ++winners;
    }
    CHECK(winners == 1);
  }
}

TEST_CASE("a torn lock file was never a lock", "[storage][lock]") {
  const TemporaryFolder folder;
  overwrite(folder.path() / "campaign.lock", "{\"host\":\"els");

  CHECK_NOTHROW(CampaignLock(folder.path()));
}
