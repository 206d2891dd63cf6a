// Rows 3 to 7 and 17, 18 of docs/crash-tests.md: power cuts, full disks, limits, failing calls, readers, memory.
#include <sys/mount.h>
#include <sys/resource.h>

#include <chrono>
#include <thread>

#include "crash_testing.hpp"
#include "disk_replay.hpp"

using namespace hullscan::test;
using Catch::Contains;
using hullscan::Json;

namespace {

bool root() { return geteuid() == 0; }

Environment shim(const fs::path& folder, const std::string& name, const std::string& value) {
  return {{"LD_PRELOAD", HULLSCAN_DISK_SHIM}, {"HULLSCAN_SHIM_ROOT", (folder / "c").string()}, {name, value}};
}

struct Cuts {
  int made = 0, lost = 0, broken = 0;
};

/// Runs a campaign under the recorder, then cuts the power at `cuts` random moments. Acknowledged is what the master
/// had synced: the database's log. @param syncs false: as if no fsync were ever called.
Cuts cut_power(int cuts, bool syncs, unsigned seed) {
  const CampaignFolder folder;
  const fs::path log = folder.path() / "record";
  const ProgramResult run =
      Program(run_line("0.001"), folder.path(), shim(folder.path(), "HULLSCAN_SHIM_LOG", log.string())).wait();
  INFO(run.messages);
  REQUIRE(run.exit_code == 0);
  const std::vector<DiskEvent> events = read_disk_record(log);
  REQUIRE(events.size() > 500);
  const std::string root = (folder.path() / "c").string();

  // The number of shards in the database grows with every commit; a commit is over with the sync of its log.
  std::vector<std::size_t> commits;
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (events[i].kind == 's' && events[i].path == root + "/campaign.db-wal") commits.push_back(i);
  }
  REQUIRE(commits.size() > 10);

  std::mt19937 random(seed);
  Cuts result;
  for (; result.made < cuts; ++result.made) {
    const auto cut = std::uniform_int_distribution<std::size_t>(commits.front(), events.size() - 1)(random);
    const TemporaryFolder after, ideal;
    for (const auto& [where, kind] :
         std::vector<std::pair<const fs::path*, bool>>{{&after.path(), false}, {&ideal.path(), true}}) {
      write_campaign(*where);
      // What was acknowledged: everything up to the last commit before the cut, as if nothing were ever lost.
      const std::size_t end = kind ? *std::prev(std::upper_bound(commits.begin(), commits.end(), cut)) : cut;
      DiskAfterPowerCut disk(root, kind || syncs);
      for (std::size_t i = 0; i <= end; ++i) disk.apply(events[i]);
      if (kind) disk.sync_everything();
      disk.write_survivors(*where / "c", random);
    }
    const auto done = [](const fs::path& where) -> std::optional<std::set<std::string>> {
      const ProgramResult verified = run_hullscan({"verify", "c", "--json"}, where);
      std::set<std::string> names;
      // Before the campaign's own row there is nothing to lose.
      if (verified.messages.find("no campaign was begun") != std::string::npos) return names;
      if (verified.exit_code != 0) return std::nullopt;
      const Program query({"sqlite3", "c/campaign.db", "SELECT file, begin_byte FROM shard"}, where);
      std::istringstream lines(const_cast<Program&>(query).wait().output);
      for (std::string line; std::getline(lines, line);) names.insert(line);
      return names;
    };
    const auto acknowledged = done(ideal.path());
    const auto found = done(after.path());
    REQUIRE(acknowledged.has_value());
    if (!found) {
      ++result.broken;
      continue;
    }
    if (!std::includes(found->begin(), found->end(), acknowledged->begin(), acknowledged->end())) {
      ++result.lost;
      continue;
    }
    if (syncs) resume_and_check(after.path());
  }
  return result;
}

/// hullscan with a limit of its own, set before it starts.
ProgramResult limited(const std::string& limit, const fs::path& folder, const std::string& quota = "0.001") {
  std::string line = limit + "; exec";
  for (const std::string& word : run_line(quota)) line += " '" + word + "'";
  return Program({"bash", "-c", line}, folder).wait();
}

/// The n-th call of a kind fails. @returns false if there was no n-th call.
bool fail_call(const std::string& kind, int number, const std::string& reason) {
  INFO(kind << " number " << number << " fails with " << reason);
  const CampaignFolder folder;
  const ProgramResult failed =
      Program(run_line("0.002"), folder.path(),
              shim(folder.path(), "HULLSCAN_SHIM_FAULT", kind + ":" + std::to_string(number) + ":" + reason))
          .wait();
  INFO(failed.messages);
  const bool happened = failed.exit_code != 0;
  if (happened) {
    CHECK(failed.exit_code == 5);
    CHECK_FALSE(failed.messages.empty());
  }
  resume_and_check(folder.path());
  return happened;
}

void fill_small_disk(int kilobytes) {
  INFO(kilobytes << " kB");
  const TemporaryFolder folder;
  REQUIRE(::mount("tmpfs", folder.path().c_str(), "tmpfs", 0, ("size=" + std::to_string(kilobytes) + "k").c_str()) ==
          0);
  write_campaign(folder.path(), "[3, 3, 3]");
  const ProgramResult full = Program(run_line("0.001"), folder.path()).wait();
  INFO(full.messages);
  CHECK(full.exit_code == 5);
  CHECK(::mount("tmpfs", folder.path().c_str(), "tmpfs", MS_REMOUNT, "size=2g") == 0);
  const ProgramResult resumed = Program(run_line("1"), folder.path()).wait();
  INFO(resumed.messages);
  CHECK(resumed.exit_code == 0);
  CHECK(run_hullscan({"verify", "c"}, folder.path()).exit_code == 0);
  CHECK((outcome_of(folder.path()) == undisturbed_outcome("[3, 3, 3]")));
  CHECK(::umount(folder.path().c_str()) == 0);
}

/// Largest resident set of a run, in MB.
double peak_mb(const std::string& supercell, const std::string& keep, double* cpu_s = nullptr) {
  const CampaignFolder folder(supercell, keep);
  const ProgramResult result =
      Program({"bash", "-c",
               std::string("exec /usr/bin/env python3 -c 'import resource,subprocess,sys; "
                           "code=subprocess.call(sys.argv[1:]); r=resource.getrusage(resource.RUSAGE_CHILDREN); "
                           "print(\"PEAK\",r.ru_maxrss,r.ru_utime+r.ru_stime); sys.exit(code)' ") +
                   HULLSCAN_PROGRAM + " run campaign.toml --dir c --threads 2"},
              folder.path())
          .wait();
  INFO(result.messages);
  REQUIRE(result.exit_code == 0);
  std::istringstream words(result.output.substr(result.output.find("PEAK") + 5));
  double kilobytes = 0, seconds = 0;
  words >> kilobytes >> seconds;
  if (cpu_s != nullptr) *cpu_s = seconds;
  return kilobytes / 1024;
}

}  // namespace

TEST_CASE("after a power cut everything acknowledged is there, and the campaign ends the same", "[crash]") {
  const Cuts cuts = cut_power(5, true, 1);
  CHECK(cuts.broken == 0);
  CHECK(cuts.lost == 0);
}

TEST_CASE("the same power cuts find a program that never calls fsync", "[crash]") {
  const Cuts cuts = cut_power(5, false, 1);
  CHECK(cuts.broken + cuts.lost >= 4);
}

TEST_CASE("a write, sync, rename or open that fails ends with exit code 5, a message, and nothing lost", "[crash]") {
  for (const auto& [kind, number] :
       std::vector<std::pair<std::string, int>>{{"write", 40}, {"sync", 12}, {"rename", 9}})
    CHECK(fail_call(kind, number, number % 2 == 0 ? "EIO" : "ENOSPC"));
}

TEST_CASE("limits of file size and open files end with a message, and the campaign goes on", "[crash]") {
  for (const auto& [limit, code] :
       std::vector<std::pair<std::string, int>>{{"trap '' XFSZ; ulimit -f 120", 5}, {"ulimit -n 9", 5}}) {
    INFO(limit);
    const CampaignFolder folder;
    const ProgramResult result = limited(limit, folder.path());
    INFO(result.messages);
    CHECK(result.exit_code == code);
    CHECK_FALSE(result.messages.empty());
    resume_and_check(folder.path());
  }
}

TEST_CASE("a run that gets too little memory ends with a message and exit code 5, and the campaign goes on",
          "[crash]") {
  const CampaignFolder folder;
  int starved = 0;
  for (int megabytes = 60; megabytes <= 400; megabytes += 12) {
    const ProgramResult result = limited("ulimit -v " + std::to_string(1024 * megabytes), folder.path(), "0.05");
    if (result.exit_code == 127) continue;  // not even its libraries can be loaded
    if (result.exit_code == 0) break;
    INFO(megabytes << " MB: " << result.messages);
    CHECK(result.exit_code == 5);
    CHECK_THAT(result.messages, Contains("out of memory"));
    ++starved;
  }
  CHECK(starved > 0);
  resume_and_check(folder.path());
}

TEST_CASE("a full disk ends with exit code 5, and with room again the campaign ends the same", "[crash]") {
  if (!root()) {
    std::cout << "SKIPPED: a small file system needs root\n";
    return;
  }
  fill_small_disk(1024);
}

TEST_CASE("a directory that may not be written is refused before any work", "[crash]") {
  const CampaignFolder folder;
  fs::create_directory(folder.directory());
  fs::permissions(folder.path(),
                  fs::perms::owner_all | fs::perms::group_exec | fs::perms::others_exec | fs::perms::others_read);
  fs::permissions(folder.directory(),
                  fs::perms::owner_read | fs::perms::owner_exec | fs::perms::others_read | fs::perms::others_exec);
  std::vector<std::string> line = run_line();
  if (root()) line.insert(line.begin(), {"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"});

  const ProgramResult result = Program(line, folder.path()).wait();

  INFO(result.messages);
  CHECK(result.exit_code == 5);
  CHECK(fs::is_empty(folder.directory()));
}

TEST_CASE("a reader that holds the database for long neither stops the run nor is disturbed", "[crash]") {
  const CampaignFolder folder("[3, 3, 3]");
  Program run(run_line("0.005"), folder.path());
  while (run.running() && stored_shards(folder.directory()).size() < 3)
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  Program reader({"sqlite3", "c/campaign.db", "BEGIN; SELECT count(*) FROM unit;", ".shell sleep 60"}, folder.path());
  int looks = 0;
  while (run.running()) {
    CHECK(run_hullscan({"status", "c", "--json"}, folder.path()).exit_code == 0);
    ++looks;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  reader.kill(SIGKILL);
  (void)reader.wait();

  CHECK(run.wait().exit_code == 0);
  CHECK(looks > 3);
  CHECK((outcome_of(folder.path()) == undisturbed_outcome("[3, 3, 3]")));
}

namespace {

void cut_power_often(int cuts, unsigned seed) {
  const Cuts with = cut_power(cuts, true, seed);
  std::cout << with.made << " power cuts, " << with.broken << " broken, " << with.lost << " lost\n";
  CHECK(with.broken + with.lost == 0);
}

}  // namespace

TEST_CASE("500 power cuts lose nothing", "[.][crash-long][cuts]") { cut_power_often(500, 5); }
TEST_CASE("500 other power cuts lose nothing", "[.][crash-long][more-cuts]") { cut_power_often(500, 6); }

TEST_CASE("of a hundred power cuts without fsync nearly all lose something", "[.][crash-long][faults]") {
  const Cuts without = cut_power(100, false, 6);
  std::cout << without.made << " power cuts without fsync, " << without.broken << " broken, " << without.lost
            << " lost\n";
  CHECK(without.broken + without.lost >= 80);
}

TEST_CASE("any of two hundred calls that fails ends with exit code 5 and nothing lost", "[.][crash-long][faults]") {
  int happened = 0;
  for (const std::string kind : {"write", "sync", "rename", "open"}) {
    for (int number = 1; number <= 50; ++number) {
      happened += fail_call(kind, number, number % 2 == 0 ? "EIO" : "ENOSPC") ? 1 : 0;
    }
  }
  std::cout << "calls that failed: " << happened << "\n";
  CHECK(happened >= 120);
}

TEST_CASE("twenty limits of file size and twenty of open files end with a message or the whole campaign",
          "[.][crash-long][limits]") {
  int refused = 0;
  for (int i = 0; i < 40; ++i) {
    const std::string limit =
        i < 20 ? "trap '' XFSZ; ulimit -f " + std::to_string(20 + 20 * i) : "ulimit -n " + std::to_string(i - 14);
    INFO(limit);
    const CampaignFolder folder;
    const ProgramResult result = limited(limit, folder.path());
    if (result.exit_code == 127) continue;  // not even its libraries can be opened
    INFO(result.messages);
    CHECK((result.exit_code == 0 || result.exit_code == 5));
    if (result.exit_code == 5) CHECK_FALSE(result.messages.empty());
    refused += result.exit_code == 5 ? 1 : 0;
    resume_and_check(folder.path());
  }
  std::cout << "limits that stopped a run: " << refused << "\n";
  CHECK(refused >= 12);
}

TEST_CASE("fifty disks that fill up lose nothing", "[.][crash-long][limits]") {
  if (!root()) {
    std::cout << "SKIPPED: a small file system needs root\n";
    return;
  }
  for (int kilobytes = 600; kilobytes < 600 + 50 * 60; kilobytes += 60) fill_small_disk(kilobytes);
}

TEST_CASE("memory does not grow with the space", "[.][crash-long][limits]") {
  double small_cpu = 0, large_cpu = 0;
  const double small = peak_mb("[2, 3, 4]", "best", &small_cpu), large = peak_mb("[2, 4, 4]", "best", &large_cpu);
  std::cout << "peak memory: " << small << " MB of 9e4 orbits, " << large << " MB of 8e6 orbits; CPU " << small_cpu
            << " s, " << large_cpu << " s\n";
  CHECK(large < 1.5 * small);
}
