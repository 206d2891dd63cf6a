// Row 2 of docs/crash-tests.md: accept, exclude and include that are killed. A decision is there or it is not, nothing
// else has changed, and the same line can be given again.
#include <chrono>
#include <thread>

#include "crash_testing.hpp"

using namespace hullscan::test;
using hullscan::Json;

namespace {

/// A campaign of sixteen calculations that has ended (tests/campaign/liars, with nobody lying).
class CalculatedCampaign : public TemporaryFolder {
 public:
  CalculatedCampaign() {
    fs::copy(HULLSCAN_LIARS, path());
    const ProgramResult ran = run_hullscan({"run", "campaign.toml", "--dir", "c", "--threads", "1"}, path());
    INFO(ran.messages);
    REQUIRE(ran.exit_code == 0);
    const Json listed = tasks();
    key_ = listed["tasks"].back()["key"].get<std::string>();
  }
  [[nodiscard]] const std::string& key() const { return key_; }
  [[nodiscard]] Json tasks() const {
    const ProgramResult listed = run_hullscan({"tasks", "c", "--json"}, path());
    INFO(listed.messages);
    REQUIRE(listed.exit_code == 0);
    return Json::parse(listed.output);
  }
  [[nodiscard]] std::string standing() const {
    const Json listed = tasks();
    for (const Json& task : listed["tasks"]) {
      if (task["key"] == key_) return task["standing"].get<std::string>();
    }
    return "gone";
  }
  [[nodiscard]] std::vector<std::string> line(const std::string& command) const {
    std::vector<std::string> words = {HULLSCAN_PROGRAM, command, "c", key_};
    if (command == "exclude") words.insert(words.end(), {"--because", "a test"});
    return words;
  }
  [[nodiscard]] std::map<std::string, std::string> calculated() const { return contents(path() / "c" / "tasks"); }

 private:
  std::string key_;
};

/// What the task is after each command, from the state that the one before left.
const std::vector<std::pair<std::string, std::string>> kCommands = {
    {"exclude", "excluded"}, {"accept", "counts"}, {"include", "counts"}};

/// Kills each command once by `kill`, looks, and gives the line again. @returns how many kills met a live process.
int kill_decisions(const CalculatedCampaign& campaign,
                   const std::function<ProgramResult(const std::vector<std::string>&)>& kill) {
  const auto calculated = campaign.calculated();
  int met = 0;
  for (const auto& [command, after] : kCommands) {
    INFO(command);
    const std::string before = campaign.standing();
    const ProgramResult killed = kill(campaign.line(command));
    met += killed.exit_code == 128 + SIGKILL ? 1 : 0;

    const std::string standing = campaign.standing();
    CHECK((standing == before || standing == after));
    const ProgramResult verified = run_hullscan({"verify", "c"}, campaign.path());
    INFO(verified.output << verified.messages);
    CHECK(verified.exit_code == 0);

    const ProgramResult again = Program(campaign.line(command), campaign.path()).wait();
    INFO(again.messages);
    CHECK((again.exit_code == 0 || again.exit_code == 2));  // 2: it is so already
    CHECK(campaign.standing() == after);
    CHECK((campaign.calculated() == calculated));
  }
  return met;
}

void check_end(const CalculatedCampaign& campaign, const std::map<std::string, std::string>& undisturbed) {
  const ProgramResult resumed = run_hullscan({"run", "campaign.toml", "--dir", "c", "--threads", "1"}, campaign.path());
  INFO(resumed.messages);
  CHECK(resumed.exit_code == 0);
  CHECK(contents(campaign.path() / "c" / "report").at("hull.csv") == undisturbed.at("hull.csv"));
}

const std::vector<std::string> kDecisionPoints = {"lock.before-write",    "lock.taken",   "transaction.before-begin",
                                                  "transaction.begun",    "judge.middle", "transaction.before-commit",
                                                  "transaction.committed"};

}  // namespace

TEST_CASE("a decision that is killed at any of its steps is there or is not, and can be given again", "[crash]") {
  const CalculatedCampaign campaign;
  const auto undisturbed = contents(campaign.path() / "c" / "report");
  for (const std::string& point : kDecisionPoints) {
    INFO(point);
    const int met = kill_decisions(campaign, [&](const std::vector<std::string>& line) {
      return Program(line, campaign.path(), {{"HULLSCAN_CRASH_AT", point}}).wait();
    });
    CHECK(met > 0);
  }
  check_end(campaign, undisturbed);
}

TEST_CASE("ninety decisions killed at random lose nothing", "[.][crash-long][decisions]") {
  const CalculatedCampaign campaign;
  const auto undisturbed = contents(campaign.path() / "c" / "report");
  std::mt19937 random(23);
  int met = 0;
  for (int time = 0; time < 30; ++time) {
    met += kill_decisions(campaign, [&](const std::vector<std::string>& line) {
      Program decision(line, campaign.path());
      std::this_thread::sleep_for(std::chrono::milliseconds(std::uniform_int_distribution<int>(1, 60)(random)));
      decision.kill(SIGKILL);
      return decision.wait();
    });
  }
  std::cout << "decisions killed while they ran: " << met << " of 90\n";
  check_end(campaign, undisturbed);
}
