/// @file
/// [[monte_carlo]] as a part of a campaign: `hullscan run` walks when the campaign is done, on any number of ranks and
/// after any kill.

#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <thread>

#include "../program.hpp"
#include "core/json.hpp"

using namespace hullscan::test;
using Catch::Contains;
using hullscan::Json;

namespace {

const std::string kCampaign = R"(name = "lno"
seed = 1
[[space]]
name = "layered"
structure = "LiNiO2-R-3m.cif"
supercell = [2, 2, 1]
[[space.sublattice]]
name = "Li"
sites = "Li"
species = { Li = "0..12", Va = "rest" }
[[surrogate]]
kind = "electrostatic"
permittivity = 60
oxidation = { Li = 1, Ni = 3, O = -2 }
)";

/// Nine chains of three temperatures.
const std::string kWalks = R"([[monte_carlo]]
name = "grand"
cell = [4, 4, 1]
temperatures = { from = 900, to = 300, step = 300 }
chemical_potentials = { Li = { from = -0.4, to = 0.4, step = 0.1 } }
sweeps = 400
precision_mev_per_atom = 0.001
)";

const std::string kAnnealing = R"([[monte_carlo]]
name = "cold"
cell = [2, 2, 1]
ensemble = "anneal"
compositions = [{ Li = 0.25 }, { Li = 0.5 }]
temperatures = { from = 1500, to = 100, step = 100 }
sweeps = 3000
)";

struct CampaignFolder : TemporaryFolder {
  explicit CampaignFolder(const std::string& walks) {
    fs::copy_file(fs::path(HULLSCAN_CAMPAIGNS) / "lno" / "LiNiO2-R-3m.cif", path() / "LiNiO2-R-3m.cif");
    write_file(path() / "lno.toml", kCampaign + walks);
  }
  /// All results in a folder of the campaign's.
  [[nodiscard]] std::map<std::string, std::string> results(const std::string& directory) const {
    std::map<std::string, std::string> files = contents(path() / directory / "monte_carlo");
    for (auto file = files.begin(); file != files.end();)
      file = file->first.find("campaign.lock") == 0 ? files.erase(file) : std::next(file);
    return files;
  }
};

}  // namespace

TEST_CASE("run walks when the campaign is done, and mc finds that finished", "[cli][monte-carlo]") {
  const CampaignFolder folder(kWalks + kAnnealing);

  const auto run = run_hullscan({"run", "lno.toml", "--dir", "c"}, folder.path());

  INFO(run.messages);
  REQUIRE(run.exit_code == 0);
  const auto walked = folder.results("c");
  CHECK(walked.count("grand/points.csv") == 1);
  CHECK(walked.count("cold/lowest-000001.vasp") == 1);
  const auto again = run_hullscan({"mc", "lno.toml", "--model", "c", "--json"}, folder.path());
  REQUIRE(again.exit_code == 0);
  CHECK(Json::parse(again.output)["monte_carlo"][0]["points"].size() == 27);
  CHECK(folder.results("c") == walked);
  REQUIRE(run_hullscan({"mc", "lno.toml", "--model", "c", "--dir", "d"}, folder.path()).exit_code == 0);
  CHECK(folder.results("d") == walked);

  const Json status = Json::parse(run_hullscan({"status", "c", "--json"}, folder.path()).output);
  CHECK(status["state"] == "done");
  REQUIRE(status["monte_carlo"].size() == 2);
  CHECK(status["monte_carlo"][0]["name"] == "grand");
  CHECK(status["monte_carlo"][0]["points_done"] == 27);
  CHECK(status["monte_carlo"][0]["points_total"] == 27);
  CHECK(status["monte_carlo"][1]["points_total"] == 30);
  CHECK_THAT(run_hullscan({"status", "c"}, folder.path()).output, Contains("walk    grand: 27 of 27 points"));
}

TEST_CASE("run goes on with walks that were killed, and ends as if they had not been", "[cli][monte-carlo]") {
  const CampaignFolder folder(kWalks + kAnnealing);
  REQUIRE(run_hullscan({"run", "lno.toml", "--dir", "whole"}, folder.path()).exit_code == 0);

  for (int kills = 0; kills < 4; ++kills) {
    Program program({HULLSCAN_PROGRAM, "run", "lno.toml", "--dir", "killed"}, folder.path());
    std::this_thread::sleep_for(std::chrono::milliseconds(150 + 150 * kills));
    program.kill(SIGKILL);
    (void)program.wait();
  }
  const auto last = run_hullscan({"run", "lno.toml", "--dir", "killed"}, folder.path());

  INFO(last.messages);
  REQUIRE(last.exit_code == 0);
  CHECK(folder.results("killed") == folder.results("whole"));
}

TEST_CASE("walks are the same bytes on any number of ranks", "[cli][monte-carlo][mpi]") {
  for (const std::string& walks : {kWalks + kAnnealing, kWalks + "tempering = true\n"}) {
    const CampaignFolder folder(walks);
    const auto alone = run_hullscan({"mc", "lno.toml", "--dir", "alone", "--json"}, folder.path());
    REQUIRE(alone.exit_code == 0);

    const auto three = run_hullscan_on(3, {"mc", "lno.toml", "--dir", "three", "--json"}, folder.path());
    const auto run = run_hullscan_on(3, {"run", "lno.toml", "--dir", "run", "--threads", "2"}, folder.path());

    INFO(three.messages << run.messages);
    REQUIRE(three.exit_code == 0);
    CHECK(three.output == alone.output);
    CHECK(folder.results("three") == folder.results("alone"));
    REQUIRE(run.exit_code == 0);
    CHECK(folder.results("run") == folder.results("alone"));
  }
}

TEST_CASE("what is wrong with [[monte_carlo]] ends run before anything is made", "[cli][monte-carlo]") {
  const CampaignFolder folder("[[monte_carlo]]\ntemperatures = 300\nchemical_potentials = { Ni = 0.1 }\n");

  const auto run = run_hullscan({"run", "lno.toml", "--dir", "c"}, folder.path());

  CHECK(run.exit_code == 2);
  CHECK_THAT(run.messages, Contains("lno.toml:17:25: monte_carlo.chemical_potentials.Ni: does not vary"));
  CHECK_FALSE(fs::exists(folder.path() / "c"));
}
