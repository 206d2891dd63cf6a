/// @file
/// deploy/campaigns/cspbi3-network from its first label to its tables, on fewer levels and with networks that hardly
/// learn.

#include <catch2/catch.hpp>
#include <iostream>
#include <regex>
#include <set>

#include "../program.hpp"
#include "core/json.hpp"

using namespace hullscan::test;
using Catch::Contains;
using hullscan::Json;

namespace {

bool have_torch(const fs::path& folder) {
  if (Program({"/usr/bin/python3", "-c", "import numpy, torch"}, folder).wait().exit_code == 0) return true;
  std::cout << "skipped: /usr/bin/python3 has no torch\n";
  return false;
}

/// The folder of the study, with the scorers where it looks for them, and a small campaign.
fs::path small_study(const fs::path& folder) {
  const fs::path campaigns = HULLSCAN_CAMPAIGNS;
  fs::create_directories(folder / "campaigns");
  for (const char* study : {"cspbi3-network", "cspbi3-cd-zn"})
    fs::copy(campaigns / study, folder / "campaigns" / study, fs::copy_options::recursive);
  fs::copy(campaigns.parent_path() / "scorers", folder / "scorers");
  const fs::path here = folder / "campaigns" / "cspbi3-network";
  std::string text = read_file(here / "campaign.toml");
  text = std::regex_replace(text, std::regex("0\\.\\.6"), "0..3");
  text = std::regex_replace(text, std::regex("\"--epochs\", \"\\d+\""), "\"--epochs\", \"2\", \"--members\", \"2\"");
  text = std::regex_replace(text, std::regex("per_round = \\d+"), "per_round = 8");
  write_file(here / "small.toml", text);
  return here;
}

}  // namespace

TEST_CASE("the study with the network goes from labels to tables, also after it was killed", "[campaign][network]") {
  const TemporaryFolder folder;
  if (!have_torch(folder.path())) return;
  const fs::path here = small_study(folder.path());
  // Its first run is killed after four seconds, if it is not done by then.
  write_file(here / "killed", "#!/bin/sh\ncase $1 in run) exec timeout -s KILL 4 " + std::string(HULLSCAN_PROGRAM) +
                                  " \"$@\";; esac\nexec " + HULLSCAN_PROGRAM + " \"$@\"\n");
  fs::permissions(here / "killed", fs::perms::owner_all);
  const auto study = [&](const std::string& hullscan) {
    return Program({"/bin/sh", "study", "c"}, here, {{"HULLSCAN", hullscan}, {"CAMPAIGN", "small.toml"}}).wait();
  };
  (void)study((here / "killed").string());
  REQUIRE(fs::exists(here / "c.labels" / "import-142.done"));

  const auto result = study(HULLSCAN_PROGRAM);

  INFO(result.messages);
  REQUIRE(result.exit_code == 0);
  const std::string& text = result.output;
  CHECK_THAT(text, Contains("418 inequivalent"));  // 2 x (104 + 105)
  CHECK_THAT(text, Contains("gamma-Cd") && Contains("delta-Zn"));
  for (int group = 0; group < 12; ++group)
    CHECK_THAT(text, Contains((group < 10 ? "group 0" : "group ") + std::to_string(group)));
  const Json report = Json::parse(read_file(here / "c" / "report" / "report.json"));
  CHECK(report["validations"].size() == 4);
  CHECK(report["spaces"].size() == 4);
  // 202 labels, of which the pure phases are there for both dopants, and the lowest of each phase.
  std::set<std::string> chosen;
  for (const Json& entry : report["entries"]) {
    if (!entry["predicted_formation_energy_per_atom"].is_null()) chosen.insert(entry["space"]);
  }
  CHECK(report["entries"].size() >= 202);  // of the 8 that were calculated some are among the 60
  CHECK(chosen == std::set<std::string>{"gamma-Cd", "delta-Cd", "gamma-Zn", "delta-Zn"});
}
