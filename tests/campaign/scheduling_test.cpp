/// @file
/// What the scheduler does with calculations that are slow, fail, or use too much: tests/campaign/scheduling/calculator
/// does what a test orders.

#include <catch2/catch.hpp>
#include <set>

#include "../program.hpp"
#include "core/json.hpp"

using namespace hullscan::test;
using Catch::Contains;
using hullscan::Json;

namespace {

const std::vector<std::string> kRun = {"run", "campaign.toml", "--dir", "c"};

class SchedulingFolder : public TemporaryFolder {
 public:
  explicit SchedulingFolder(const std::string& orders = "{}") {
    fs::copy(HULLSCAN_SCHEDULING_TEST, path());
    order(orders);
  }
  void order(const std::string& orders) const {
    write_file(path() / "orders.part", orders);
    fs::rename(path() / "orders.part", path() / "orders.json");
  }
  /// Replaces a line of the campaign file.
  void say(const std::string& from, const std::string& to) const {
    std::string text = read_file(path() / "campaign.toml");
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    write_file(path() / "campaign.toml", text.replace(at, from.size(), to));
  }
  [[nodiscard]] Json tasks() const {
    return Json::parse(run_hullscan({"tasks", "c", "--json"}, path()).output)["tasks"];
  }
  [[nodiscard]] Json report() const { return Json::parse(read_file(path() / "c" / "report" / "report.json")); }
};

}  // namespace

TEST_CASE("an asynchronous campaign begins the next round while a slow calculation goes on", "[campaign][scheduling]") {
  // The second AlMg is of round 2, the first Al2Mg of round 3. Without it the second AlMg would wait for ever.
  const SchedulingFolder folder(R"({"AlMg-2": {"wait_for": "began/Al2Mg-1"}})");
  folder.say("asynchronous = false", "asynchronous = true");

  const auto result = run_hullscan(kRun, folder.path());

  INFO(result.messages);
  REQUIRE(result.exit_code == 0);
  const Json tasks = folder.tasks();
  CHECK(tasks.size() == 8);
  std::set<std::string> of_round_2, of_round_3;
  for (const Json& task : tasks) {
    CHECK(task["state"] == "converged");
    CHECK(task["attempts"].size() == 1);
    if (task["round"] == 2) of_round_2.insert(task["formula"]);
    if (task["round"] == 3) of_round_3.insert(task["formula"]);
  }
  CHECK(of_round_2.count("AlMg") == 1);
  CHECK(of_round_3.count("Al2Mg") == 1);
  CHECK(folder.report()["entries"].size() == 8);  // the slow one too
}

TEST_CASE("killed while two rounds are under way, a campaign goes on with both", "[campaign][scheduling]") {
  const SchedulingFolder folder(R"({"AlMg-2": {"wait_for": "release"}})");
  folder.say("asynchronous = false", "asynchronous = true");
  folder.say("rounds = 2", "rounds = 3");  // so that round 3 does not wait for all, either
  Program run({HULLSCAN_PROGRAM, "run", "campaign.toml", "--dir", "c"}, folder.path());
  run.wait_until_said("round 3 (");
  run.kill(SIGKILL);
  REQUIRE(run.wait().exit_code == 128 + SIGKILL);
  write_file(folder.path() / "release", "");

  const auto result = run_hullscan(kRun, folder.path());

  INFO(result.messages);
  REQUIRE(result.exit_code == 0);
  std::size_t attempts = 0;
  for (const Json& task : folder.tasks()) {
    CHECK(task["state"] == "converged");
    attempts += task["attempts"].size();
    if (task["round"] == 2 && task["formula"] == "AlMg") CHECK(task["attempts"].size() == 2);
  }
  CHECK(attempts <= folder.tasks().size() + 2);  // at most the two that were under way are repeated
}

TEST_CASE("a drained asynchronous campaign leaves no calculation behind", "[campaign][scheduling]") {
  const SchedulingFolder folder(R"({"AlMg-2": {"wait_for": "release"}})");
  folder.say("asynchronous = false", "asynchronous = true");
  Program run({HULLSCAN_PROGRAM, "run", "campaign.toml", "--dir", "c"}, folder.path());
  run.wait_until_said("round 3 (");
  run.kill(SIGTERM);

  CHECK(run.wait().exit_code == 75);
  write_file(folder.path() / "release", "");
  const auto result = run_hullscan(kRun, folder.path());
  INFO(result.messages);
  CHECK(result.exit_code == 0);
  CHECK(folder.report()["entries"].size() == 8);
}

TEST_CASE("max_core_hours ends a local campaign too, and a larger one lets it go on", "[campaign][scheduling]") {
  // A calculation may take 36 s, 0.01 core-hours: there is room for one, and after the first moment of it for no other.
  const SchedulingFolder folder;
  folder.say("slots = 2", "slots = 2\ntime_limit_s = 36\nmax_core_hours = 0.01");

  const auto result = run_hullscan(kRun, folder.path());

  INFO(result.messages);
  CHECK(result.exit_code == 75);
  CHECK_THAT(result.messages, Contains("raise max_core_hours to go on"));
  std::size_t converged = 0;
  for (const Json& task : folder.tasks()) converged += task["state"] == "converged" ? 1 : 0;
  CHECK(converged == 1);

  folder.say("max_core_hours = 0.01", "max_core_hours = 10");
  CHECK(run_hullscan(kRun, folder.path()).exit_code == 0);
  CHECK(folder.report()["entries"].size() == 8);
}

TEST_CASE("a calculation over its memory limit is ended, reported and named in the report", "[campaign][scheduling]") {
  const SchedulingFolder folder(R"({"AlMg2-1": {"allocate_mb": 400}})");
  folder.say("slots = 2", "slots = 2\n[run.local]\nmemory_limit_mb = 200");

  const auto result = run_hullscan(kRun, folder.path());

  INFO(result.messages);
  CHECK(result.exit_code == 4);
  const auto failed = run_hullscan({"tasks", "c", "--failed"}, folder.path());
  CHECK_THAT(failed.output, Contains("AlMg2") && Contains("out of memory"));
  CHECK(folder.report()["failures"].size() == 1);
}

TEST_CASE("a failed task can be tried again and its history asked for", "[campaign][scheduling]") {
  const SchedulingFolder folder(R"({"AlMg2-1": {"fail": "the cell is too odd"}})");
  const auto first = run_hullscan(kRun, folder.path());
  INFO(first.messages);
  REQUIRE(first.exit_code == 4);
  std::string id;
  for (const Json& task : folder.tasks()) {
    if (task["state"] == "failed") id = task["id"];
  }
  REQUIRE(!id.empty());

  CHECK(run_hullscan({"tasks", "c", "--retry", id}, folder.path()).exit_code == 0);
  REQUIRE(run_hullscan(kRun, folder.path()).exit_code == 0);

  const auto text = run_hullscan({"tasks", "c", "--show", id}, folder.path());
  CHECK(text.exit_code == 0);
  CHECK_THAT(text.output, Contains("the cell is too odd") && Contains("another try asked") &&
                              Contains("request.json") && Contains("made up 1"));
  const Json shown = Json::parse(run_hullscan({"tasks", "c", "--show", id, "--json"}, folder.path()).output);
  REQUIRE(shown["attempts"].size() == 2);
  CHECK(shown["result"]["attempt"] == 2);
  CHECK(shown["attempts"][1]["inputs"]["request.json"] == shown["attempts"][0]["inputs"]["request.json"]);
  CHECK(shown["attempts"][1]["started"].get<std::string>() >= shown["attempts"][0]["ended"].get<std::string>());
  CHECK(run_hullscan({"tasks", "c", "--retry", id}, folder.path()).exit_code == 2);  // it is converged
}

TEST_CASE("a reader that has seen enough is not a fault", "[campaign][scheduling]") {
  const SchedulingFolder folder;
  REQUIRE(run_hullscan(kRun, folder.path()).exit_code == 0);

  // The reader ends at once, and the table comes after that.
  const std::string line = std::string("(sleep 0.2; '") + HULLSCAN_PROGRAM + "' tasks c; echo $? > code) | true";
  const auto result =
      Program({"/bin/bash", "-c", line + "; while [ ! -s code ]; do sleep 0.01; done"}, folder.path()).wait();

  CHECK(result.messages.empty());
  CHECK(read_file(folder.path() / "code") == "0\n");
}

TEST_CASE("an abandoned task is never computed and the campaign ends without it", "[campaign][scheduling]") {
  const SchedulingFolder folder(R"({"AlMg2-1": {"fail": "the cell is too odd"}})");
  REQUIRE(run_hullscan(kRun, folder.path()).exit_code == 4);
  std::string id;
  for (const Json& task : folder.tasks()) {
    if (task["state"] == "failed") id = task["id"];
  }

  CHECK(run_hullscan({"tasks", "c", "--abandon", id}, folder.path()).exit_code == 0);

  const auto result = run_hullscan(kRun, folder.path());
  INFO(result.messages);
  CHECK(result.exit_code == 0);
  for (const Json& task : folder.tasks()) {
    if (task["id"] == id) CHECK(task["state"] == "abandoned");
  }
  const Json report = folder.report();
  CHECK(report["entries"].size() == 7);
  REQUIRE(report["failures"].size() == 1);  // named all the same
  CHECK(report["failures"][0]["state"] == "abandoned");
}
