/// @file
/// Wrong results of calculations in a campaign of sixteen (tests/campaign/liars): noticed, set aside, taken back. The
/// whole table of faults is measured by tests/campaign/liars/measure.

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>
#include <sstream>

#include "../program.hpp"
#include "core/json.hpp"
#include "storage/campaign_lock.hpp"
#include "storage/detail/sqlite.hpp"

using namespace hullscan;
using namespace hullscan::test;
using Catch::Contains;

namespace {

class LiarsFolder : public TemporaryFolder {
 public:
  explicit LiarsFolder(const std::string& lie = "") {
    fs::copy(HULLSCAN_LIARS, path());
    if (!lie.empty()) write_file(path() / "lie.json", lie);
  }
  [[nodiscard]] ProgramResult run() const {
    return run_hullscan({"run", "campaign.toml", "--dir", "c", "--threads", "1"}, path());
  }
  [[nodiscard]] Json json(std::vector<std::string> arguments) const {
    arguments.push_back("--json");
    const ProgramResult result = run_hullscan(std::move(arguments), path());
    INFO(result.messages);
    REQUIRE(result.exit_code == 0);
    return Json::parse(result.output);
  }
  [[nodiscard]] std::set<std::string> lied() const {
    std::istringstream lines(read_file(path() / "lies"));
    std::set<std::string> keys;
    for (std::string key; lines >> key;) keys.insert(key);
    return keys;
  }
  [[nodiscard]] std::set<std::string> suspects() const {
    std::set<std::string> keys;
    const Json listed = json({"tasks", "c", "--suspect"});
    for (const Json& task : listed["tasks"]) keys.insert(task["key"].get<std::string>());
    return keys;
  }
  [[nodiscard]] Json report() const { return Json::parse(read_file(path() / "c" / "report" / "report.json")); }
  void change_database(const std::string& sql) const {
    sqlite::Database database(path() / "c" / "campaign.db", sqlite::Access::kReadWrite);
    database.execute(sql.c_str());
  }
};

const std::string kHartree = R"({"fault": "hartree", "of": {"Al": 1, "Ni": 3}, "all": false})";

/// Labels of the last fits of all spaces together.
int labels(const Json& report) {
  int sum = 0, last = 0;
  for (const Json& round : report["rounds"]) last = std::max(last, round["round"].get<int>());
  for (const Json& round : report["rounds"]) sum += round["round"] == last ? round["labels"].get<int>() : 0;
  return sum;
}

std::set<std::string> ids(const Json& list) {
  std::set<std::string> found;
  for (const Json& one : list) found.insert(one["id"].get<std::string>());
  return found;
}

}  // namespace

TEST_CASE("an honest campaign sets nothing aside", "[campaign][results]") {
  const LiarsFolder folder;
  const ProgramResult result = folder.run();
  INFO(result.messages);
  REQUIRE(result.exit_code == 0);
  CHECK(folder.suspects().empty());
  CHECK(folder.report()["set_aside"].empty());
  CHECK(run_hullscan({"verify", "c"}, folder.path()).exit_code == 0);
}

TEST_CASE("a result in hartree is set aside with words, accepted, and taken back", "[campaign][results]") {
  const LiarsFolder folder(kHartree);
  const ProgramResult first = folder.run();
  INFO(first.messages);
  REQUIRE(first.exit_code == 0);
  CHECK_THAT(first.messages, Contains("is set aside") && Contains("as a number in hartree it would fit"));
  REQUIRE(folder.suspects() == folder.lied());
  const std::string key = *folder.lied().begin(), id = key.substr(0, 8);
  CHECK(ids(folder.report()["set_aside"]) == std::set<std::string>{"fcc-" + id});
  CHECK(ids(folder.report()["entries"]).count("fcc-" + id) == 0);
  CHECK(folder.json({"status", "c"})["suspect"] == 1);
  CHECK_THAT(run_hullscan({"status", "c"}, folder.path()).output, Contains("suspect 1 result is set aside"));

  // A person says that it is right: it counts when the campaign is run next, and stays so.
  CHECK(folder.json({"accept", "c", "fcc-" + id, "--because", "checked by hand"})["standing"] == "counts");
  CHECK(run_hullscan({"accept", "c", id}, folder.path()).exit_code == 2);
  const ProgramResult second = folder.run();
  INFO(second.messages);
  REQUIRE(second.exit_code == 0);
  CHECK_THAT(second.messages, Contains("the results that count have changed since round"));
  CHECK(ids(folder.report()["entries"]).count("fcc-" + id) == 1);
  CHECK(folder.suspects().empty());

  // Taken back, hullscan's tests speak again.
  CHECK(run_hullscan({"include", "c", id}, folder.path()).exit_code == 0);
  REQUIRE(folder.run().exit_code == 0);
  CHECK(folder.suspects() == folder.lied());
  CHECK(run_hullscan({"include", "c", id}, folder.path()).exit_code == 2);
  const Json told = folder.json({"tasks", "c", "--show", id});
  std::vector<std::string> by_people;
  for (const Json& judgement : told["judgements"]) {
    if (judgement["who"] != "hullscan")
      by_people.push_back(judgement["what"].get<std::string>() + ": " + judgement["why"].get<std::string>());
  }
  CHECK(by_people == std::vector<std::string>{"accepted: checked by hand", "included: "});
}

TEST_CASE("a result accepted long ago is excluded and comes back as it was", "[campaign][results]") {
  const LiarsFolder folder;
  REQUIRE(folder.run().exit_code == 0);
  const Json before = folder.report();
  std::string id;
  for (const Json& entry : before["entries"]) {
    if (entry["vertex"] == true && entry["formula"] == "AlNi") id = entry["id"].get<std::string>();
  }
  REQUIRE_FALSE(id.empty());
  CHECK(run_hullscan({"exclude", "c", id}, folder.path()).exit_code == 2);
  CHECK_THAT(run_hullscan({"exclude", "c", "zz", "--because", "x"}, folder.path()).messages,
             Contains("no task has this id"));

  REQUIRE(run_hullscan({"exclude", "c", id, "--because", "wrong magnetic order"}, folder.path()).exit_code == 0);
  REQUIRE(folder.run().exit_code == 0);
  const Json without = folder.report();
  CHECK(ids(without["entries"]).count(id) == 0);
  CHECK(without["set_aside"][0]["why"] == "wrong magnetic order");
  CHECK(labels(without) == labels(before) - 1);

  REQUIRE(run_hullscan({"include", "c", id}, folder.path()).exit_code == 0);
  REQUIRE(folder.run().exit_code == 0);
  const Json after = folder.report();
  CHECK(after["entries"] == before["entries"]);
  CHECK(after["rounds"] == before["rounds"]);
  CHECK(after["candidates"] == before["candidates"]);
}

TEST_CASE("nothing is decided while a run holds the campaign", "[campaign][results]") {
  const LiarsFolder folder;
  REQUIRE(folder.run().exit_code == 0);
  const std::string id = folder.report()["entries"][0]["id"].get<std::string>();
  const CampaignLock held(folder.path() / "c");
  const ProgramResult refused = run_hullscan({"exclude", "c", id, "--because", "x"}, folder.path());
  CHECK(refused.exit_code == 5);
  CHECK_FALSE(refused.messages.empty());
}

TEST_CASE("an absurd energy of an older hullscan ends no campaign", "[campaign][results]") {
  const LiarsFolder folder;
  REQUIRE(folder.run().exit_code == 0);
  // As a database of format 3 had it: nothing judged, no checksum.
  folder.change_database(
      "UPDATE result SET checksum = '', energy_ev = 1e9 WHERE task = 3; DELETE FROM judgement; "
      "DELETE FROM fact WHERE key = 'results judged';");
  const ProgramResult result = folder.run();
  INFO(result.messages);
  CHECK(result.exit_code == 0);
  CHECK(folder.suspects().size() == 1);
}

TEST_CASE("verify finds a stored energy or cell that is not what was accepted", "[campaign][results]") {
  const LiarsFolder folder;
  REQUIRE(folder.run().exit_code == 0);
  folder.change_database("UPDATE result SET energy_ev = energy_ev + 1 WHERE task = 2");
  const ProgramResult verified = run_hullscan({"verify", "c"}, folder.path());
  CHECK(verified.exit_code == 5);
  CHECK_THAT(verified.output, Contains("the checksum differs") && Contains("its files say"));
  // The campaign goes on without it.
  const ProgramResult result = folder.run();
  INFO(result.messages);
  CHECK(result.exit_code == 0);
  CHECK(folder.suspects().size() == 1);
}

TEST_CASE("stored indices that the campaign does not have are messages", "[campaign][results]") {
  const LiarsFolder folder;
  REQUIRE(folder.run().exit_code == 0);
  const std::string good = read_file(folder.path() / "c" / "campaign.db");
  for (const char* damage :
       {"UPDATE task SET space = 9 WHERE id = 2", "UPDATE task SET supercell = 4000000000 WHERE id = 2",
        "UPDATE task SET composition = 77 WHERE id = 2", "UPDATE task SET occupation = x'' WHERE id = 5",
        "UPDATE task SET occupation = x'09' WHERE id = 1",
        "UPDATE candidate SET occupation = x'' WHERE pass = (SELECT max(number) FROM pass)",
        "UPDATE round SET fit = '{' WHERE number = 2", "UPDATE attempt SET particulars = 'x' WHERE task = 3"}) {
    write_file(folder.path() / "c" / "campaign.db", good);
    for (const char* beside : {"campaign.db-wal", "campaign.db-shm"}) fs::remove(folder.path() / "c" / beside);
    folder.change_database(damage);
    INFO(damage);
    for (const std::vector<std::string>& command :
         std::vector<std::vector<std::string>>{{"report", "c"},
                                               {"export", "c", "--format", "csv"},
                                               {"run", "campaign.toml", "--dir", "c"},
                                               {"verify", "c"}}) {
      const ProgramResult result = run_hullscan(command, folder.path());
      INFO(command[0] << ": " << result.messages << result.output);
      CHECK(result.exit_code == 5);
    }
  }
}

TEST_CASE("a campaign whose model cannot search what its limits leave goes on with larger ones",
          "[campaign][results]") {
  const LiarsFolder folder;
  std::string text = read_file(folder.path() / "campaign.toml");
  const auto put = [&](const std::string& old, const std::string& now) {
    text.replace(text.find(old), old.size(), now);
  };
  put("kind = \"cluster-expansion\"\npairs = 4.2\ntriplets = 3.0",
      "kind = \"ridge\"\nfeatures = \"contacts\"\ncontacts = 3.0");
  put("slots = 2", "slots = 2\nkeep = \"best\"\nscan_at_most = 1e6");
  write_file(folder.path() / "campaign.toml", text);
  REQUIRE(folder.run().exit_code == 0);
  // As older versions began it, which did not ask the model.
  folder.change_database(
      "UPDATE fact SET text = '{\"scan_at_most\":0.0,\"search_nodes\":300000000}' WHERE key = 'search limits'");

  const ProgramResult goes_on = folder.run();
  CHECK(goes_on.exit_code == 0);
  CHECK_THAT(goes_on.messages, Contains("run.scan_at_most and run.search_nodes are taken from the file now"));

  put("scan_at_most = 1e6", "scan_at_most = 0");
  write_file(folder.path() / "campaign.toml", text);
  folder.change_database(
      "UPDATE fact SET text = '{\"scan_at_most\":0.0,\"search_nodes\":300000000}' WHERE key = 'search limits'");
  const ProgramResult refused = folder.run();
  CHECK(refused.exit_code == 2);
  CHECK_THAT(refused.messages,
             Contains("campaign.toml:") && Contains(": surrogate.kind: ") && Contains("no bound to search by"));
  CHECK_THAT(refused.messages, Contains("the same directory goes on, and all that it has calculated counts"));
}
