/// @file
/// Whole campaigns with interatomic potentials as the calculator: deploy/campaigns/al-ni-kim and cu-ag-au.

#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <set>

#include "../kim_models.hpp"
#include "../program.hpp"
#include "core/json.hpp"

using namespace hullscan::test;
using hullscan::Json;

namespace {

/// Formula and formation energy of every vertex of the hull, to 1 meV/atom.
std::set<std::pair<std::string, long>> vertices(const fs::path& directory) {
  std::set<std::pair<std::string, long>> found;
  const Json report = Json::parse(read_file(directory / "report" / "report.json"));
  for (const Json& entry : report["entries"]) {
    if (entry["vertex"] != true) continue;
    found.emplace(entry["reduced_formula"], std::lround(entry["formation_energy_per_atom"].get<double>() * 1000));
  }
  return found;
}

}  // namespace

TEST_CASE("with a potential of Al-Ni the hull has the B2 and L1_2 phases that it was fitted to", "[campaign][kim]") {
  if (!have_kim_models()) return;
  const TemporaryFolder folder;
  const std::string file = (fs::path(HULLSCAN_CAMPAIGNS) / "al-ni-kim" / "campaign.toml").string();

  const auto run = run_hullscan({"run", file, "--dir", "c"}, folder.path());

  INFO(run.messages);
  REQUIRE(run.exit_code == 0);
  // Cohesive energies of Al 3.36, Ni 4.45, B2 NiAl 4.51 and L1_2 Ni3Al 4.63 eV/atom: Pun & Mishin, Phil. Mag. 89, 3245
  // (2009), table 3; so -0.605 and -0.4525 eV/atom of formation.
  std::map<std::string, double> energy;
  for (const auto& [formula, mev] : vertices(folder.path() / "c")) energy[formula] = static_cast<double>(mev) / 1000;
  REQUIRE(energy.count("AlNi") == 1);
  REQUIRE(energy.count("AlNi3") == 1);
  CHECK(energy.at("AlNi") == Approx(-0.605).margin(0.006));
  CHECK(energy.at("AlNi3") == Approx(-0.4525).margin(0.006));
  // The library of potentials keeps a diary in the current folder unless it is told not to.
  for (const auto& entry : fs::recursive_directory_iterator(folder.path())) CHECK(entry.path().filename() != "kim.log");
}

TEST_CASE("without database and backup, finished calculations are taken up and not done again", "[campaign][kim]") {
  if (!have_kim_models()) return;
  const TemporaryFolder folder;
  const std::string file = (fs::path(HULLSCAN_CAMPAIGNS) / "al-ni-kim" / "campaign.toml").string();
  REQUIRE(run_hullscan({"run", file, "--dir", "c"}, folder.path()).exit_code == 0);
  const auto report = undated_report(folder.path() / "c");
  std::map<fs::path, fs::file_time_type> written;
  for (const auto& entry : fs::recursive_directory_iterator(folder.path() / "c" / "tasks"))
    if (entry.path().filename() == "result.json") written[entry.path()] = entry.last_write_time();
  for (const char* lost : {"campaign.db", "campaign.db-wal", "campaign.db-shm", "campaign.backup.db"})
    fs::remove(folder.path() / "c" / lost);

  REQUIRE(run_hullscan({"rebuild-ledger", "c"}, folder.path()).exit_code == 0);
  const auto again = run_hullscan({"run", file, "--dir", "c"}, folder.path());

  INFO(again.messages);
  REQUIRE(again.exit_code == 0);
  CHECK(undated_report(folder.path() / "c") == report);
  CHECK(written.size() > 10);
  for (const auto& [path, time] : written) CHECK(fs::last_write_time(path) == time);
}

TEST_CASE("a campaign ends when nothing can lie further below the hull than asked, and says what it may lack",
          "[campaign][kim]") {
  if (!have_kim_models()) return;
  const TemporaryFolder folder;
  fs::copy(fs::path(HULLSCAN_CAMPAIGNS) / "cu-ag-au", folder.path(), fs::copy_options::recursive);
  std::string text = read_file(folder.path() / "campaign.toml");
  text.replace(text.find("rounds = 5"), 10, "rounds = 40\nstop = { hull_error_mev_per_atom = 5 }");
  write_file(folder.path() / "campaign.toml", text);

  const auto run = run_hullscan({"run", "campaign.toml", "--dir", "c"}, folder.path());

  INFO(run.messages);
  REQUIRE(run.exit_code == 0);
  CHECK(run.messages.find("the stop rule is met") != std::string::npos);
  const Json report = Json::parse(read_file(folder.path() / "c" / "report" / "report.json"));
  CHECK(report["entries"].size() < 90);  // of 126 configurations
  const Json& outlook = report["hull_outlook"];
  CHECK(outlook["possible_error"].get<double>() <= 0.005);
  CHECK(outlook["calculated"] == report["entries"].size());
  CHECK(outlook["looked_at"].get<std::size_t>() + report["entries"].size() == 126);

  // The same line again does nothing more; a lost database changes neither the report nor what it says of itself.
  const auto first = undated_report(folder.path() / "c");
  REQUIRE(run_hullscan({"run", "campaign.toml", "--dir", "c"}, folder.path()).exit_code == 0);
  CHECK(undated_report(folder.path() / "c") == first);
  for (const char* lost : {"campaign.db", "campaign.db-wal", "campaign.db-shm", "campaign.backup.db"})
    fs::remove(folder.path() / "c" / lost);
  REQUIRE(run_hullscan({"rebuild-ledger", "c"}, folder.path()).exit_code == 0);
  REQUIRE(run_hullscan({"run", "campaign.toml", "--dir", "c"}, folder.path()).exit_code == 0);
  CHECK(undated_report(folder.path() / "c") == first);
}

TEST_CASE(
    "a cheap model screens and a potential looks at the best of it: the same for any number of threads, and again",
    "[campaign][kim]") {
  if (!have_kim_models()) return;
  const TemporaryFolder folder;
  fs::copy(fs::path(HULLSCAN_CAMPAIGNS) / "cu-ag-au", folder.path(), fs::copy_options::recursive);
  std::string text = read_file(folder.path() / "campaign.toml");
  const std::string potential = "EAM_Dynamo_ZhouJohnsonWadley_2004NISTretabulation_CuAgAu__MO_318213562153_000";
  text.replace(text.find("[select]"), 8,
               "[[surrogate]]\nkind = \"cluster-expansion\"\npairs = 6.0\nprior = \"kim:" + potential +
                   "\"\nkeep = 20\n\n[select]");
  text.replace(text.find("rounds = 5"), 10, "rounds = 2");
  write_file(folder.path() / "campaign.toml", text);

  const auto run = run_hullscan({"run", "campaign.toml", "--dir", "c", "--threads", "1"}, folder.path());

  INFO(run.messages);
  REQUIRE(run.exit_code == 0);
  CHECK(run.messages.find("cluster-expansion with a prior has scored the best ") != std::string::npos);
  const Json report = Json::parse(read_file(folder.path() / "c" / "report" / "report.json"));
  CHECK(report["entries"].size() == 35);
  // The potential is the calculator too: what it chose is what was calculated, and its predictions are nearly exact.
  std::size_t predicted = 0;
  for (const Json& entry : report["entries"]) {
    if (entry["round"].get<int>() < 2) continue;
    ++predicted;
    CHECK(entry["predicted_formation_energy_per_atom"].get<double>() ==
          Approx(entry["formation_energy_per_atom"].get<double>()).margin(0.002));
  }
  CHECK(predicted == 20);

  const auto first = undated_report(folder.path() / "c");
  REQUIRE(run_hullscan({"run", "campaign.toml", "--dir", "d", "--threads", "2"}, folder.path()).exit_code == 0);
  CHECK(undated_report(folder.path() / "d") == first);
  for (const char* lost : {"campaign.db", "campaign.db-wal", "campaign.db-shm", "campaign.backup.db"})
    fs::remove(folder.path() / "c" / lost);
  REQUIRE(run_hullscan({"rebuild-ledger", "c"}, folder.path()).exit_code == 0);
  REQUIRE(run_hullscan({"run", "campaign.toml", "--dir", "c"}, folder.path()).exit_code == 0);
  CHECK(undated_report(folder.path() / "c") == first);
}

TEST_CASE("a third model, or a second one that nothing can be fitted to, is refused at its line", "[campaign]") {
  const TemporaryFolder folder;
  fs::copy(fs::path(HULLSCAN_CAMPAIGNS) / "cu-ag-au", folder.path(), fs::copy_options::recursive);
  std::string text = read_file(folder.path() / "campaign.toml");
  text.replace(text.find("[select]"), std::string::npos,
               "[[surrogate]]\nkind = \"gaussian-process\"\nkeep = 0\n[[surrogate]]\nkind = \"cluster-expansion\"\n");
  write_file(folder.path() / "campaign.toml", text);

  const auto check = run_hullscan({"check", "campaign.toml"}, folder.path());

  CHECK(check.exit_code == 2);
  INFO(check.messages);
  CHECK(check.messages.find("at most two models work together") != std::string::npos);
  CHECK(check.messages.find("is fitted to calculations, and there is no [dft]") != std::string::npos);
  CHECK(check.messages.find("surrogate.keep") != std::string::npos);
}

TEST_CASE("active learning of Cu-Ag-Au finds the hull of all its cells with half of the calculations",
          "[campaign][kim]") {
  if (!have_kim_models()) return;
  const TemporaryFolder folder;
  fs::copy(fs::path(HULLSCAN_CAMPAIGNS) / "cu-ag-au", folder.path(), fs::copy_options::recursive);
  std::string all = read_file(folder.path() / "campaign.toml");
  for (const auto& [from, to] :
       {std::pair{"policy = \"mixed\"", "policy = \"all\""}, {"initial = 15", "initial = 1000"}}) {
    REQUIRE(all.find(from) != std::string::npos);
    all.replace(all.find(from), std::string(from).size(), to);
  }
  write_file(folder.path() / "all.toml", all);

  const auto learnt = run_hullscan({"run", "campaign.toml", "--dir", "learnt"}, folder.path());
  const auto complete = run_hullscan({"run", "all.toml", "--dir", "complete"}, folder.path());

  INFO(learnt.messages << complete.messages);
  REQUIRE(learnt.exit_code == 0);
  REQUIRE(complete.exit_code == 0);
  const auto calculations = [&](const std::string& directory) {
    return Json::parse(run_hullscan({"tasks", directory, "--json"}, folder.path()).output)["tasks"].size();
  };
  CHECK(calculations("complete") == 126);
  CHECK(calculations("learnt") == 65);
  CHECK(vertices(folder.path() / "learnt") == vertices(folder.path() / "complete"));
  CHECK(vertices(folder.path() / "learnt").size() == 10);
}
