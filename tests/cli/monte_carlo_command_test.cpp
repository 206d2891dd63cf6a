/// @file
/// `hullscan mc` as a user calls it: results, threads, kills, and what it says to bad input.

#include <catch2/catch.hpp>
#include <chrono>
#include <cmath>
#include <csignal>
#include <thread>

#include "../program.hpp"
#include "core/json.hpp"

using namespace hullscan::test;
using Catch::Contains;
using hullscan::Json;

namespace {

const std::string kSpace = R"(name = "lno"
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

struct Folder : TemporaryFolder {
  explicit Folder(const std::string& monte_carlo) {
    fs::copy_file(fs::path(HULLSCAN_CAMPAIGNS) / "lno" / "LiNiO2-R-3m.cif", path() / "LiNiO2-R-3m.cif");
    write_file(path() / "lno.toml", kSpace + monte_carlo);
  }
};

const std::string kSemiGrand = R"([[monte_carlo]]
cell = [2, 2, 1]
temperatures = { from = 900, to = 300, step = 300 }
chemical_potentials = { Li = { from = -0.4, to = 0.4, step = 0.4 } }
sweeps = 600
precision_mev_per_atom = 0.001
)";

}  // namespace

TEST_CASE("mc gives the same bytes on any number of threads", "[cli][monte-carlo]") {
  for (const std::string& more : {std::string(), std::string("tempering = true\n")}) {
    const Folder folder(kSemiGrand + more);

    const auto one = run_hullscan({"mc", "lno.toml", "--dir", "a", "--threads", "1", "--json"}, folder.path());
    const auto two = run_hullscan({"mc", "lno.toml", "--dir", "b", "--threads", "2", "--json"}, folder.path());

    INFO(one.messages);
    REQUIRE(one.exit_code == 0);
    CHECK(one.output == two.output);
    CHECK(read_file(folder.path() / "a/monte_carlo/layered/points.csv") ==
          read_file(folder.path() / "b/monte_carlo/layered/points.csv"));
    const Json points = Json::parse(one.output)["monte_carlo"][0]["points"];
    REQUIRE(points.size() == 9);
    for (const char* table : {"phase_diagram.csv", "phase_diagram.json", "grand_potentials.csv"}) {
      const std::string written = read_file(folder.path() / "a/monte_carlo/layered" / table);
      CHECK_FALSE(written.empty());
      CHECK(written == read_file(folder.path() / "b/monte_carlo/layered" / table));
    }
    if (fs::exists(folder.path() / "a/monte_carlo/layered/energy.svg")) {  // a build with cairo
      for (const char* figure : {"energy.svg", "heat_capacity.svg", "short_range_order.svg"}) {
        const std::string drawn = read_file(folder.path() / "a/monte_carlo/layered" / figure);
        CHECK(drawn.find("<svg") != std::string::npos);
        CHECK(drawn == read_file(folder.path() / "b/monte_carlo/layered" / figure));
      }
    }
    // More lithium where it is worth more.
    CHECK(points[0]["fractions"]["Li.Li"]["mean"] < points[8]["fractions"]["Li.Li"]["mean"]);
  }
}

TEST_CASE("mc goes on where it was killed, and ends as if it had not been", "[cli][monte-carlo]") {
  const Folder folder(R"([[monte_carlo]]
cell = [4, 4, 1]
ensemble = "canonical"
compositions = [{ Li = 0.5 }]
temperatures = { from = 1000, to = 100, step = 20 }
sweeps = 400
precision_mev_per_atom = 0.00001
)");
  REQUIRE(run_hullscan({"mc", "lno.toml", "--dir", "whole"}, folder.path()).exit_code == 0);

  for (int kills = 0; kills < 3; ++kills) {
    Program program({HULLSCAN_PROGRAM, "mc", "lno.toml", "--dir", "killed"}, folder.path());
    std::this_thread::sleep_for(std::chrono::milliseconds(60));
    program.kill(SIGKILL);
    (void)program.wait();
  }
  REQUIRE(run_hullscan({"mc", "lno.toml", "--dir", "killed"}, folder.path()).exit_code == 0);

  CHECK(read_file(folder.path() / "whole/monte_carlo/layered/points.json") ==
        read_file(folder.path() / "killed/monte_carlo/layered/points.json"));
}

TEST_CASE("mc anneals to the configuration that best proves", "[cli][monte-carlo]") {
  const Folder folder(R"([[monte_carlo]]
cell = [2, 2, 1]
ensemble = "anneal"
compositions = { Li = 0.5 }
temperatures = { from = 2000, to = 50, step = 50 }
sweeps = 8000
)");

  const auto annealed = run_hullscan({"mc", "lno.toml", "--json"}, folder.path());
  const auto best = run_hullscan({"best", "lno.toml", "--count", "1", "--json"}, folder.path());

  REQUIRE(annealed.exit_code == 0);
  REQUIRE(best.exit_code == 0);
  double lowest = 0;
  const Json proven = Json::parse(best.output);
  for (const Json& one : proven["compositions"]) {
    if (one["composition"].get<std::string>().rfind("Li6", 0) == 0)
      lowest = one["configurations"][0]["energy_ev_per_atom"];
  }
  const Json result = Json::parse(annealed.output)["monte_carlo"][0];
  CHECK(std::abs(result["lowest"][0]["energy_ev_per_atom"].get<double>() - lowest) < 1e-6);
  CHECK(fs::exists(folder.path() / "lno.hullscan/monte_carlo/layered/lowest-000000.vasp"));
}

TEST_CASE("mc says what is wrong with [[monte_carlo]] at its line, all at once", "[cli][monte-carlo]") {
  const Folder form(
      "[[monte_carlo]]\ncell = [2, 0, 1]\ntemperatures = [300, 0]\nensemble = \"grand\"\nsweep = 3\ndft = true\n");
  const auto of_form = run_hullscan({"mc", "lno.toml"}, form.path());
  CHECK(of_form.exit_code == 2);
  CHECK_THAT(of_form.messages, Contains("lno.toml:16:8: monte_carlo.cell: expected three numbers >= 1"));
  CHECK_THAT(of_form.messages, Contains("lno.toml:17:16: monte_carlo.temperatures: 0 K, must be above 0"));
  CHECK_THAT(of_form.messages, Contains("lno.toml:18:12: monte_carlo.ensemble"));
  CHECK_THAT(of_form.messages, Contains("monte_carlo.sweep: unknown key (did you mean \"sweeps\"?)"));
  CHECK_THAT(of_form.messages, Contains("monte_carlo.dft: configurations found by Monte Carlo cannot become"));

  const Folder potential("[[monte_carlo]]\ntemperatures = 300\nchemical_potentials = { Ni = 0.1 }\n");
  const auto of_potential = run_hullscan({"mc", "lno.toml"}, potential.path());
  CHECK(of_potential.exit_code == 2);
  CHECK_THAT(of_potential.messages, Contains("lno.toml:17:25: monte_carlo.chemical_potentials.Ni: does not vary"));

  CHECK(run_hullscan({"check", "lno.toml"}, potential.path()).messages == of_potential.messages);

  const Folder many(
      "[[monte_carlo]]\ntemperatures = 300\nchemical_potentials = { Li = { from = 0, to = 1, step = 0.001 }, Va = { "
      "from = 0, to = 1, step = 0.001 } }\n");
  CHECK_THAT(run_hullscan({"mc", "lno.toml"}, many.path()).messages, Contains("1002001 combinations, at most 100000"));

  const Folder composition(
      "[[monte_carlo]]\ncell = [2, 2, 1]\nensemble = \"canonical\"\ntemperatures = 300\ncompositions = { Li = 0.3 }\n");
  const auto of_composition = run_hullscan({"mc", "lno.toml"}, composition.path());
  CHECK(of_composition.exit_code == 2);
  CHECK_THAT(of_composition.messages, Contains("nearest are 0.25 (3 sites) and 0.333333333 (4 sites)"));

  const Folder none("");
  CHECK_THAT(run_hullscan({"mc", "lno.toml"}, none.path()).messages, Contains("there is no [[monte_carlo]]"));
}

TEST_CASE("mc does not write over results of other keys", "[cli][monte-carlo]") {
  const Folder folder(kSemiGrand);
  REQUIRE(run_hullscan({"mc", "lno.toml"}, folder.path()).exit_code == 0);
  const std::string before = read_file(folder.path() / "lno.hullscan/monte_carlo/layered/points.json");
  write_file(folder.path() / "lno.toml", kSpace + kSemiGrand + "seed = 5\n");

  const auto other = run_hullscan({"mc", "lno.toml"}, folder.path());

  CHECK(other.exit_code == 2);
  CHECK_THAT(other.messages, Contains("was made with other keys of [[monte_carlo]]"));
  CHECK(read_file(folder.path() / "lno.hullscan/monte_carlo/layered/points.json") == before);
}

TEST_CASE("mc's fluctuations are the derivatives of its averages, within their errors", "[cli][monte-carlo]") {
  const Folder folder(R"([[monte_carlo]]
name = "potentials"
cell = [2, 2, 1]
temperatures = 900
chemical_potentials = { Li = [-0.01, 0, 0.01] }
sweeps = 200000
precision_mev_per_atom = 0.0001
[[monte_carlo]]
name = "temperatures"
cell = [2, 2, 1]
ensemble = "canonical"
compositions = { Li = 0.5 }
temperatures = [940, 900, 860]
sweeps = 200000
precision_mev_per_atom = 0.0001
)");

  const auto result = run_hullscan({"mc", "lno.toml", "--json"}, folder.path());

  INFO(result.messages);
  REQUIRE(result.exit_code == 0);
  const Json all = Json::parse(result.output)["monte_carlo"];
  const auto check = [](double difference, double difference_error, double step, double derivative, double error) {
    const double both = std::hypot(difference_error / step, error);
    CHECK(std::abs(difference / step - derivative) < 4 * both);
    CHECK(both < 0.1 * std::abs(derivative));
  };
  const Json low = all[0]["points"][0]["fractions"]["Li.Li"], high = all[0]["points"][2]["fractions"]["Li.Li"];
  const Json susceptibility = all[0]["points"][1]["susceptibilities_per_ev"]["Li.Li"];
  check(high["mean"].get<double>() - low["mean"].get<double>(),
        std::hypot(high["error"].get<double>(), low["error"].get<double>()), 0.02,
        susceptibility["value"].get<double>(), susceptibility["error"].get<double>());

  const Json hot = all[1]["points"][0], middle = all[1]["points"][1], cold = all[1]["points"][2];
  check(hot["energy_ev_per_atom"].get<double>() - cold["energy_ev_per_atom"].get<double>(),
        std::hypot(hot["energy_error_ev_per_atom"].get<double>(), cold["energy_error_ev_per_atom"].get<double>()), 80,
        middle["heat_capacity_ev_per_kelvin_per_atom"].get<double>(),
        middle["heat_capacity_error_ev_per_kelvin_per_atom"].get<double>());
}

TEST_CASE("mc keeps sums of a walk, not its sweeps, and refuses those of another version", "[cli][monte-carlo]") {
  const Folder folder(R"([[monte_carlo]]
cell = [2, 2, 1]
ensemble = "canonical"
compositions = { Li = 0.5 }
temperatures = 900
sweeps = 1000000000
precision_mev_per_atom = 0.000001
)");
  const fs::path chain = folder.path() / "lno.hullscan/monte_carlo/layered/chains/000000.json";
  const auto stopped = run_hullscan({"mc", "lno.toml", "--deadline", "1"}, folder.path());
  INFO(stopped.messages);
  REQUIRE(stopped.exit_code == 75);
  Json state = Json::parse(read_file(chain));
  REQUIRE(state["sweeps"].get<std::int64_t>() > 1000);
  CHECK(state["series"][0]["blocks"].size() < 256);
  CHECK(fs::file_size(chain) < 100'000);

  const auto read_again = [&] { return run_hullscan({"mc", "lno.toml", "--deadline", "1"}, folder.path()); };
  state["version"] = 1;
  write_file(chain, state.dump());
  const std::string before = read_file(chain);
  const auto older = read_again();
  CHECK(older.exit_code == 2);
  CHECK_THAT(older.messages, Contains("was written by an older version of hullscan (its form is 1, this one reads 2)"));
  CHECK(read_file(chain) == before);

  state["version"] = 2;
  state["series"][0]["rows"] = 7;
  write_file(chain, state.dump());
  CHECK_THAT(read_again().messages, Contains("is damaged (state of a time series: 7 rows"));
}

TEST_CASE("mc's neighbours are those of a lattice without order where it is hot", "[cli][monte-carlo]") {
  const Folder folder(R"([[monte_carlo]]
cell = [2, 2, 1]
ensemble = "canonical"
compositions = { Li = 0.5 }
temperatures = 1000000
sweeps = 100000
sweeps_per_block = 10
precision_mev_per_atom = 0.000001
)");

  const auto result = run_hullscan({"mc", "lno.toml", "--json"}, folder.path());

  INFO(result.messages);
  REQUIRE(result.exit_code == 0);
  const Json order = Json::parse(result.output)["monte_carlo"][0]["points"][0]["short_range_order"];
  REQUIRE(order.size() == 4);
  // Of the 11 sites beside a lithium 6 are empty: 1 - (6/11)/(1/2) = -1/11 for neighbours that are other sites.
  const Json nearest = order[0];
  CHECK(std::abs(nearest["distance_angstrom"].get<double>() - 2.88) < 0.1);  // a of LiNiO2
  CHECK(nearest["error"].get<double>() < 0.005);
  CHECK(std::abs(nearest["alpha"].get<double>() + 1.0 / 11) < 4 * nearest["error"].get<double>());
  CHECK_THAT(read_file(folder.path() / "lno.hullscan/monte_carlo/layered/short_range_order.csv"),
             Contains("chain,temperature_kelvin,sublattice,shell,distance_angstrom,species_a,species_b,alpha,"));
}
