/// @file
/// A whole campaign with VASP: the stand-in of tests/dft_adapters/stand_ins answers, with made-up POTCARs.

#include <catch2/catch.hpp>
#include <cmath>

#include "../dft_adapters/vasp_fixtures.hpp"
#include "../program.hpp"
#include "core/json.hpp"

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
  [[nodiscard]] Json tasks() const {
    return Json::parse(run_hullscan({"tasks", "c", "--json"}, path()).output)["tasks"];
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
  const Json report = Json::parse(read_file(campaign.path() / "c" / "report" / "report.json"));
  REQUIRE(report["entries"].size() == 4);
  for (const Json& entry : report["entries"]) {
    // The stand-in's relaxed energy bows by -0.4 x (1 - x) eV an atom about the line between its elements.
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
    REQUIRE(task["attempts"].size() == 2);
    CHECK(task["attempts"][1]["correction"] == "vasp-reciprocal-projection");
  }
}

TEST_CASE("VASP whose time is over is stopped by a STOPCAR that it understands, and told so", "[campaign][vasp]") {
  const VaspCampaign campaign;
  std::string text = read_file(campaign.path() / "campaign.toml");
  text.replace(text.find("volume = [1, 2]"), 15, "volume = [1, 1]");
  write_file(campaign.path() / "campaign.toml", text + "time_limit_s = 1\n");

  const auto result = campaign.run({{"STAND_IN_MODE", "hang"}});

  INFO(result.messages);
  CHECK(result.exit_code == 4);
  for (const Json& task : campaign.tasks()) {
    REQUIRE(task["attempts"].size() == 4);
    for (const Json& attempt : task["attempts"]) {
      const fs::path directory = campaign.path() / "c" / attempt["directory"].get<std::string>();
      CHECK_THAT(attempt["outcome"].get<std::string>(), Contains("time limit"));
      CHECK_THAT(read_file(directory / "OUTCAR"), Contains("hard stop encountered"));
      CHECK(read_file(directory / "exit_code") == "0\n");  // it ended by itself
    }
    CHECK(task["attempts"][1]["correction"] == "vasp-continue-after-time");
  }
}

TEST_CASE("read vasp judges a directory, an OUTCAR and a truncated vasprun.xml as a campaign does", "[campaign][vasp][read]") {
  const VaspCampaign campaign;
  REQUIRE(campaign.run().exit_code == 0);
  const Json task = campaign.tasks()[0];
  const fs::path attempt = campaign.path() / "c" / task["attempts"][0]["directory"].get<std::string>();

  const auto directory = run_hullscan({"read", "vasp", attempt.string(), "--json"}, campaign.path());
  const auto outcar = run_hullscan({"read", "vasp", (attempt / "OUTCAR").string(), "--json"}, campaign.path());

  REQUIRE(directory.exit_code == 0);
  CHECK(Json::parse(directory.output)["energy_ev"].get<double>() == Approx(task["energy_ev"].get<double>()).margin(1e-8));
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
