/// @file
/// Whole campaigns with real pw.x: the same line resumes, kills lose nothing, ranks do not matter.

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <cmath>
#include <iostream>
#include <set>
#include <thread>

#include "../program.hpp"
#include "core/json.hpp"

using namespace hullscan::test;
using Catch::Contains;
using hullscan::Json;

namespace {

bool have_pw() {
  if (std::system("command -v pw.x > /dev/null 2>&1") == 0 && fs::exists("/usr/share/espresso/pseudo/Mg.pz-n-vbc.UPF"))
    return true;
  std::cout << "SKIPPED: pw.x (Debian package quantum-espresso) is not installed\n";
  return false;
}

/// A folder with the campaign in it.
class Folder : public TemporaryFolder {
 public:
  Folder() {
    for (const char* name : {"campaign.toml", "fcc.cif"})
      fs::copy_file(fs::path(HULLSCAN_CAMPAIGN_TEST) / name, path() / name);
  }
};

const std::vector<std::string> kRun = {"run", "campaign.toml", "--dir", "c"};

std::map<std::string, std::string> report_of(const fs::path& folder) { return undated_report(folder / "c"); }

/// What one undisturbed process makes; computed once.
const std::map<std::string, std::string>& undisturbed_report() {
  static const std::map<std::string, std::string> report = [] {
    const Folder folder;
    const auto result = run_hullscan(kRun, folder.path());
    REQUIRE(result.exit_code == 0);
    return report_of(folder.path());
  }();
  return report;
}

/// Attempts of all tasks of the campaign, and how many of them were accepted.
std::pair<int, int> attempts_and_accepted(const fs::path& folder) {
  const Json tasks = Json::parse(run_hullscan({"tasks", "c", "--json"}, folder).output)["tasks"];
  int attempts = 0, accepted = 0;
  for (const Json& task : tasks) {
    attempts += static_cast<int>(task["attempts"].size());
    accepted += task["state"] == "converged" ? 1 : 0;
  }
  return {attempts, accepted};
}

}  // namespace

TEST_CASE("a campaign ends with a report whose books close and whose vertices are on the hull", "[campaign]") {
  if (!have_pw()) return;
  const Folder folder;

  const auto result = run_hullscan(kRun, folder.path());

  INFO(result.messages);
  REQUIRE(result.exit_code == 0);
  const std::set<std::string> expected = {"entries.json", "hull.csv", "report.html", "report.json",
                                          "structures.extxyz"};
  std::set<std::string> files;
  for (const auto& [name, text] : report_of(folder.path())) files.insert(name);
  CHECK(files == expected);
  const Json status = Json::parse(run_hullscan({"status", "c", "--json"}, folder.path()).output);
  CHECK(status["state"] == "done");
  CHECK(status["tasks"]["converged"] == 8);
  CHECK(status["orbits"] == "10");
  const Json hull = Json::parse(run_hullscan({"hull", "c/report/entries.json", "--json"}, folder.path()).output);
  REQUIRE(hull["entries"].size() == 8);
  for (const Json& entry : hull["entries"]) {
    CHECK(entry["e_above_hull"].get<double>() >= 0);
    CHECK((entry["e_above_hull"].get<double>() <= 1e-8) == entry["on_hull"].get<bool>());
  }

  // The text report says the same as the files.
  const auto text = run_hullscan({"report", "c"}, folder.path());
  CHECK(text.exit_code == 0);
  CHECK_THAT(text.output, Contains("books closed") && Contains("8 calculated, 0 failed, 0 references") &&
                              Contains("8 entries, ") && Contains("E above hull"));
  CHECK_THAT(text.output, !Contains("BOOKS DO NOT CLOSE"));

  // Members that the OPTIMADE specification 1.1, section 6.2, asks of a structure, and energies with a prefix.
  const auto exported = run_hullscan({"export", "c", "--format", "optimade", "--out", "optimade.json"}, folder.path());
  INFO(exported.messages);
  REQUIRE(exported.exit_code == 0);
  const Json answer = Json::parse(read_file(folder.path() / "optimade.json"));
  CHECK(answer["meta"]["data_returned"] == 8);
  CHECK(answer["meta"]["api_version"] == "1.1.0");
  REQUIRE(answer["data"].size() == 8);
  for (const Json& one : answer["data"]) {
    INFO(one.dump());
    CHECK(one["type"] == "structures");
    const Json& attributes = one["attributes"];
    CHECK(attributes["nsites"] == attributes["cartesian_site_positions"].size());
    CHECK(attributes["nsites"] == attributes["species_at_sites"].size());
    CHECK(attributes["nelements"] == attributes["elements"].size());
    double ratios = 0;
    for (const Json& ratio : attributes["elements_ratios"]) ratios += ratio.get<double>();
    CHECK(ratios == Approx(1));
    const auto same = std::find_if(hull["entries"].begin(), hull["entries"].end(),
                                   [&](const Json& entry) { return entry["id"] == one["id"]; });
    REQUIRE(same != hull["entries"].end());
    CHECK(attributes["_hullscan_e_above_hull"].get<double>() ==
          Approx((*same)["e_above_hull"].get<double>()).margin(1e-9));
  }
}

TEST_CASE("the same line again finds everything done and changes no file of the campaign", "[campaign]") {
  if (!have_pw()) return;
  const Folder folder;
  const auto first = run_hullscan(kRun, folder.path());
  REQUIRE(first.exit_code == 0);
  const auto before = contents(folder.path() / "c");

  const auto second = run_hullscan(kRun, folder.path());

  CHECK(second.exit_code == 0);
  CHECK(second.output == first.output);
  const auto after = contents(folder.path() / "c");
  for (const auto& [name, text] : before) {
    INFO(name);
    REQUIRE(after.count(name) == 1);
    CHECK(after.at(name) == text);
  }
  CHECK(after.size() == before.size());
}

TEST_CASE("three MPI ranks and one process make the same report byte for byte", "[campaign]") {
  if (!have_pw()) return;
  const Folder folder;

  const auto result = run_hullscan_on(3, {"run", "campaign.toml", "--dir", "c"}, folder.path());

  INFO(result.messages);
  REQUIRE(result.exit_code == 0);
  CHECK(report_of(folder.path()) == undisturbed_report());
}

TEST_CASE("killed at any moment and run again, a campaign repeats at most what was under way", "[campaign]") {
  if (!have_pw()) return;
  const Folder folder;
  int kills = 0;
  for (; kills < 12; ++kills) {
    Program run({HULLSCAN_PROGRAM, "run", "campaign.toml", "--dir", "c"}, folder.path());
    if (kills % 2 == 1) run.wait_until_said(" converged: ");  // every second run gets one calculation further
    std::this_thread::sleep_for(std::chrono::milliseconds(13 * kills));
    if (!run.running()) break;
    run.kill(SIGKILL);
    (void)run.wait();
  }

  const auto result = run_hullscan(kRun, folder.path());

  INFO(result.messages);
  REQUIRE(result.exit_code == 0);
  CHECK(kills >= 4);
  CHECK(report_of(folder.path()).at("report.json").size() > 100);
  const auto [attempts, accepted] = attempts_and_accepted(folder.path());
  CHECK(accepted == 8);
  CHECK(attempts <= 8 + 2 * kills);
  const Json mine = Json::parse(report_of(folder.path()).at("entries.json"));
  const Json undisturbed = Json::parse(undisturbed_report().at("entries.json"));
  CHECK(mine == undisturbed);
}

TEST_CASE("killed at every named point of storing, a campaign ends with the same hull", "[campaign]") {
  if (!have_pw()) return;
  // These are the points in docs/formats/campaign-db.md that a campaign with tasks and shards passes; the n-th
  // passing.
  for (const char* point :
       {"shard.half-written:2", "shard.written:2", "shard.synced:3", "finish-units.middle:2", "add-tasks.middle:2",
        "task.event-appended:4", "task.accept.middle:3", "transaction.before-commit:20", "transaction.committed:31",
        "file.half-written:2", "file.renamed:3"}) {
    DYNAMIC_SECTION(point) {
      const Folder folder;
      Program killed({HULLSCAN_PROGRAM, "run", "campaign.toml", "--dir", "c"}, folder.path(),
                     {{"HULLSCAN_CRASH_AT", point}});
      CHECK(killed.wait().exit_code == 128 + SIGKILL);

      const auto result = run_hullscan(kRun, folder.path());

      INFO(result.messages);
      REQUIRE(result.exit_code == 0);
      CHECK(report_of(folder.path()).at("hull.csv") == undisturbed_report().at("hull.csv"));
    }
  }
}

TEST_CASE("Ctrl-C stops within seconds with exit code 130, SIGUSR1 with 75, and both resume", "[campaign]") {
  if (!have_pw()) return;
  for (const auto& [signal_number, exit_code] : std::map<int, int>{{SIGINT, 130}, {SIGUSR1, 75}}) {
    const Folder folder;
    Program run({HULLSCAN_PROGRAM, "run", "campaign.toml", "--dir", "c"}, folder.path());
    run.wait_until_said(" converged: ");
    run.kill(signal_number);
    const auto begun = std::chrono::steady_clock::now();

    const auto stopped = run.wait();

    CHECK(stopped.exit_code == exit_code);
    CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(15));
    CHECK_THAT(stopped.messages, Contains("the same line goes on"));
    CHECK(run_hullscan(kRun, folder.path()).exit_code == 0);
    CHECK(report_of(folder.path()).at("hull.csv") == undisturbed_report().at("hull.csv"));
  }
}

TEST_CASE("another cutoff begins a second set of calculations, and a dry run only says so", "[campaign]") {
  if (!have_pw()) return;
  const Folder folder;
  REQUIRE(run_hullscan(kRun, folder.path()).exit_code == 0);
  const auto before = contents(folder.path() / "c");
  std::string other = read_file(folder.path() / "campaign.toml");
  other.replace(other.find("ecutwfc = 12"), 12, "ecutwfc = 14");
  write_file(folder.path() / "campaign.toml", other);
  std::vector<std::string> dry = kRun;
  dry.emplace_back("--dry-run");

  const auto said = run_hullscan(dry, folder.path());

  CHECK(said.exit_code == 0);
  CHECK_THAT(said.output, Contains("dft.ecutwfc: 12 → 14") && Contains("as a set of their own"));
  CHECK(contents(folder.path() / "c").at("report/report.json") == before.at("report/report.json"));

  const auto result = run_hullscan(kRun, folder.path());

  INFO(result.messages);
  CHECK(result.exit_code == 0);
  const auto listed = run_hullscan({"tasks", "c", "--outside", "--json"}, folder.path());
  const Json json = Json::parse(listed.output);
  int first = 0, second = 0;
  for (const Json& task : json["tasks"]) ++(task["outside"].is_null() ? second : first);
  CHECK(first > 4);
  CHECK(second > 4);
}

TEST_CASE("a campaign directory that cannot be written ends with exit code 5 and its name", "[campaign]") {
  if (!have_pw()) return;
  const Folder folder;
  write_file(folder.path() / "file", "not a folder");

  const auto result = run_hullscan({"run", "campaign.toml", "--dir", "file/c"}, folder.path());

  CHECK(result.exit_code == 5);
  CHECK_THAT(result.messages, Contains("file/c"));
}

TEST_CASE("failed tasks are named, end the campaign with exit code 4, spare the others and can be asked for again",
          "[campaign]") {
  if (!have_pw()) return;
  const Folder folder;
  // A stand-in beside the real pw.x, for a fault that cannot be provoked: while "broken" exists, cells of three atoms
  // end with an error.
  const fs::path wrapper = folder.path() / "sometimes-pw.x", broken = folder.path() / "broken";
  write_file(broken, "");
  write_file(wrapper, "#!/bin/sh\n[ -e " + broken.string() +
                          " ] && grep -q 'nat = 3' pw.in && { echo 'no license'; exit 1; }\nexec pw.x \"$@\"\n");
  fs::permissions(wrapper, fs::perms::owner_all);
  std::string campaign = read_file(folder.path() / "campaign.toml");
  campaign.insert(campaign.find("calculation = "), "command = \"" + wrapper.string() + "\"\n");
  write_file(folder.path() / "campaign.toml", campaign);

  const auto failing = run_hullscan(kRun, folder.path());

  INFO(failing.messages);
  CHECK(failing.exit_code == 4);
  const Json tasks = Json::parse(run_hullscan({"tasks", "c", "--json"}, folder.path()).output)["tasks"];
  std::vector<std::string> failed;
  for (const Json& task : tasks) {
    const bool three = task["formula"] == "Al2Mg" || task["formula"] == "AlMg2";
    CHECK((task["state"] == "failed") == three);
    if (three) failed.push_back(task["id"]);
  }
  REQUIRE_FALSE(failed.empty());
  CHECK_THAT(report_of(folder.path()).at("report.html"), Contains(failed.front()));

  fs::remove(broken);
  for (const std::string& id : failed) CHECK(run_hullscan({"tasks", "c", "--retry", id}, folder.path()).exit_code == 0);
  const auto mended = run_hullscan(kRun, folder.path());

  INFO(mended.messages);
  CHECK(mended.exit_code == 0);
  CHECK(attempts_and_accepted(folder.path()).second == static_cast<int>(tasks.size()));
}

TEST_CASE("a range of volumes has no free energies, and report.json and the log say why", "[campaign]") {
  if (!have_pw()) return;
  const Json report = Json::parse(undisturbed_report().at("report.json"));

  CHECK_THAT(report["spaces"][0]["free_energy_problem"].get<std::string>(), Contains("6 supercells have 1 to 3 cells"));
  for (const Json& supercell : report["spaces"][0]["supercells"]) {
    for (const Json& composition : supercell["compositions"]) CHECK(composition["free_energies"].is_null());
  }
  for (const Json& ensemble : report["ensembles"]) {
    CHECK(ensemble["mean_energy_per_atom"].is_null());
    CHECK(ensemble["states"].empty());
  }
}

TEST_CASE("free energies and histograms of the report are those of the exported orbits", "[campaign]") {
  if (!have_pw()) return;
  const Folder folder;
  std::string campaign = read_file(folder.path() / "campaign.toml");
  const std::string range = "volume = [1, 3]";
  campaign.replace(campaign.find(range), range.size(), "supercell = [2, 2, 1]");
  write_file(folder.path() / "campaign.toml", campaign);
  const auto run = run_hullscan(kRun, folder.path());
  INFO(run.messages);
  REQUIRE(run.exit_code == 0);

  struct Sums {
    std::map<int, double> partition;  // by temperature
    std::vector<double> energies;
  };
  std::map<std::string, Sums> expected;  // by formula; of the campaign's cells no two have the same
  std::map<std::string, int> cells;
  std::istringstream lines(run_hullscan({"export", "c", "--orbits", "--format", "csv"}, folder.path()).output);
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    std::vector<std::string> fields;
    std::istringstream words(line);
    for (std::string field; std::getline(words, field, ',');) fields.push_back(field);
    REQUIRE(fields.size() == 6);
    const std::string cell = fields[0].substr(0, fields[0].rfind('.'));
    const double atoms = static_cast<double>(fields[5].size()), energy = std::stod(fields[4]);
    Sums& sums = expected[cell];
    for (const int kelvin : {300, 1000}) {
      sums.partition[kelvin] += std::stod(fields[3]) * std::exp(-energy * atoms / (8.617333262e-5 * kelvin));
    }
    sums.energies.push_back(energy);
  }

  const Json report = Json::parse(report_of(folder.path()).at("report.json"));
  int compared = 0, supercell = 0;
  for (const Json& of_supercell : report["spaces"][0]["supercells"]) {
    for (std::size_t composition = 0; composition < of_supercell["compositions"].size(); ++composition) {
      const Json& found = of_supercell["compositions"][composition];
      if (found["enumerated"] == "0") {  // all its colourings repeat a smaller cell
        CHECK(found["free_energies"].is_null());
        continue;
      }
      const Sums& sums = expected.at("0." + std::to_string(supercell) + "." + std::to_string(composition));
      const double atoms = of_supercell["sites"].get<double>();
      REQUIRE(found["free_energies"].size() == 2);
      for (const Json& at : found["free_energies"]) {
        const int kelvin = at["temperature"].get<int>();
        const double by_formula = -8.617333262e-5 * kelvin * std::log(sums.partition.at(kelvin)) / atoms;
        CHECK(at["free_energy_per_atom"].get<double>() == Approx(by_formula).margin(2e-9));
        ++compared;
      }
      std::uint64_t orbits = 0;
      const double low = found["histogram"]["low"].get<double>(), width = found["histogram"]["bin"].get<double>();
      for (std::size_t bin = 0; bin < found["histogram"]["orbits"].size(); ++bin) {
        const auto count = found["histogram"]["orbits"][bin].get<std::uint64_t>();
        // The export rounds energies to 1e-6 eV: an edge may take one more or less there.
        const double from = low + width * static_cast<double>(bin);
        const auto within = [&](double slack) {
          return static_cast<std::uint64_t>(std::count_if(sums.energies.begin(), sums.energies.end(), [&](double e) {
            return e >= from - slack && e < from + width + slack;
          }));
        };
        CHECK(count <= within(2e-6));
        CHECK(count >= within(-2e-6));
        orbits += count;
      }
      CHECK(std::to_string(orbits) == found["enumerated"].get<std::string>());
    }
    ++supercell;
  }
  CHECK(compared >= 10);
}

TEST_CASE("a lost database is made again from backup and shards, and no calculation is repeated", "[campaign]") {
  if (!have_pw()) return;
  const Folder folder;
  REQUIRE(run_hullscan(kRun, folder.path()).exit_code == 0);
  const auto before = attempts_and_accepted(folder.path());
  for (const char* file : {"campaign.db", "campaign.db-wal", "campaign.db-shm"}) fs::remove(folder.path() / "c" / file);

  const auto rebuilt = run_hullscan({"rebuild-ledger", "c"}, folder.path());
  const auto again = run_hullscan(kRun, folder.path());

  INFO(rebuilt.output << rebuilt.messages << again.messages);
  CHECK(rebuilt.exit_code == 0);
  CHECK(again.exit_code == 0);
  CHECK(attempts_and_accepted(folder.path()) == before);
  CHECK(report_of(folder.path()) == undisturbed_report());
}
