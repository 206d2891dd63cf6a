// Rows 8, 9, 10 and 14 of docs/crash-tests.md: files that are damaged, lost, exchanged; parts that are joined.
#include <algorithm>
#include <csignal>

#include "crash_testing.hpp"

using namespace hullscan::test;
using Catch::Contains;
using hullscan::Json;

namespace {

/// verify names exactly these files (relative to the campaign directory) and ends with 5.
void expect_damage(const fs::path& folder, const std::set<std::string>& files) {
  const ProgramResult verified = run_hullscan({"verify", "c", "--json"}, folder);
  INFO(verified.output << verified.messages);
  CHECK(verified.exit_code == 5);
  std::set<std::string> named;
  const Json report = Json::parse(verified.output);
  for (const Json& damaged : report["damaged"]) named.insert(damaged["what"].get<std::string>());
  CHECK(named == files);
}

void flip_bits_of_shards(int flips, unsigned seed) {
  const FinishedCampaign campaign;
  std::mt19937 random(seed);
  const auto shards = stored_shards(campaign.directory());
  REQUIRE(shards.size() > 20);
  const fs::path file = shards.front().file;
  const std::string before = read_file(file);
  for (int flip = 0; flip < flips; ++flip) {
    std::set<std::string> damaged;
    if (flip % 4 == 3) {
      const auto length = std::uniform_int_distribution<std::size_t>(0, before.size() - 1)(random);
      fs::resize_file(file, length);
      for (const StoredShard& shard : shards) {
        if (shard.begin + shard.bytes > length) damaged.insert(shard.name());
      }
    } else {
      const StoredShard& shard = shards[std::uniform_int_distribution<std::size_t>(0, shards.size() - 1)(random)];
      shard.flip_bit(random);
      damaged = {shard.name()};
    }
    expect_damage(campaign.path(), damaged);
    if (flip + 1 < flips) write_file(file, before);
  }
  resume_and_check(campaign.path());
}

/// Damages database or status at random: never a crash, never a silent change of the result.
void damage_database(int times, unsigned seed, const std::string& file) {
  const FinishedCampaign campaign;
  std::mt19937 random(seed);
  const std::string good = read_file(campaign.directory() / file);
  int refused = 0;
  for (int i = 0; i < times; ++i) {
    INFO(file << ", damage " << i);
    write_file(campaign.directory() / file, good);
    for (const char* beside : {"campaign.db-wal", "campaign.db-shm"}) fs::remove(campaign.directory() / beside);
    if (i % 3 == 2) {
      fs::resize_file(campaign.directory() / file,
                      std::uniform_int_distribution<std::size_t>(0, good.size() - 1)(random));
    } else {
      flip_bit(campaign.directory() / file, random);
    }
    const ProgramResult status = run_hullscan({"status", "c"}, campaign.path());
    CHECK((status.exit_code == 0 || status.exit_code == 5));
    const ProgramResult verified = run_hullscan({"verify", "c"}, campaign.path());
    CHECK((verified.exit_code == 0 || verified.exit_code == 5 || verified.exit_code == 2));
    refused += verified.exit_code == 0 ? 0 : 1;
  }
  std::cout << file << ": " << refused << " of " << times << " damages found by verify\n";
}

void lose_database(const fs::path& folder) {
  for (const char* file : {"campaign.db", "campaign.db-wal", "campaign.db-shm"}) fs::remove(folder / "c" / file);
}

}  // namespace

TEST_CASE("every flipped bit and every truncation of a shard is found, and only its unit is done again", "[crash]") {
  flip_bits_of_shards(4, 1);
}

TEST_CASE("shards that are missing, exchanged, doubled or of another campaign are found and done again", "[crash]") {
  const FinishedCampaign campaign;
  const auto shards = stored_shards(campaign.directory());
  CampaignFolder other;
  write_campaign(other.path(), "[2, 3, 4]", "all", "campaign.toml", 99);
  REQUIRE(Program(run_line(), other.path()).wait().exit_code == 0);
  const auto foreign = stored_shards(other.directory());

  const std::string first = shards[3].record(), second = shards[4].record();
  shards[3].replace_record(second);
  shards[4].replace_record(first);
  shards[7].erase();
  shards[10].replace_record(shards[9].record());
  shards[12].replace_record(foreign[5].record());

  expect_damage(campaign.path(),
                {shards[3].name(), shards[4].name(), shards[7].name(), shards[10].name(), shards[12].name()});
  resume_and_check(campaign.path());
}

TEST_CASE("a lost database is made again from the shards and ends the same", "[crash]") {
  const FinishedCampaign campaign;
  lose_database(campaign.path());
  fs::remove(campaign.directory() / "campaign.backup.db");
  const auto shards = stored_shards(campaign.directory());
  shards[2].erase();
  std::mt19937 random(5);
  shards[6].flip_bit(random);

  const ProgramResult rebuilt = run_hullscan({"rebuild-ledger", "c"}, campaign.path());

  INFO(rebuilt.output << rebuilt.messages);
  REQUIRE(rebuilt.exit_code == 0);
  CHECK_THAT(rebuilt.output, Contains(std::to_string(shards.size() - 2) + " work units"));
  resume_and_check(campaign.path());
}

TEST_CASE("a run whose database is lost or empty is refused as long as there is work to lose", "[crash]") {
  for (const bool emptied : {false, true}) {
    const FinishedCampaign campaign;
    lose_database(campaign.path());
    if (emptied) write_file(campaign.directory() / "campaign.db", "");
    const auto before = contents(campaign.directory() / "units");

    const ProgramResult refused = Program(run_line(), campaign.path()).wait();

    INFO(refused.messages);
    CHECK(refused.exit_code == 5);
    CHECK_THAT(refused.messages, Contains("the database is lost") && Contains("hullscan rebuild-ledger"));
    CHECK((contents(campaign.directory() / "units") == before));
    const ProgramResult rebuilt = run_hullscan({"rebuild-ledger", "c"}, campaign.path());
    INFO(rebuilt.output << rebuilt.messages);
    REQUIRE(rebuilt.exit_code == 0);
    resume_and_check(campaign.path());
    CHECK((contents(campaign.directory() / "units") == before));  // nothing was done again
  }
}

TEST_CASE("a damaged database is kept aside and made again; a sound one is left alone", "[crash]") {
  const FinishedCampaign campaign;
  const auto before = contents(campaign.directory());
  CHECK_THAT(run_hullscan({"rebuild-ledger", "c"}, campaign.path()).output, Contains("nothing is changed"));
  CHECK(contents(campaign.directory()).at("campaign.db") == before.at("campaign.db"));

  lose_database(campaign.path());
  write_file(campaign.directory() / "campaign.db", before.at("campaign.db").substr(0, 5000));
  const ProgramResult rebuilt = run_hullscan({"rebuild-ledger", "c"}, campaign.path());

  INFO(rebuilt.output << rebuilt.messages);
  REQUIRE(rebuilt.exit_code == 0);
  CHECK(fs::file_size(campaign.directory() / "campaign.damaged-1.db") == 5000);
  resume_and_check(campaign.path());
}

TEST_CASE("a database lost in the middle of a run is made again and the rest is enumerated", "[crash]") {
  const CampaignFolder folder("[3, 3, 3]");
  const ProgramResult stopped = [&] {
    Program run(run_line("0.0002"), folder.path());
    while (run.running() && stored_shards(folder.directory()).size() < 12)
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    run.kill(SIGKILL);
    return run.wait();
  }();
  REQUIRE(stopped.exit_code == 128 + SIGKILL);
  lose_database(folder.path());

  const ProgramResult rebuilt = run_hullscan({"rebuild-ledger", "c"}, folder.path());

  INFO(rebuilt.output << rebuilt.messages);
  REQUIRE(rebuilt.exit_code == 0);
  REQUIRE(Program(run_line("1"), folder.path()).wait().exit_code == 0);
  CHECK((outcome_of(folder.path()) == undisturbed_outcome("[3, 3, 3]")));
}

TEST_CASE("computing every unit again finds nothing, and a stored number that is wrong", "[crash]") {
  const FinishedCampaign campaign("0.001");
  const ProgramResult all = run_hullscan({"verify", "c", "--recompute", "100", "--json"}, campaign.path());
  INFO(all.output << all.messages);
  CHECK(all.exit_code == 0);
  CHECK(Json::parse(all.output)["recomputed"] == Json::parse(all.output)["shards"]);

  const std::string sql = "UPDATE unit SET orbits = orbits + 1 WHERE id = (SELECT min(id) FROM unit)";
  if (Program({"sqlite3", "c/campaign.db", sql}, campaign.path()).wait().exit_code == 0) {
    CHECK(run_hullscan({"verify", "c", "--recompute", "100"}, campaign.path()).exit_code == 5);
  }
}

TEST_CASE("an orbit asked for by its key is the one that the export lists", "[crash]") {
  const FinishedCampaign campaign;
  const std::string all = run_hullscan({"export", "c", "--orbits", "--format", "csv"}, campaign.path()).output;
  std::vector<std::string> lines;
  std::istringstream stream(all);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  REQUIRE(lines.size() > 80'000);
  for (std::size_t i = 1; i < lines.size(); i += 9'973) {
    const std::string key = lines[i].substr(0, lines[i].find(','));
    const ProgramResult one = run_hullscan({"export", "c", "--orbit", key, "--format", "csv"}, campaign.path());
    CHECK_THAT(one.output, Contains("\n" + lines[i] + "\n"));
  }
  CHECK(run_hullscan({"export", "c", "--orbit", "0.0.3.99999999", "--format", "csv"}, campaign.path()).exit_code == 2);
  CHECK(run_hullscan({"export", "c", "--orbit", "0.0.x", "--format", "csv"}, campaign.path()).exit_code == 2);
}

TEST_CASE("parts run apart and merged are the campaign run at once, byte for byte", "[crash]") {
  const CampaignFolder folder("[3, 3, 3]");
  std::vector<std::string> merge = {"merge", "--out", "c"};
  for (int part = 1; part <= 3; ++part) {
    const std::string directory = "part" + std::to_string(part);
    const ProgramResult run =
        run_hullscan({"run", "campaign.toml", "--dir", directory, "--part", std::to_string(part) + "/3", "--quota",
                      "0.2", "--threads", std::to_string(part)},
                     folder.path());
    INFO(run.messages);
    REQUIRE(run.exit_code == 0);
    merge.push_back(directory);
  }
  auto without_one = merge;
  without_one.pop_back();
  const ProgramResult refused = run_hullscan(without_one, folder.path());
  CHECK(refused.exit_code == 2);
  CHECK_THAT(refused.messages, Contains("not the whole campaign"));
  CHECK_FALSE(fs::exists(folder.directory()));

  const ProgramResult merged = run_hullscan(merge, folder.path());

  INFO(merged.messages);
  REQUIRE(merged.exit_code == 0);
  CHECK((outcome_of(folder.path()) == undisturbed_outcome("[3, 3, 3]")));
  CHECK(run_hullscan({"verify", "c"}, folder.path()).exit_code == 0);
  CHECK(run_hullscan({"run", "campaign.toml", "--dir", "c"}, folder.path()).exit_code == 0);
  CHECK(run_hullscan({"run", "campaign.toml", "--dir", "part1"}, folder.path()).exit_code == 2);
}

TEST_CASE("1300 damaged shards are all found", "[.][crash-long][damage]") { flip_bits_of_shards(1300, 7); }

TEST_CASE("a damaged database or status file never crashes a command", "[.][crash-long][damage]") {
  damage_database(300, 8, "campaign.db");
  damage_database(300, 9, "status.json");
}

TEST_CASE("shards lost, exchanged, doubled or of another campaign, forty times: found and done again",
          "[.][crash-long][lost]") {
  CampaignFolder other;
  write_campaign(other.path(), "[2, 3, 4]", "all", "campaign.toml", 99);
  REQUIRE(Program(run_line(), other.path()).wait().exit_code == 0);
  const auto foreign = stored_shards(other.directory());
  std::mt19937 random(11);
  for (int time = 0; time < 40; ++time) {
    INFO("time " << time);
    const FinishedCampaign campaign;
    auto shards = stored_shards(campaign.directory());
    std::shuffle(shards.begin(), shards.end(), random);
    std::set<std::string> damaged = {shards[0].name()};
    if (time % 4 == 0) {
      shards[0].erase();
    } else if (time % 4 == 1) {
      const std::string first = shards[0].record(), second = shards[1].record();
      shards[0].replace_record(second);
      shards[1].replace_record(first);
      damaged.insert(shards[1].name());
    } else {
      const StoredShard& other_shard =
          time % 4 == 2 ? shards[1] : foreign[static_cast<std::size_t>(time) % foreign.size()];
      shards[0].replace_record(other_shard.record());
    }
    expect_damage(campaign.path(), damaged);
    resume_and_check(campaign.path());
  }
}

TEST_CASE("a database or its log lost or cut thirty times: the campaign ends the same", "[.][crash-long][lost]") {
  std::mt19937 random(17);
  int rebuilt = 0;
  for (int time = 0; time < 30; ++time) {
    INFO("time " << time);
    const CampaignFolder folder;
    const ProgramResult killed =
        Program(run_line(), folder.path(), {{"HULLSCAN_CRASH_AT", "transaction.committed:" + std::to_string(3 + time)}})
            .wait();
    REQUIRE((killed.exit_code == 128 + SIGKILL || killed.exit_code == 0));
    const fs::path database = folder.directory() / "campaign.db";
    if (time % 3 == 0) lose_database(folder.path());
    if (time % 3 == 1) {
      fs::remove(folder.directory() / "campaign.db-wal");
      fs::resize_file(database, std::uniform_int_distribution<std::size_t>(1, fs::file_size(database) - 1)(random));
    }
    if (time % 3 == 2) fs::remove(folder.directory() / "campaign.db-wal");

    const ProgramResult again = Program(run_line(), folder.path()).wait();
    if (again.exit_code != 0) {
      INFO(again.messages);
      REQUIRE(again.exit_code == 5);
      CHECK_THAT(again.messages, Contains("rebuild-ledger"));
      const ProgramResult made = run_hullscan({"rebuild-ledger", "c"}, folder.path());
      INFO(made.output << made.messages);
      REQUIRE(made.exit_code == 0);
      ++rebuilt;
    }
    resume_and_check(folder.path());
  }
  std::cout << "databases made again: " << rebuilt << "\n";
  CHECK(rebuilt >= 10);
}
