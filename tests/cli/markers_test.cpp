/// @file
/// Marked migration paths from the campaign file to the outputs.

#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <sstream>

#include "../program.hpp"
#include "core/json.hpp"

using namespace hullscan::test;
using Catch::Contains;
using hullscan::Json;

namespace {

/// One vacancy besides the path in KFeO2 2x1x1 with two titanium: 952,320 (path, colouring) pairs, 59,520
/// inequivalent.
std::string campaign(const std::string& more = "") {
  return "name = \"kfeo2\"\n[[space]]\nname = \"paths\"\nstructure = \"" +
         (fs::path(HULLSCAN_TEST_DATA) / "structures/KFeO2-Pbca.cif").string() +
         "\"\nsupercell = [2, 1, 1]\n"
         "[[space.sublattice]]\nsites = \"Fe\"\nspecies = { Fe = \"rest\", Ti = 2 }\n"
         "[[space.sublattice]]\nsites = \"K\"\nspecies = { K = \"rest\", Va = 1 }\n"
         "[[space.marker]]\npair = [\"K\", \"K\"]\nmax_distance = 4.2\n" +
         more;
}

}  // namespace

TEST_CASE("count reports every orbit of marked paths", "[cli][marker]") {
  const TemporaryFolder folder;
  write_file(folder.path() / "campaign.toml", campaign());

  const Json json = Json::parse(run_hullscan({"count", "campaign.toml", "--json"}, folder.path()).output);

  const Json& composition = json["spaces"][0]["supercells"][0]["compositions"][0];
  CHECK(composition["total"] == "952320");
  CHECK(composition["inequivalent"] == "59520");
  REQUIRE(composition["markers"].size() == 5);
  std::multiset<int> sizes;
  long inequivalent = 0;
  for (const Json& marker : composition["markers"]) {
    sizes.insert(marker["size"].get<int>());
    inequivalent += std::stol(marker["inequivalent"].get<std::string>());
  }
  CHECK(sizes == std::multiset<int>{8, 8, 16, 16, 16});
  CHECK(inequivalent == 59'520);
}

TEST_CASE("enumerate names the marked orbit in a column of its own", "[cli][marker]") {
  const TemporaryFolder folder;
  write_file(folder.path() / "campaign.toml", campaign());

  REQUIRE(run_hullscan({"enumerate", "campaign.toml", "--out", "x.csv"}, folder.path()).exit_code == 0);

  std::istringstream lines(read_file(folder.path() / "x.csv"));
  std::string line;
  REQUIRE(std::getline(lines, line));
  CHECK(line == "space,supercell,marker,Fe.Fe,Fe.Ti,K.K,K.Va,degeneracy,space_group,occupation");
  std::map<std::string, long> rows;
  long degeneracies = 0;
  while (std::getline(lines, line)) {
    std::vector<std::string> cells;
    std::istringstream row(line);
    for (std::string cell; std::getline(row, cell, ',');) cells.push_back(cell);
    REQUIRE(cells.size() == 10);
    ++rows[cells[2]];
    degeneracies += std::stol(cells[7]);
  }
  CHECK(rows == std::map<std::string, long>{{"0", 7440}, {"1", 7440}, {"2", 14'880}, {"3", 14'880}, {"4", 14'880}});
  CHECK(degeneracies == 952'320);
}

TEST_CASE("every format of enumerate holds the same marked configurations and their space groups", "[cli][marker]") {
  const TemporaryFolder folder;
  write_file(folder.path() / "campaign.toml", campaign());
  for (const char* name : {"x.csv", "x.h5"}) {
    const auto result = run_hullscan({"enumerate", "campaign.toml", "--out", name, "--symmetry"}, folder.path());
    INFO(result.messages);
    REQUIRE(result.exit_code == 0);
  }

  const auto verdict = Program({"/usr/bin/python3", "-c", R"py(
import csv, h5py, numpy
rows = [(int(r["marker"]), r["occupation"], int(r["degeneracy"]), int(r["space_group"])) for r in csv.DictReader(open("x.csv"))]
with h5py.File("x.h5") as table:
    g = table["000000"]
    same = rows == [(int(m), "".join(map(str, o)), int(w), int(s)) for m, o, w, s in zip(g["marker"][:], g["occupation"][:], g["degeneracy"][:], g["space_group"][:])]
    ends = g["positions"][:][g["marker_sites"][:]]
    apart = ends[:, 1] - ends[:, 0]
    apart = numpy.linalg.norm((apart - apart.round()) @ g["lattice"][:], axis=1)
    print(table.attrs["format_version"], same, len(rows), g["marker_objects"][:].tolist() and sorted(g["marker_objects"][:].tolist()), bool(abs(apart - g["marker_distance"][:]).max() < 1e-6))
)py"},
                               folder.path())
                           .wait();
  INFO(verdict.messages);
  CHECK(verdict.output == "2 True 59520 [8, 8, 16, 16, 16] True\n");
}

TEST_CASE("a stratified sample of marked paths has the symmetric ones", "[cli][marker]") {
  const TemporaryFolder folder;
  std::string text = campaign();
  text.insert(text.find("[[space.sublattice]]"), "sample = { per_composition = 40, method = \"stratified\" }\n");
  write_file(folder.path() / "campaign.toml", text);

  const auto result = run_hullscan({"enumerate", "campaign.toml", "--out", "x.csv", "--json"}, folder.path());

  INFO(result.messages);
  REQUIRE(result.exit_code == 0);
  const Json json = Json::parse(result.output);
  CHECK(json["inequivalent"] == "40");
  long orbits = 0, labelled = 0;
  for (const Json& c : json["samples"][0]["classes"]) {
    orbits += std::stol(c["orbits"].get<std::string>());
    labelled += std::stol(c["orbits"].get<std::string>()) * c["degeneracy"].get<long>();
    CHECK(c["drawn"].get<int>() > 0);
  }
  CHECK(orbits == 59'520);
  CHECK(labelled == 952'320);
}

TEST_CASE("marked paths are not calculated, and are reported so at the marker", "[cli][marker]") {
  const TemporaryFolder folder;
  write_file(folder.path() / "campaign.toml", campaign("[dft]\ncode = \"kim\"\nmodel = \"none\"\n"));
  const auto result = run_hullscan({"run", "campaign.toml"}, folder.path());
  CHECK(result.exit_code == 2);
  CHECK(result.messages.find("campaign.toml:12:1: space.marker") != std::string::npos);
}

TEST_CASE("a path of a thousand ångström is refused at its marker", "[cli][marker][bad]") {
  const TemporaryFolder folder;
  std::string text = campaign();
  text.replace(text.find("4.2"), 3, "1000");
  write_file(folder.path() / "campaign.toml", text);

  for (const char* command : {"check", "count"}) {
    const ProgramResult result = run_hullscan({command, "campaign.toml"}, folder.path());
    CHECK(result.exit_code == 2);
    CHECK_THAT(result.messages, Contains("campaign.toml:12:1: space.marker: ") && Contains("max_distance = 1000 Å"));
  }
}
