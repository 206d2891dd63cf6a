// Rows 1, 2, 11, 12, 13 and 16 of docs/crash-tests.md: processes that are killed, stopped, doubled and drained.
#include <sys/stat.h>  // mkfifo

#include <chrono>
#include <fstream>
#include <thread>

#include "crash_testing.hpp"

using namespace hullscan::test;
using Catch::Contains;

namespace {

void pause_ms(int milliseconds) { std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds)); }

/// Children and grandchildren that run hullscan.
std::vector<pid_t> processes_in(const fs::path& folder) {
  std::vector<pid_t> found;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::error_code error;
    const fs::path here = fs::read_symlink(entry.path() / "cwd", error);
    if (error || here != folder) continue;
    const fs::path program = fs::read_symlink(entry.path() / "exe", error);
    if (!error && program.filename() == "hullscan") found.push_back(static_cast<pid_t>(std::stol(name)));
  }
  std::sort(found.begin(), found.end());
  return found;
}

/// Kills a campaign `kills` times at random moments, then lets it end. @returns how many kills met a live process.
int kill_at_random(int kills, bool mpi, unsigned seed, const std::string& supercell) {
  std::mt19937 random(seed);
  const CampaignFolder folder(supercell);
  long before = 0;
  int met = 0;
  for (int i = 0; i < kills; ++i) {
    Program run(mpi ? mpi_line(2 + i % 3) : run_line(), folder.path(),
                mpi ? mpi_environment(folder.path()) : Environment{});
    pause_ms(std::uniform_int_distribution<int>(mpi ? 200 : 5, mpi ? 900 : 120)(random));
    if (!run.running()) break;
    if (mpi && i % 3 != 0) {  // a rank: the master is the first one started
      const auto ranks = processes_in(folder.path());
      if (!ranks.empty()) ::kill(i % 3 == 1 ? ranks.front() : ranks.back(), SIGKILL);
    } else {
      run.kill(SIGKILL);
    }
    (void)run.wait();
    ++met;
    for (int waited = 0; mpi && !processes_in(folder.path()).empty() && waited < 3000; ++waited) pause_ms(10);
    REQUIRE(processes_in(folder.path()).empty());
    if (!fs::exists(folder.directory() / "campaign.db")) continue;
    const ProgramResult verified = run_hullscan({"verify", "c", "--json"}, folder.path());
    INFO(verified.output << verified.messages);
    if (verified.exit_code != 0) {  // killed before the campaign was begun in it
      CHECK_THAT(verified.messages, Contains("no campaign was begun") || Contains("in the middle of a change"));
      continue;
    }
    const long now = hullscan::Json::parse(verified.output)["shards"].get<long>();
    CHECK(now >= before);
    before = now;
  }
  resume_and_check(folder.path(), supercell);
  return met;
}

void crash_at(const std::string& point) {
  INFO(point);
  const CampaignFolder folder;
  const ProgramResult killed = Program(run_line(), folder.path(), {{"HULLSCAN_CRASH_AT", point}}).wait();
  CHECK(killed.exit_code == 128 + SIGKILL);
  resume_and_check(folder.path());
}

const std::vector<std::string> kPoints = {"lock.before-write",     "lock.taken",
                                          "store.opened",          "schema.step",
                                          "store.ready",           "transaction.before-begin",
                                          "transaction.begun",     "transaction.before-commit",
                                          "transaction.committed", "add-units.middle",
                                          "finish-units.middle",   "shard.created",
                                          "shard.half-written",    "shard.closed",
                                          "shard.synced",          "shard.renamed",
                                          "shard.published",       "file.created",
                                          "file.half-written",     "file.synced",
                                          "file.renamed"};

struct Drain {
  const char* name;
  std::function<void(Program&, const fs::path&)> ask;
  std::vector<std::string> more = {};
};

void drains(bool mpi) {
  const std::vector<Drain> all = {
      {"SIGUSR1", [](Program& run, const fs::path&) { run.kill(SIGUSR1); }},
      {"SIGTERM", [](Program& run, const fs::path&) { run.kill(SIGTERM); }},
      {"drain file", [](Program&, const fs::path& folder) { write_file(folder / "c" / "drain", ""); }},
      {"deadline", [](Program&, const fs::path&) {}, {"--deadline", "2"}},
  };
  for (const Drain& drain : all) {
    // mpirun turns a SIGTERM into a SIGKILL a second later and has its own exit code: only nothing lost is asked.
    const bool loose = mpi && std::string(drain.name) == "SIGTERM";
    INFO(drain.name << (mpi ? " under mpirun" : ""));
    const CampaignFolder folder("[3, 3, 3]");
    auto line = mpi ? mpi_line(3, "0.0001", drain.more) : run_line("0.0001");
    if (!mpi) line.insert(line.end(), drain.more.begin(), drain.more.end());
    Program run(line, folder.path(), mpi ? mpi_environment(folder.path()) : Environment{});
    while (run.running() && stored_shards(folder.directory()).size() < 3) pause_ms(5);
    REQUIRE(run.running());

    drain.ask(run, folder.path());
    const ProgramResult stopped = run.wait();

    INFO(stopped.messages);
    if (!loose) {
      CHECK(stopped.exit_code == 75);
      CHECK_THAT(stopped.messages, Contains("the same line goes on"));
      const auto status = hullscan::Json::parse(read_file(folder.directory() / "status.json"));
      CHECK(status["state"] == "stopped");
    }
    CHECK_FALSE(fs::exists(folder.directory() / "drain"));
    for (int waited = 0; !processes_in(folder.path()).empty() && waited < 3000; ++waited) pause_ms(10);
    CHECK(units_done(folder.path()) >= 1);
    const ProgramResult resumed = Program(run_line("1"), folder.path()).wait();
    CHECK(resumed.exit_code == 0);
    CHECK((outcome_of(folder.path()) == undisturbed_outcome("[3, 3, 3]")));
  }
}

}  // namespace

TEST_CASE("killed at random moments, one process loses nothing that was stored and ends the same", "[crash]") {
  CHECK(kill_at_random(6, false, 1, "[2, 3, 4]") >= 2);
}

TEST_CASE("mpirun, master or worker killed at random moments, a campaign loses nothing and ends the same", "[crash]") {
  CHECK(kill_at_random(3, true, 2, "[2, 3, 4]") >= 2);
}

TEST_CASE("killed at named points, a campaign ends the same", "[crash]") {
  for (const std::string point : {"transaction.before-commit:4", "finish-units.middle:9", "shard.synced:11",
                                  "file.renamed:2", "file.half-written:5"})
    crash_at(point);
}

TEST_CASE("a signal that comes before the campaign is read stops it with exit code 75 all the same", "[crash]") {
  const CampaignFolder folder;
  const std::string campaign = read_file(folder.path() / "campaign.toml");
  fs::remove(folder.path() / "campaign.toml");
  REQUIRE(mkfifo((folder.path() / "campaign.toml").c_str(), 0600) == 0);
  Program run(run_line(), folder.path());
  std::ofstream pipe(folder.path() / "campaign.toml");  // opened as soon as the run reads

  run.kill(SIGUSR1);
  pipe << campaign << std::flush;
  pipe.close();
  const ProgramResult stopped = run.wait();

  INFO(stopped.messages);
  CHECK(stopped.exit_code == 75);
  write_file(folder.path() / "campaign.toml.regular", campaign);
  fs::rename(folder.path() / "campaign.toml.regular", folder.path() / "campaign.toml");
  resume_and_check(folder.path());
}

TEST_CASE("a campaign that is drained ends with exit code 75 within its quota and goes on", "[crash]") {
  drains(false);
}

TEST_CASE("a second run in the same directory is refused and the first one is not disturbed", "[crash]") {
  const CampaignFolder folder;
  Program first(run_line(), folder.path());
  while (first.running() && !fs::exists(folder.directory() / "units")) pause_ms(2);

  const ProgramResult second = Program(run_line(), folder.path()).wait();
  const bool overlapped = first.running();

  CHECK(first.wait().exit_code == 0);
  if (overlapped) {
    CHECK(second.exit_code == 5);
    CHECK_THAT(second.messages, Contains("in use by hullscan"));
  }
  CHECK((outcome_of(folder.path()) == undisturbed_outcome()));
}

TEST_CASE("ranks whose master is refused the directory all end, with its exit code", "[crash]") {
  const CampaignFolder folder("[3, 3, 3]");
  Program first(run_line("0.0003"), folder.path());
  while (first.running() && !fs::exists(folder.directory() / "units")) pause_ms(2);
  first.kill(SIGSTOP);
  REQUIRE(first.running());

  const ProgramResult refused = Program(mpi_line(3), folder.path(), mpi_environment(folder.path())).wait();

  CHECK(refused.exit_code == 5);
  CHECK_THAT(refused.messages, Contains("in use by hullscan"));
  first.kill(SIGCONT);
  CHECK(first.wait().exit_code == 0);
}

TEST_CASE("a process that is dead and not yet buried does not keep its campaign", "[crash]") {
  const CampaignFolder folder;
  Program first(run_line(), folder.path());
  while (first.running() && !fs::exists(folder.directory() / "units")) pause_ms(2);
  first.kill(SIGKILL);
  siginfo_t ended{};
  REQUIRE(waitid(P_ALL, 0, &ended, WEXITED | WNOWAIT) == 0);

  resume_and_check(folder.path());

  (void)first.wait();
}

TEST_CASE("a lock left by a killed process is taken over at once; one of a silent host only after its silence",
          "[crash]") {
  const CampaignFolder folder;
  Program first(run_line(), folder.path());
  while (first.running() && !fs::exists(folder.directory() / "units")) pause_ms(2);
  first.kill(SIGKILL);
  (void)first.wait();
  std::string lock = read_file(folder.directory() / "campaign.lock");
  if (!lock.empty()) {
    auto holder = hullscan::Json::parse(lock);
    holder["host"] = "node-that-is-gone";
    write_file(folder.directory() / "campaign.lock", holder.dump() + "\n");

    const ProgramResult refused = Program(run_line(), folder.path()).wait();

    CHECK(refused.exit_code == 5);
    CHECK_THAT(refused.messages, Contains("node-that-is-gone"));
    fs::last_write_time(folder.directory() / "campaign.lock",
                        fs::file_time_type::clock::now() - std::chrono::minutes(5));
  }
  resume_and_check(folder.path());
}

TEST_CASE("the same campaign on other threads, ranks and quotas has the same report and orbits", "[crash]") {
  for (const auto& [threads, quota] : std::vector<std::pair<std::string, std::string>>{{"1", "0.0005"}, {"4", "4"}}) {
    INFO(threads << " threads, quota " << quota);
    const CampaignFolder folder;
    REQUIRE(Program(run_line(quota, threads), folder.path()).wait().exit_code == 0);
    CHECK((outcome_of(folder.path()) == undisturbed_outcome()));
  }
  const CampaignFolder folder;
  const ProgramResult result = Program(mpi_line(3, "0.001"), folder.path(), mpi_environment(folder.path())).wait();
  INFO(result.messages);
  REQUIRE(result.exit_code == 0);
  CHECK((outcome_of(folder.path()) == undisturbed_outcome()));
}

TEST_CASE("a worker that is stopped for longer than its lease is given up with exit code 75", "[crash]") {
  const CampaignFolder folder("[3, 3, 3]");
  Program run(mpi_line(3, "0.001", {"--lease", "2"}), folder.path(), mpi_environment(folder.path()));
  while (run.running() && stored_shards(folder.directory()).size() < 3) pause_ms(5);
  const auto ranks = processes_in(folder.path());
  REQUIRE(ranks.size() == 3);
  ::kill(ranks.back(), SIGSTOP);
  const auto begun = std::chrono::steady_clock::now();

  const ProgramResult result = run.wait();
  ::kill(ranks.back(), SIGKILL);

  INFO(result.messages);
  CHECK(result.exit_code == 75);
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(2 + 30));
  CHECK_THAT(result.messages, Contains("has not answered for"));
  for (int waited = 0; !processes_in(folder.path()).empty() && waited < 3000; ++waited) pause_ms(10);
  REQUIRE(Program(run_line("1"), folder.path()).wait().exit_code == 0);
  CHECK((outcome_of(folder.path()) == undisturbed_outcome("[3, 3, 3]")));
}

TEST_CASE("a master that was stopped for longer than the lease does not blame its workers", "[.][crash-long][clock]") {
  const CampaignFolder folder("[3, 3, 3]");
  Program run(mpi_line(3, "0.001", {"--lease", "4"}), folder.path(), mpi_environment(folder.path()));
  while (run.running() && stored_shards(folder.directory()).size() < 3) pause_ms(5);
  const auto ranks = processes_in(folder.path());
  REQUIRE(ranks.size() == 3);
  ::kill(ranks.front(), SIGSTOP);
  pause_ms(6000);
  ::kill(ranks.front(), SIGCONT);

  const ProgramResult result = run.wait();

  INFO(result.messages);
  CHECK(result.exit_code == 0);
  CHECK((outcome_of(folder.path()) == undisturbed_outcome("[3, 3, 3]")));
}

TEST_CASE("an mpirun that does nothing any more is ended when its first rank is gone", "[.][crash-long][clock]") {
  const CampaignFolder folder("[3, 3, 3]");
  Program run(mpi_line(3), folder.path(), mpi_environment(folder.path()));
  while (run.running() && stored_shards(folder.directory()).size() < 3) pause_ms(5);
  const auto ranks = processes_in(folder.path());
  REQUIRE(ranks.size() == 3);
  run.kill(SIGSTOP);
  for (const pid_t rank : ranks) ::kill(rank, SIGKILL);
  const auto begun = std::chrono::steady_clock::now();

  const ProgramResult result = run.wait();

  CHECK(result.exit_code == 128 + SIGKILL);
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(30));
  REQUIRE(Program(run_line("1"), folder.path()).wait().exit_code == 0);
  CHECK((outcome_of(folder.path()) == undisturbed_outcome("[3, 3, 3]")));
}

namespace {

/// The clock is wrong by `shift_s`; from `after_s` on if that is not 0.
Environment clock_off(const fs::path& folder, const std::string& shift_s, const std::string& after_s = "0") {
  Environment environment = mpi_environment(folder);
  environment["LD_PRELOAD"] = HULLSCAN_CLOCK_SHIM;
  environment["HULLSCAN_CLOCK_SHIFT"] = shift_s;
  environment["HULLSCAN_CLOCK_JUMP_AFTER"] = after_s;
  return environment;
}

const std::string kTenDays = "864000";

}  // namespace

TEST_CASE("killed under a clock ten days late and resumed under one ten days early, a campaign ends the same",
          "[crash]") {
  const CampaignFolder folder;
  for (const std::string& shift : {"-" + kTenDays, kTenDays, "-" + kTenDays}) {
    Program run(run_line(), folder.path(), clock_off(folder.path(), shift));
    const std::size_t before = stored_shards(folder.directory()).size();
    while (run.running() && stored_shards(folder.directory()).size() < before + 3) pause_ms(2);
    run.kill(SIGKILL);
    (void)run.wait();
  }
  resume_and_check(folder.path());
}

TEST_CASE("a clock that jumps by ten days neither blames a worker nor moves the deadline", "[.][crash-long][clock]") {
  for (const std::string& shift : {"-" + kTenDays, kTenDays}) {
    INFO("by " << shift << " s");
    const CampaignFolder folder("[3, 3, 3]");
    const ProgramResult result = Program(mpi_line(3, "0.001", {"--lease", "30", "--deadline", "3600"}), folder.path(),
                                         clock_off(folder.path(), shift, "0.7"))
                                     .wait();
    INFO(result.messages);
    CHECK(result.exit_code == 0);
    CHECK((outcome_of(folder.path()) == undisturbed_outcome("[3, 3, 3]")));

    const CampaignFolder cut("[3, 3, 3]");
    auto line = run_line("0.0001");
    line.insert(line.end(), {"--deadline", "1"});
    const ProgramResult stopped = Program(line, cut.path(), clock_off(cut.path(), shift, "0.3")).wait();
    INFO(stopped.messages);
    CHECK(stopped.exit_code == 75);
    REQUIRE(Program(run_line("1"), cut.path()).wait().exit_code == 0);
    CHECK((outcome_of(cut.path()) == undisturbed_outcome("[3, 3, 3]")));
  }
}

TEST_CASE("350 kills of one process, nothing lost", "[.][crash-long][kills]") {
  int met = 0;
  for (unsigned seed = 10; met < 350 && seed < 400; ++seed) met += kill_at_random(6, false, seed, "[2, 3, 5]");
  std::cout << "kills that met a live process: " << met << "\n";
  CHECK(met >= 350);
}

TEST_CASE("150 kills of mpirun, masters and workers, nothing lost", "[.][crash-long][rank-kills]") {
  int met = 0;
  for (unsigned seed = 500; met < 150 && seed < 700; ++seed) met += kill_at_random(6, true, seed, "[2, 3, 5]");
  std::cout << "kills that met a live process: " << met << "\n";
  CHECK(met >= 150);
}

TEST_CASE("killed at every named point, at its first to twentieth passing, a campaign ends the same",
          "[.][crash-long][points]") {
  int met = 0;
  for (const std::string& point : kPoints) {
    for (int passing = 1; passing <= 20; ++passing) {
      const CampaignFolder folder;
      INFO(point << ":" << passing);
      const ProgramResult killed =
          Program(run_line(), folder.path(), {{"HULLSCAN_CRASH_AT", point + ":" + std::to_string(passing)}}).wait();
      resume_and_check(folder.path());
      if (killed.exit_code == 0) break;  // it was not passed that often
      CHECK(killed.exit_code == 128 + SIGKILL);
      ++met;
    }
  }
  std::cout << "points that killed: " << met << "\n";
  CHECK(met >= 200);
}

TEST_CASE("ranks that are drained store what they have and go on", "[.][crash-long][drains]") { drains(true); }

TEST_CASE("drained a hundred times at random moments, a campaign stops with exit code 75 and loses nothing",
          "[.][crash-long][drains]") {
  std::mt19937 random(13);
  int drained = 0;
  for (int campaign = 0; drained < 100 && campaign < 100; ++campaign) {
    const CampaignFolder folder("[3, 3, 3]");
    for (long before = 0, life = 0;; ++life) {
      const bool ranks = life % 5 == 4;
      Program run(ranks ? mpi_line(3, "0.0001") : run_line("0.0001"), folder.path(),
                  ranks ? mpi_environment(folder.path()) : Environment{});
      const fs::path lock = folder.directory() / "campaign.lock";
      while (run.running() && (!fs::exists(lock) || read_file(lock).empty())) pause_ms(1);
      pause_ms(std::uniform_int_distribution<int>(0, 400)(random));
      const int way = std::uniform_int_distribution<int>(0, 2)(random);
      if (way == 0) write_file(folder.directory() / "drain", "");
      if (way != 0) run.kill(way == 1 || ranks ? SIGUSR1 : SIGTERM);
      const ProgramResult stopped = run.wait();
      INFO(stopped.messages);
      fs::remove(folder.directory() / "drain");  // it came too late for this run
      if (stopped.exit_code == 0) break;
      REQUIRE(stopped.exit_code == 75);
      ++drained;
      for (int waited = 0; !processes_in(folder.path()).empty() && waited < 3000; ++waited) pause_ms(10);
      const long now = units_done(folder.path());
      CHECK(now >= before);
      before = now;
      if (life == 12) break;
    }
    REQUIRE(Program(run_line("1"), folder.path()).wait().exit_code == 0);
    CHECK((outcome_of(folder.path()) == undisturbed_outcome("[3, 3, 3]")));
  }
  std::cout << "drains: " << drained << "\n";
  CHECK(drained >= 100);
}

TEST_CASE("of three runs that start at once in one directory one runs, fifty times", "[.][crash-long][races]") {
  for (int race = 0; race < 50; ++race) {
    const CampaignFolder folder;
    std::vector<Program> runs;
    for (int i = 0; i < 3; ++i) runs.emplace_back(run_line(), folder.path());
    int finished = 0;
    for (Program& run : runs) {
      const ProgramResult result = run.wait();
      INFO(result.messages);
      CHECK((result.exit_code == 0 || result.exit_code == 5));
      if (result.exit_code == 5) CHECK_THAT(result.messages, Contains("in use by hullscan"));
      finished += result.exit_code == 0 ? 1 : 0;
    }
    CHECK(finished >= 1);
    CHECK((outcome_of(folder.path()) == undisturbed_outcome()));
  }
}

TEST_CASE("on 1 to 16 ranks, with units of any size, killed or not, the same report and orbits",
          "[.][crash-long][ranks]") {
  int compared = 0;
  for (const int ranks : {1, 2, 3, 4, 8, 16}) {
    for (const std::string quota : {"0.0003", "0.002", "0.01", "0.1", "4"}) {
      for (const bool killed : {false, true}) {
        INFO(ranks << " ranks, quota " << quota << (killed ? ", killed once" : ""));
        const CampaignFolder folder;
        const auto line = ranks == 1 ? run_line(quota, "1") : mpi_line(ranks, quota);
        const auto environment = ranks == 1 ? Environment{} : mpi_environment(folder.path());
        if (killed) {
          auto at = environment;
          at["HULLSCAN_CRASH_AT"] = "transaction.committed:4";
          (void)Program(line, folder.path(), at).wait();
          for (int waited = 0; !processes_in(folder.path()).empty() && waited < 3000; ++waited) pause_ms(10);
        }
        const ProgramResult result = Program(line, folder.path(), environment).wait();
        INFO(result.messages);
        REQUIRE(result.exit_code == 0);
        CHECK((outcome_of(folder.path()) == undisturbed_outcome()));
        ++compared;
      }
    }
  }
  std::cout << "runs compared: " << compared << "\n";
}
