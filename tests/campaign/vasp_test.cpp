/// @file
/// A whole campaign with VASP: the stand-in of tests/dft_adapters/stand_ins answers, with made-up POTCARs.

#include <catch2/catch.hpp>
#include <cmath>

#include "../dft_adapters/vasp_fixtures.hpp"
#include "../program.hpp"
#include "core/json.hpp"
#include "storage/task_archive.hpp"

using namespace hullscan::test;
using Catch::Contains;
using hullscan::Json;

namespace {

/// fcc Al-Ni with up to two atoms a cell: Al, Ni and two arrangements of AlNi.
class VaspCampaign {
 public:
  VaspCampaign() {
    fs::copy_file(fs::path(HULLSCAN_CAMPAIGNS) / "al-ni" / "fcc.cif", path() / "fcc.cif");
    write_file(path() / "campaign.toml", R"(name = "vasp"
seed = 1

[[space]]
name = "fcc"
structure = "fcc.cif"
primitive = true
volume = [1, 2]

[[space.sublattice]]
sites = "M1"
species = { Al = "0%..100%", Ni = "rest" }

[select]
policy = "all"
initial = 10

[dft]
code = "vasp"
input_set = "mp-relax"
potcar_dir = "potcars"
command = ")" + std::string(HULLSCAN_STAND_INS) +
                                             R"(/vasp_std"

[run]
slots = 2
)");
  }
  [[nodiscard]] const fs::path& path() const { return potcars_.dir.path(); }
  [[nodiscard]] ProgramResult run(const std::map<std::string, std::string>& environment = {}) const {
    return run_hullscan({"run", "campaign.toml", "--dir", "c"}, path(), environment);
  }
  /// Puts keys into [dft].
  void set(const std::string& keys) const {
    std::string text = read_file(path() / "campaign.toml");
    text.insert(text.find("[run]"), keys + "\n");
    write_file(path() / "campaign.toml", text);
  }
  [[nodiscard]] Json report() const { return Json::parse(read_file(path() / "c" / "report" / "report.json")); }
  [[nodiscard]] Json tasks() const {
    return Json::parse(run_hullscan({"tasks", "c", "--json"}, path()).output)["tasks"];
  }
  /// All files of a finished task's attempts are back in their folders.
  void unpack(const Json& task) const {
    hullscan::unpack_task(path() / "c" / "tasks" / task["key"].get<std::string>());
  }

 private:
  PotcarFolder potcars_;
};

}  // namespace

TEST_CASE("a campaign with VASP relaxes, accepts and reports, and keeps POTCARs to itself", "[campaign][vasp]") {
  const VaspCampaign campaign;

  const auto result = campaign.run();

  INFO(result.messages);
  REQUIRE(result.exit_code == 0);
  const Json report = campaign.report();
  REQUIRE(report["entries"].size() == 4);
  for (const Json& entry : report["entries"]) {
    // The stand-in's relaxed energy bows by -0.4 x (1 - x) eV per atom about the line between its elements.
    const double expected = entry["reduced_formula"] == "AlNi" ? -0.1 : 0.0;
    CHECK(entry["formation_energy_per_atom"].get<double>() == Approx(expected).margin(1e-6));
  }

  const std::string id = campaign.tasks()[0]["id"];
  const Json shown = Json::parse(run_hullscan({"tasks", "c", "--show", id, "--json"}, campaign.path()).output);
  CHECK_THAT(shown.dump(), Contains("01Jan2000"));  // the TITEL of the potential
  CHECK(shown["attempts"][0]["inputs"].contains("INCAR"));
  CHECK_FALSE(shown["attempts"][0]["machine"].get<std::string>().empty());
  for (const char* database : {"campaign.db", "campaign.db-wal", "campaign.backup.db"}) {
    if (!fs::exists(campaign.path() / "c" / database)) continue;
    CHECK_THAT(read_file(campaign.path() / "c" / database), !Contains("End of Dataset"));  // the text of a POTCAR
  }
}

TEST_CASE("an error that VASP prints is mended by its remedy for every structure, on record", "[campaign][vasp]") {
  const VaspCampaign campaign;

  const auto result =
      campaign.run({{"STAND_IN_FAULT", "WARNING: Sub-Space-Matrix is not hermitian in DAV unless LREAL=.FALSE."}});

  INFO(result.messages);
  REQUIRE(result.exit_code == 0);
  for (const Json& task : campaign.tasks()) {
    CHECK(task["state"] == "converged");
    // Each step needs it: the closing single point starts from what was asked.
    REQUIRE(task["attempts"].size() == 4);
    CHECK(task["attempts"][1]["correction"] == "vasp-reciprocal-projection");
    CHECK(task["attempts"][2]["correction"] == "");
    CHECK(task["attempts"][2]["step"] == "closing single point");
    CHECK(task["attempts"][3]["correction"] == "vasp-reciprocal-projection");
  }
}

TEST_CASE("VASP whose time is over is stopped by a STOPCAR that it understands, and reported so", "[campaign][vasp]") {
  const VaspCampaign campaign;
  std::string text = read_file(campaign.path() / "campaign.toml");
  text.replace(text.find("volume = [1, 2]"), 15, "volume = [1, 1]");
  write_file(campaign.path() / "campaign.toml", text + "time_limit_s = 3\n");

  const auto result = campaign.run({{"STAND_IN_MODE", "hang"}});

  INFO(result.messages);
  CHECK(result.exit_code == 4);
  for (const Json& task : campaign.tasks()) {
    REQUIRE(task["attempts"].size() == 4);
    campaign.unpack(task);
    for (const Json& attempt : task["attempts"]) {
      const fs::path directory = campaign.path() / "c" / attempt["directory"].get<std::string>();
      CHECK_THAT(attempt["outcome"].get<std::string>(), Contains("time limit"));
      CHECK_THAT(read_file(directory / "OUTCAR"), Contains("hard stop encountered"));
      CHECK(read_file(directory / "exit_code") == "0\n");  // it ended by itself
    }
    CHECK(task["attempts"][1]["correction"] == "vasp-continue-after-time");
  }
}

TEST_CASE("read vasp judges a directory, an OUTCAR and a truncated vasprun.xml as a campaign does",
          "[campaign][vasp][read]") {
  const VaspCampaign campaign;
  REQUIRE(campaign.run().exit_code == 0);
  const Json task = campaign.tasks()[0];
  campaign.unpack(task);
  const fs::path attempt = campaign.path() / "c" / task["attempts"][0]["directory"].get<std::string>();

  const auto directory = run_hullscan({"read", "vasp", attempt.string(), "--json"}, campaign.path());
  const auto outcar = run_hullscan({"read", "vasp", (attempt / "OUTCAR").string(), "--json"}, campaign.path());

  REQUIRE(directory.exit_code == 0);
  CHECK(Json::parse(directory.output)["energy_ev"].get<double>() ==
        Approx(task["energy_ev"].get<double>()).margin(1e-8));
  CHECK(outcar.output == directory.output);
  const std::string xml = read_file(attempt / "vasprun.xml");
  write_file(campaign.path() / "cut" / "vasprun.xml", xml.substr(0, xml.size() / 2));
  const auto cut = run_hullscan({"read", "vasp", "cut/vasprun.xml"}, campaign.path());
  CHECK(cut.exit_code == 4);
  CHECK_THAT(cut.output + cut.messages, Contains("vasprun.xml"));
}

TEST_CASE("a POTCAR that is missing stops a campaign before anything is written", "[campaign][vasp]") {
  const VaspCampaign campaign;
  fs::remove_all(campaign.path() / "potcars" / "potpaw_PBE" / "Ni_pv");

  const auto result = campaign.run();

  CHECK(result.exit_code == 2);
  CHECK_THAT(result.messages, Contains("campaign.toml:") && Contains("Ni_pv"));
  CHECK_FALSE(fs::exists(campaign.path() / "c"));
}

namespace {

/// With this a relaxation of the stand-in is wrong by 0.2 eV per atom times its relative change of volume.
const std::map<std::string, std::string> kPulay = {{"STAND_IN_PULAY", "0.2"}};

std::map<std::string, std::string> with(std::map<std::string, std::string> environment,
                                        const std::map<std::string, std::string>& more) {
  environment.insert(more.begin(), more.end());
  return environment;
}

/// What a campaign came to, without times and processes.
Json outcome(const VaspCampaign& campaign) {
  Json all = Json::array();
  for (const Json report = campaign.report(); const Json& entry : report["entries"]) {
    all.push_back(
        {entry["id"], entry["energy"], entry["pulay_correction_per_atom"], entry["keys"], entry["structure"]});
  }
  return all;
}

}  // namespace

TEST_CASE("a relaxed cell's energy is of a closing single point, and the Pulay correction is reported",
          "[campaign][vasp][steps]") {
  const VaspCampaign campaign;

  const auto result = campaign.run(kPulay);

  INFO(result.messages);
  REQUIRE(result.exit_code == 0);
  for (const Json& task : campaign.tasks()) {
    REQUIRE(task["attempts"].size() == 2);
    CHECK(task["attempts"][0]["step"] == "");
    CHECK_THAT(task["attempts"][0]["outcome"].get<std::string>(), Contains("next: closing single point"));
    CHECK(task["attempts"][1]["step"] == "closing single point");
    CHECK(task["attempts"][0]["directory"] != task["attempts"][1]["directory"]);
    CHECK(task["pulay_correction_mev_per_atom"].get<double>() < -1e-3);
    const fs::path attempts = campaign.path() / "c" / "tasks" / task["key"].get<std::string>();
    CHECK(fs::exists(attempts / "2" / "OUTCAR"));
    CHECK(std::distance(fs::recursive_directory_iterator(attempts), {}) <= 5);
    const auto incar =
        run_hullscan({"tasks", "c", "--log", task["id"].get<std::string>(), "--file", "INCAR"}, campaign.path());
    CHECK_THAT(incar.output, Contains("NSW = 0") && Contains("ISMEAR = -5"));
    const Json shown = Json::parse(
        run_hullscan({"tasks", "c", "--show", task["id"].get<std::string>(), "--json"}, campaign.path()).output);
    REQUIRE(shown["result"]["steps_before"].size() == 1);
    CHECK(shown["result"]["steps_before"][0]["attempt"] == 1);
    CHECK(shown["result"]["attempt"] == 2);
    CHECK(shown["result"]["calculation"] == "vc-relax");
    const double difference =
        shown["result"]["energy_ev"].get<double>() - shown["result"]["steps_before"][0]["energy_ev"].get<double>();
    CHECK(difference < 0);
  }
  for (const Json report = campaign.report(); const Json& entry : report["entries"]) {
    const double expected = entry["reduced_formula"] == "AlNi" ? -0.1 : 0.0;  // without a trace of the first basis
    CHECK(entry["formation_energy_per_atom"].get<double>() == Approx(expected).margin(1e-6));
    CHECK(entry["pulay_correction_per_atom"].get<double>() < 0);
    CHECK(entry["keys"]["closing"] == "single-point");
    CHECK_FALSE(entry.contains("remarks"));
  }
  const auto verified = run_hullscan({"verify", "c"}, campaign.path());  // against the files of both steps
  INFO(verified.output + verified.messages);
  CHECK(verified.exit_code == 0);
  CHECK_THAT(result.messages, Contains("Pulay correction -") && Contains("next: closing single point"));
  CHECK_THAT(run_hullscan({"tasks", "c"}, campaign.path()).output, Contains("Pulay meV/atom"));
  CHECK_THAT(read_file(campaign.path() / "c" / "report" / "report.html"), Contains("What touched these energies"));
  CHECK_THAT(read_file(campaign.path() / "c" / "report" / "hull.csv"), Contains(",pulay_correction_per_atom,remarks"));
}

TEST_CASE("without a closing single point the energy is the relaxation's, and the report says of which basis",
          "[campaign][vasp][steps]") {
  const VaspCampaign campaign;
  campaign.set("closing = \"none\"");

  REQUIRE(campaign.run(kPulay).exit_code == 0);

  for (const Json& task : campaign.tasks()) {
    CHECK(task["attempts"].size() == 1);
    CHECK(task["pulay_correction_mev_per_atom"].is_null());
  }
  for (const Json report = campaign.report(); const Json& entry : report["entries"]) {
    CHECK_FALSE(entry["keys"].contains("closing"));
    REQUIRE(entry["remarks"].size() == 1);
    CHECK_THAT(entry["remarks"][0].get<std::string>(), Contains("basis and k-points of the first cell, volume "));
  }
}

TEST_CASE("a second relaxation has the basis of the cell it begins in", "[campaign][vasp][steps]") {
  const VaspCampaign campaign;
  campaign.set("relaxations = 2");

  REQUIRE(campaign.run(kPulay).exit_code == 0);

  for (const Json& task : campaign.tasks()) {
    REQUIRE(task["attempts"].size() == 2);
    CHECK(task["attempts"][1]["step"] == "relaxation 2");
    CHECK(task["pulay_correction_mev_per_atom"].get<double>() < -1e-3);
  }
  for (const Json report = campaign.report(); const Json& entry : report["entries"]) {
    CHECK(entry["keys"]["relaxations"] == "2");
    const double expected = entry["reduced_formula"] == "AlNi" ? -0.1 : 0.0;
    CHECK(entry["formation_energy_per_atom"].get<double>() == Approx(expected).margin(1e-6));
  }
}

TEST_CASE("a kill between the steps repeats no relaxation and changes no number", "[campaign][vasp][steps]") {
  const VaspCampaign whole;
  REQUIRE(whole.run(kPulay).exit_code == 0);

  for (const char* moment : {"step.described", "step.described:3", "step.done", "step.done:2"}) {
    const VaspCampaign campaign;
    CAPTURE(moment);

    REQUIRE(campaign.run(with(kPulay, {{"HULLSCAN_CRASH_AT", moment}})).exit_code == 128 + SIGKILL);
    const auto result = campaign.run(kPulay);

    INFO(result.messages);
    REQUIRE(result.exit_code == 0);
    CHECK(outcome(campaign) == outcome(whole));
    for (const Json& task : campaign.tasks()) {
      int relaxations = 0;
      for (const Json& attempt : task["attempts"])
        relaxations += attempt["step"] == "" && !attempt["outcome"].get<std::string>().starts_with("lost") ? 1 : 0;
      CHECK(relaxations == 1);
    }
  }
}

TEST_CASE("a closing single point that fails is repeated by itself", "[campaign][vasp][steps]") {
  const VaspCampaign campaign;
  const auto killed = with(kPulay, {{"STAND_IN_MODE", "no-end"}, {"STAND_IN_ONLY", "single-point"}});

  const auto first = campaign.run(killed);

  INFO(first.messages);
  CHECK(first.exit_code == 4);  // the same again does not help
  for (const Json& task : campaign.tasks()) {
    CHECK(task["state"] == "failed");
    REQUIRE(task["attempts"].size() >= 3);
    CHECK(task["attempts"][1]["step"] == "closing single point");
    CHECK(task["attempts"][2]["step"] == "closing single point");
    CHECK_THAT(task["attempts"].back()["outcome"].get<std::string>(), Contains("closing single point: truncated"));
    (void)run_hullscan({"tasks", "c", "--retry", task["id"].get<std::string>()}, campaign.path());
  }

  const auto second = campaign.run(kPulay);

  INFO(second.messages);
  REQUIRE(second.exit_code == 0);
  for (const Json& task : campaign.tasks()) {
    CHECK(task["state"] == "converged");
    CHECK(task["attempts"].back()["step"] == "closing single point");
    CHECK(task["pulay_correction_mev_per_atom"].get<double>() < -1e-3);
  }
}

TEST_CASE("a remedy of the closing single point that changes the smearing stands in the report",
          "[campaign][vasp][steps]") {
  const VaspCampaign campaign;

  const auto result = campaign.run(
      {{"STAND_IN_FAULT", "Tetrahedron method fails for NKPT<4 unless ISMEAR=0"}, {"STAND_IN_ONLY", "single-point"}});

  INFO(result.messages);
  REQUIRE(result.exit_code == 0);
  for (const Json report = campaign.report(); const Json& entry : report["entries"]) {
    REQUIRE(entry.contains("remarks"));
    CHECK_THAT(entry["remarks"][0].get<std::string>(),
               Contains("closing single point: ") && Contains("ISMEAR = 0 instead of -5"));
  }
  CHECK_THAT(read_file(campaign.path() / "c" / "report" / "hull.csv"), Contains("ISMEAR = 0 instead of -5"));
}

TEST_CASE("finished steps of a lost database are taken up, each for the step it was made for",
          "[campaign][vasp][steps]") {
  const VaspCampaign campaign;
  std::string text = read_file(campaign.path() / "campaign.toml");  // rebuild-ledger reads it from another folder
  text.replace(text.find("\"potcars\""), 9, "\"" + (campaign.path() / "potcars").string() + "\"");
  write_file(campaign.path() / "campaign.toml", text);
  REQUIRE(campaign.run(kPulay).exit_code == 0);
  const Json before = outcome(campaign);
  const auto forget = [&] {
    std::vector<fs::path> doomed;
    for (const auto& entry : fs::directory_iterator(campaign.path() / "c")) {
      if (entry.path().filename().string().starts_with("campaign.")) doomed.push_back(entry.path());
    }
    for (const fs::path& file : doomed) fs::remove(file);
    REQUIRE(run_hullscan({"rebuild-ledger", "c"}, campaign.path()).exit_code == 0);
  };

  forget();
  const auto again = campaign.run({{"STAND_IN_MODE", "kill"}});  // whatever is computed anew fails

  INFO(again.messages);
  CHECK(again.exit_code == 0);
  CHECK(outcome(campaign) == before);

  // Another history: the first attempt was lost, so numbers have moved by one.
  for (const Json& task : campaign.tasks()) {
    const fs::path attempts = campaign.path() / "c" / "tasks" / task["key"].get<std::string>();
    campaign.unpack(task);
    fs::rename(attempts / "2", attempts / "3");
    fs::copy(attempts / "1", attempts / "2", fs::copy_options::recursive);
    write_file(attempts / "1" / "superseded", "lost\n");
  }
  forget();
  const auto moved = campaign.run(kPulay);

  INFO(moved.messages);
  CHECK(moved.exit_code == 0);
  CHECK(outcome(campaign) == before);
}

TEST_CASE("a campaign of before closing single points goes on without them", "[campaign][vasp][steps]") {
  const VaspCampaign campaign;
  std::string text = read_file(campaign.path() / "campaign.toml");
  const std::string set = "input_set = \"mp-relax\"";
  // Without a named set and with closing = "none" settings are what an older hullscan made of a file that says neither.
  text.replace(
      text.find(set), set.size(),
      "incar = { ENCUT = 520, EDIFF = 1e-5, IBRION = 2, ISIF = 3, ISMEAR = -5, NSW = 99 }\nclosing = \"none\"");
  write_file(campaign.path() / "campaign.toml", text);
  REQUIRE(campaign.run(with(kPulay, {{"HULLSCAN_CRASH_AT", "task.accept.middle:2"}})).exit_code == 128 + SIGKILL);
  text.erase(text.find("closing = \"none\""), std::string("closing = \"none\"").size());
  write_file(campaign.path() / "campaign.toml", text);

  const auto result = campaign.run(kPulay);

  INFO(result.messages);
  REQUIRE(result.exit_code == 0);
  CHECK_THAT(result.messages,
             Contains("an older hullscan began this campaign") && Contains("without closing = single-point"));
  for (const Json& task : campaign.tasks()) {
    for (const Json& attempt : task["attempts"]) CHECK(attempt["step"] == "");
    CHECK(task["pulay_correction_mev_per_atom"].is_null());
  }
  campaign.set("closing = \"single-point\"");
  // Who asks for it in words begins a second set of calculations; the first stays.
  const auto asked = campaign.run(kPulay);
  INFO(asked.messages);
  CHECK(asked.exit_code == 0);
  for (const Json& task : campaign.tasks()) CHECK(task["revision"] != 1);
}
