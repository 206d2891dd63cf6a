/// @file
/// Campaigns of two stages: what the first decides, that it is decided once, and that kills do not change it.

#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <set>

#include "../kim_models.hpp"
#include "../program.hpp"
#include "core/json.hpp"

using namespace hullscan::test;
using Catch::Contains;
using hullscan::Json;

namespace {

const std::string kModel = "EAM_Dynamo_PunYamakovMishin_2013_NiAlCo__MO_826591359508_000";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

/// A folder with deploy/campaigns/ni-al-co in it, and that campaign without calculations (scored.toml): the potential
/// itself is the model.
class Folder : public TemporaryFolder {
 public:
  Folder() {
    fs::copy(fs::path(HULLSCAN_CAMPAIGNS) / "ni-al-co", path(), fs::copy_options::recursive);
    const std::string text = read_file(path() / "campaign.toml");
    write_file(path() / "scored.toml", text.substr(0, text.find("[[surrogate]]")) +
                                           "[[surrogate]]\nkind = \"kim\"\nmodel = \"" + kModel +
                                           "\"\nrelax = \"none\"\n");
  }
};

Json report_of(const fs::path& directory) { return Json::parse(read_file(directory / "report" / "report.json")); }

std::map<std::string, Json> judgements(const Json& report) {
  std::map<std::string, Json> found;
  for (const Json& judged : report["judgements"]) found[judged["type"]] = judged;
  return found;
}

const Json& space_of(const Json& report, const std::string& name) {
  for (const Json& space : report["spaces"]) {
    if (space["name"] == name) return space;
  }
  throw std::runtime_error("no space " + name);
}

}  // namespace

TEST_CASE("the second stage has the species that the first left to it, and all of their configurations",
          "[campaign][kim]") {
  if (!have_kim_models(kModel)) return;
  const Folder folder;

  const auto run = run_hullscan({"run", "campaign.toml", "--dir", "c"}, folder.path());

  INFO(run.messages);
  REQUIRE(run.exit_code == 0);
  const Json report = report_of(folder.path() / "c");
  const auto judged = judgements(report);
  REQUIRE(judged.size() == 6);
  std::set<std::string> refused;
  for (const auto& [type, one] : judged) {
    CHECK(one["kept"] == (one["cost_per_site"].is_null() || one["cost_per_site"].get<double>() <= 0.25));
    if (one["kept"] == false) refused.insert(type);
    CHECK_THAT(run.messages, Contains(type + (one["kept"] == true ? " kept" : " refused")));
  }
  CHECK(refused == std::set<std::string>{"Al.Co", "Al.Va", "Ni.Va"});
  // The cost of a vacancy on the Al sublattice, by the hull of the first stage's own calculations: Ni8Al7 has 15 atoms.
  Json simple = Json::array();
  for (const Json& entry : Json::parse(read_file(folder.path() / "c" / "report" / "entries.json"))) {
    if (entry["data"]["space"] == "simple") simple.push_back(entry);
  }
  write_file(folder.path() / "simple.json", simple.dump());
  double cost = 1e9;
  const Json hull = Json::parse(
      run_hullscan({"hull", "simple.json", "--end-members", "Al3Ni2,Al2Ni3,Al4CoNi3", "--json"}, folder.path()).output);
  for (const Json& entry : hull["entries"]) {
    if (entry["formula"] == "Al7Ni8") cost = std::min(cost, 15 * entry["e_above_hull"].get<double>());
  }
  // Predictions lie on the decision's hull too, so it may be lower, not higher.
  CHECK(judged.at("Al.Va")["cost_per_site"].get<double>() >= cost - 1e-6);
  CHECK(judged.at("Al.Va")["cost_per_site"].get<double>() <= cost + 0.05);
  CHECK(judged.at("Al.Co")["cost_per_site"] > judged.at("Ni.Co")["cost_per_site"]);
  const Json& enhanced = space_of(report, "enhanced");
  CHECK(enhanced["books"] == "closed");
  std::size_t compositions = 0;
  for (const Json& composition : enhanced["supercells"][0]["compositions"]) {
    ++compositions;
    for (const auto& [type, sites] : composition["counts"].items()) CHECK((refused.count(type) == 0 || sites == 0));
  }
  CHECK(compositions == 5 * 2 * 2);  // Co 0..4 and an antisite or none on either sublattice
  const Json status = Json::parse(run_hullscan({"status", "c", "--json"}, folder.path()).output);
  CHECK(status["state"] == "done");
}

TEST_CASE("what the first stage decided stays, whatever becomes of the references and of the rounds",
          "[campaign][kim][.long]") {
  if (!have_kim_models(kModel)) return;
  const Folder folder;
  const std::string text = replaced(read_file(folder.path() / "campaign.toml"), "initial = 15", "initial = 8");
  write_file(folder.path() / "short.toml", text);
  const auto first = run_hullscan({"run", "short.toml", "--dir", "c"}, folder.path());
  INFO(first.messages);
  REQUIRE(first.exit_code == 0);
  const std::string decided = read_file(folder.path() / "c" / "stage.json");
  const Json before = report_of(folder.path() / "c");
  // A phase that is lower than all others by 5 eV/atom would refuse every species, and two rounds would be four labels
  // more.
  write_file(folder.path() / "references.csv", "id,formula,energy\nlow,NiAl,-20\n");
  write_file(folder.path() / "short.toml",
             replaced(text, "rounds = 1", "rounds = 2") + "\n[report]\nreferences = \"references.csv\"\n");

  const auto second = run_hullscan({"run", "short.toml", "--dir", "c"}, folder.path());

  INFO(second.messages);
  REQUIRE(second.exit_code == 0);
  CHECK(read_file(folder.path() / "c" / "stage.json") == decided);
  const Json after = report_of(folder.path() / "c");
  CHECK(after["judgements"] == before["judgements"]);
  const auto simple = [](const Json& report) {
    return std::count_if(report["entries"].begin(), report["entries"].end(),
                         [](const Json& entry) { return entry["space"] == "simple"; });
  };
  CHECK(after["entries"].size() > before["entries"].size());  // the second stage had another round
  CHECK(simple(after) >= simple(before));
}

TEST_CASE("killed after every thirteenth transaction, a campaign of two stages ends with the same report",
          "[campaign][kim][.long]") {
  if (!have_kim_models(kModel)) return;
  const Folder folder;
  const auto undisturbed = run_hullscan({"run", "scored.toml", "--dir", "whole"}, folder.path());
  INFO(undisturbed.messages);
  REQUIRE(undisturbed.exit_code == 0);
  int kills = 0;
  bool decided_before = false;
  std::string decision;

  for (; kills < 100; ++kills) {
    const auto ended = Program({HULLSCAN_PROGRAM, "run", "scored.toml", "--dir", "killed"}, folder.path(),
                               {{"HULLSCAN_CRASH_AT", "transaction.committed:13"}})
                           .wait();
    const fs::path file = folder.path() / "killed" / "stage.json";
    if (fs::exists(file)) {
      if (!decided_before) decision = read_file(file);
      CHECK(read_file(file) == decision);
      decided_before = true;
    }
    if (ended.exit_code == 0) break;
    REQUIRE(ended.exit_code == 128 + SIGKILL);
  }

  CHECK(kills >= 4);
  CHECK(undated_report(folder.path() / "killed") == undated_report(folder.path() / "whole"));
  CHECK(read_file(folder.path() / "killed" / "stage.json") == read_file(folder.path() / "whole" / "stage.json"));
}

TEST_CASE("killed between the decision and its file, the decision is the stored one", "[campaign][kim]") {
  if (!have_kim_models(kModel)) return;
  const Folder folder;
  Program run({HULLSCAN_PROGRAM, "run", "scored.toml", "--dir", "c"}, folder.path());
  run.wait_until_said("second stage, enhanced");
  run.kill(SIGKILL);
  (void)run.wait();
  fs::remove(folder.path() / "c" / "stage.json");

  const auto again = run_hullscan({"run", "scored.toml", "--dir", "c"}, folder.path());

  INFO(again.messages);
  REQUIRE(again.exit_code == 0);
  CHECK_THAT(again.messages, !Contains("second stage, enhanced"));  // it was decided, and is not decided again
  CHECK(judgements(report_of(folder.path() / "c")).size() == 6);
  CHECK(fs::exists(folder.path() / "c" / "stage.json"));
}

TEST_CASE("a lost database knows what the first stage decided, from stage.json alone", "[campaign][kim]") {
  if (!have_kim_models(kModel)) return;
  const Folder folder;
  REQUIRE(run_hullscan({"run", "scored.toml", "--dir", "c"}, folder.path()).exit_code == 0);
  const auto report = undated_report(folder.path() / "c");
  const std::string decision = read_file(folder.path() / "c" / "stage.json");
  for (const auto& entry : fs::directory_iterator(folder.path() / "c")) {
    if (entry.path().filename().string().starts_with("campaign")) fs::remove(entry.path());
  }

  const auto rebuilt = run_hullscan({"rebuild-ledger", "c"}, folder.path());
  INFO(rebuilt.messages);
  REQUIRE(rebuilt.exit_code == 0);
  const auto again = run_hullscan({"run", "scored.toml", "--dir", "c"}, folder.path());

  INFO(again.messages);
  REQUIRE(again.exit_code == 0);
  CHECK_THAT(again.messages, !Contains("second stage, enhanced"));  // it is not judged again
  CHECK(read_file(folder.path() / "c" / "stage.json") == decision);
  CHECK(undated_report(folder.path() / "c") == report);
}

TEST_CASE("keep = 1 leaves one species on each sublattice, the cheapest", "[campaign][kim]") {
  if (!have_kim_models(kModel)) return;
  const Folder folder;
  write_file(folder.path() / "one.toml",
             replaced(read_file(folder.path() / "scored.toml"), "within_mev = 250", "keep = 1"));

  const auto run = run_hullscan({"run", "one.toml", "--dir", "c"}, folder.path());

  INFO(run.messages);
  REQUIRE(run.exit_code == 0);
  std::map<std::string, std::vector<double>> kept, refused;
  for (const auto& [type, one] : judgements(report_of(folder.path() / "c")))
    (one["kept"] == true ? kept : refused)[type.substr(0, 2)].push_back(one["cost_per_site"].get<double>());
  for (const std::string sublattice : {"Ni", "Al"}) {
    REQUIRE(kept[sublattice].size() == 1);
    for (const double cost : refused[sublattice]) CHECK(cost >= kept[sublattice][0] - 1e-7);
  }
}

TEST_CASE("an impossible stage is reported in the campaign file's own words", "[campaign]") {
  const Folder folder;
  const std::string good = read_file(folder.path() / "campaign.toml");
  const auto messages = [&](const std::string& from, const std::string& to) {
    write_file(folder.path() / "bad.toml", replaced(good, from, to));
    const auto check = run_hullscan({"check", "bad.toml"}, folder.path());
    CHECK(check.exit_code == 2);
    return check.messages;
  };

  CHECK_THAT(messages("by = \"simple\"", "by = \"simpel\""),
             Contains("bad.toml:26:12: space.restrict.by: there is no space \"simpel\" (did you mean \"simple\"?)"));
  CHECK_THAT(messages("by = \"simple\"", "by = \"enhanced\""), Contains("is restricted itself; there are two stages"));
  CHECK_THAT(messages(", within_mev = 250", ""), Contains("expected keep = N"));
  CHECK_THAT(messages("Co = \"0..4\", Al", "Pd = \"0..4\", Al"),
             Contains("\"simple\" has no Ni.Pd and cannot judge it"));
  CHECK_THAT(messages("Ni = \"rest\", Co = \"0..4\", Al = \"0..1\"", "Ni = \"rest\", Al = \"0..1\", Co = \"0..4\""),
             Contains("the same species in the same order"));
  const auto part = run_hullscan({"run", "campaign.toml", "--part", "1/2", "--dir", "p"}, folder.path());
  CHECK(part.exit_code == 2);
  CHECK_THAT(part.messages, Contains("a campaign with space.restrict runs whole"));
  CHECK(!fs::exists(folder.path() / "p"));
}
