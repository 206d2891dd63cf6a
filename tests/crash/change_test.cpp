// Row 2 of docs/crash-tests.md: a campaign whose file has changed, killed while its directory follows. The directory
// has the old file or the new one, never a mixture, and the same line goes on to the end of an undisturbed change.
#include <chrono>
#include <thread>

#include "crash_testing.hpp"

using namespace hullscan::test;
using hullscan::Json;

namespace {

const std::vector<std::string> kRun = {HULLSCAN_PROGRAM, "run", "campaign.toml", "--dir", "c", "--threads", "1"};

/// A finished campaign of sixteen calculations (tests/campaign/liars, with nobody lying) whose file then changes.
class ChangedCampaign : public TemporaryFolder {
 public:
  explicit ChangedCampaign(const std::string& before, const std::string& after) {
    static const TemporaryFolder& finished = *new TemporaryFolder;  // run once
    if (!fs::exists(finished.path() / "c")) {
      fs::copy(HULLSCAN_LIARS, finished.path());
      const ProgramResult ran = Program(kRun, finished.path()).wait();
      INFO(ran.messages);
      REQUIRE(ran.exit_code == 0);
    }
    fs::copy(finished.path(), path(), fs::copy_options::recursive);
    std::string text = read_file(path() / "campaign.toml");
    const auto at = text.find(before);
    REQUIRE(at != std::string::npos);
    write_file(path() / "campaign.toml", text.replace(at, before.size(), after));
  }
  [[nodiscard]] std::size_t revisions() const {
    const ProgramResult listed = run_hullscan({"log", "c", "--json"}, path());
    INFO(listed.messages);
    REQUIRE(listed.exit_code == 0);
    return Json::parse(listed.output)["revisions"].size();
  }
  [[nodiscard]] std::set<std::string> calculated() const {
    const ProgramResult listed = run_hullscan({"tasks", "c", "--outside", "--json"}, path());
    REQUIRE(listed.exit_code == 0);
    std::set<std::string> keys;
    const Json json = Json::parse(listed.output);
    for (const Json& task : json["tasks"]) {
      if (task["state"] == "converged") keys.insert(task["key"].get<std::string>());
    }
    return keys;
  }
  void check_sound() const {
    const ProgramResult verified = run_hullscan({"verify", "c"}, path());
    INFO(verified.output << verified.messages);
    CHECK(verified.exit_code == 0);
    const ProgramResult reported = run_hullscan({"report", "c"}, path());
    INFO(reported.messages);
    CHECK(reported.exit_code == 0);
  }
  /// @returns hull.csv
  [[nodiscard]] std::string finish() const {
    const ProgramResult resumed = Program(kRun, path()).wait();
    INFO(resumed.messages);
    CHECK(resumed.exit_code == 0);
    CHECK(revisions() == 2);
    check_sound();
    return contents(path() / "c" / "report").at("hull.csv");
  }
};

struct Change {
  std::string before, after;
};
/// Wider spaces, another model, other settings.
const std::vector<Change> kChanges = {{"volume = [1, 2]", "volume = [1, 3]"},
                                      {"pairs = 4.2", "pairs = 3.5"},
                                      {"method = \"made up\"", "method = \"made up again\""}};

const std::vector<std::string> kChangePoints = {"revise.inputs",         "revise.middle",     "revise.done",
                                                "transaction.committed", "file.half-written", "file.renamed"};

const std::vector<std::string> kFewPoints = {"revise.inputs", "revise.middle", "transaction.committed"};

}  // namespace

TEST_CASE("a change of the campaign file that is killed at any of its steps is there or is not", "[crash]") {
  for (const Change& change : kChanges) {
    INFO(change.after);
    const std::string undisturbed = ChangedCampaign(change.before, change.after).finish();
    for (const std::string& point : &change == &kChanges.front() ? kChangePoints : kFewPoints) {
      INFO(point);
      const ChangedCampaign campaign(change.before, change.after);
      const auto known = campaign.calculated();
      const ProgramResult killed = Program(kRun, campaign.path(), {{"HULLSCAN_CRASH_AT", point}}).wait();
      CHECK(killed.exit_code == 128 + SIGKILL);
      const std::size_t revisions = campaign.revisions();
      CHECK((revisions == 1 || revisions == 2));
      const auto still = campaign.calculated();
      CHECK(std::includes(still.begin(), still.end(), known.begin(), known.end()));
      campaign.check_sound();
      CHECK(campaign.finish() == undisturbed);
    }
  }
}

TEST_CASE("sixty changes killed at random lose nothing", "[.][crash-long][changes]") {
  std::mt19937 random(29);
  int met = 0;
  for (const Change& change : kChanges) {
    const std::string undisturbed = ChangedCampaign(change.before, change.after).finish();
    for (int time = 0; time < 20; ++time) {
      const ChangedCampaign campaign(change.before, change.after);
      const auto known = campaign.calculated();
      Program run(kRun, campaign.path());
      std::this_thread::sleep_for(std::chrono::milliseconds(std::uniform_int_distribution<int>(20, 700)(random)));
      run.kill(SIGKILL);
      met += run.wait().exit_code == 128 + SIGKILL ? 1 : 0;
      const auto still = campaign.calculated();
      CHECK(std::includes(still.begin(), still.end(), known.begin(), known.end()));
      CHECK(campaign.finish() == undisturbed);
    }
  }
  std::cout << "changes killed while they ran: " << met << " of 60\n";
}
