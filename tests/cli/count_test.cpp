/// @file
/// The JSON of `count` and `enumerate`: other people's scripts call them.

#include <catch2/catch.hpp>
#include <map>
#include <sstream>

#include "../program.hpp"
#include "core/json.hpp"
#include "core/log.hpp"

using namespace hullscan::test;
using hullscan::Json;

namespace {

const fs::path kAlNi = fs::path(HULLSCAN_CAMPAIGNS) / "al-ni" / "campaign.toml";

}  // namespace

TEST_CASE("count --json sums to its totals at every level", "[cli][count]") {
  const TemporaryFolder folder;

  const auto result = run_hullscan({"count", kAlNi.string(), "--json"}, folder.path());

  REQUIRE(result.exit_code == 0);
  const Json json = Json::parse(result.output);
  CHECK(json["campaign"] == "al-ni");
  long total = 0, inequivalent = 0;
  for (const Json& space : json["spaces"]) {
    for (const Json& supercell : space["supercells"]) {
      long of_supercell = 0, orbits = 0;
      for (const Json& composition : supercell["compositions"]) {
        of_supercell += std::stol(composition["total"].get<std::string>());
        orbits += std::stol(composition["inequivalent"].get<std::string>());
        CHECK(composition["counts"].contains("M1.Al"));
      }
      CHECK(supercell["total"] == std::to_string(of_supercell));
      CHECK(supercell["inequivalent"] == std::to_string(orbits));
      total += of_supercell;
      inequivalent += orbits;
    }
  }
  CHECK(json["total"] == std::to_string(total));
  CHECK(json["inequivalent"] == std::to_string(inequivalent));
}

TEST_CASE("the fcc and bcc derivative structures of Al-Ni are as many as published", "[cli][count]") {
  // Hart & Forcade, Phys. Rev. B 77, 224115 (2008), table IV: binary derivative superstructures of an fcc (and bcc)
  // parent lattice, 2, 3, 12 and 7 of 2, 3, 4 … atoms, label exchange merged; here Al and Ni are distinguished and end
  // members count.
  const TemporaryFolder folder;

  const Json json = Json::parse(run_hullscan({"count", kAlNi.string(), "--json"}, folder.path()).output);

  std::map<std::string, std::map<int, long>> by_volume;
  for (const Json& space : json["spaces"]) {
    for (const Json& supercell : space["supercells"]) {
      by_volume[space["name"]][supercell["sites"].get<int>()] +=
          std::stol(supercell["inequivalent"].get<std::string>());
    }
  }
  CHECK(by_volume["fcc"] == std::map<int, long>{{1, 2}, {2, 2}, {3, 6}, {4, 19}});
  CHECK(by_volume["bcc"] == std::map<int, long>{{1, 2}, {2, 2}});
}

TEST_CASE("enumerate writes one line an orbit and its degeneracies sum to the total of count", "[cli][enumerate]") {
  const TemporaryFolder folder;
  const Json count = Json::parse(run_hullscan({"count", kAlNi.string(), "--json"}, folder.path()).output);

  const auto result = run_hullscan({"enumerate", kAlNi.string(), "--out", "x.csv", "--json"}, folder.path());

  REQUIRE(result.exit_code == 0);
  const Json json = Json::parse(result.output);
  CHECK(json["total"] == count["total"]);
  CHECK(json["inequivalent"] == count["inequivalent"]);
  std::istringstream lines(read_file(folder.path() / "x.csv"));
  std::string line;
  REQUIRE(std::getline(lines, line));
  CHECK(line == "space,supercell,M1.Al,M1.Ni,degeneracy,space_group,occupation");
  long rows = 0, degeneracies = 0;
  while (std::getline(lines, line)) {
    std::vector<std::string> cells;
    std::istringstream row(line);
    for (std::string cell; std::getline(row, cell, ',');) cells.push_back(cell);
    REQUIRE(cells.size() == 7);
    ++rows;
    degeneracies += std::stol(cells[4]);
    CHECK(static_cast<long>(cells[6].size()) == std::stol(cells[2]) + std::stol(cells[3]));
  }
  CHECK(std::to_string(rows) == count["inequivalent"]);
  CHECK(std::to_string(degeneracies) == count["total"]);
}

TEST_CASE("count --space-groups shares out the orderings of the cubic fcc cell as the textbooks do", "[cli][count]") {
  // Al and Al3Ni.. by hand: 1 A1 colouring each (Fm-3m), 4 of L1_2 each (Pm-3m), 6 of L1_0 (P4/mmm).
  const TemporaryFolder folder;
  fs::copy_file(kAlNi.parent_path() / "fcc.cif", folder.path() / "fcc.cif");
  write_file(folder.path() / "c.toml",
             "name = \"c\"\n[[space]]\nname = \"fcc\"\nstructure = \"fcc.cif\"\n[[space.sublattice]]\nsites = \"M1\"\n"
             "species = { Al = \"rest\", Ni = \"0..4\" }\n");

  const auto result = run_hullscan({"count", "c.toml", "--space-groups", "--json"}, folder.path());

  INFO(result.messages);
  REQUIRE(result.exit_code == 0);
  const Json json = Json::parse(result.output);
  CHECK(json["space_groups"] == Json::parse(R"([
    {"number": 123, "symbol": "P4/mmm", "total": "6", "inequivalent": "1"},
    {"number": 221, "symbol": "Pm-3m", "total": "8", "inequivalent": "2"},
    {"number": 225, "symbol": "Fm-3m", "total": "2", "inequivalent": "2"}])"));
  const Json& compositions = json["spaces"][0]["supercells"][0]["compositions"];
  REQUIRE(compositions.size() == 5);
  CHECK(compositions[2]["space_groups"] ==
        Json::parse(R"([{"number": 123, "symbol": "P4/mmm", "total": "6", "inequivalent": "1"}])"));
  const std::string text = run_hullscan({"count", "c.toml", "--space-groups"}, folder.path()).output;
  CHECK(text.find("P4/mmm (123)") != std::string::npos);
}

TEST_CASE("the space groups of LiNiO2 are those that enumerate writes line by line", "[cli][count]") {
  const TemporaryFolder folder;
  write_file(folder.path() / "c.toml", "name = \"c\"\n[[space]]\nname = \"LNO\"\nstructure = \"" +
                                           (fs::path(HULLSCAN_TEST_DATA) / "structures/LiNiO2-R-3m.cif").string() +
                                           "\"\nsupercell = [2, 2, 1]\n[[space.sublattice]]\nsites = \"Li\"\n"
                                           "species = { Li = \"rest\", Va = \"0..12\" }\n");

  const Json json = Json::parse(run_hullscan({"count", "c.toml", "--space-groups", "--json"}, folder.path()).output);
  REQUIRE(run_hullscan({"enumerate", "c.toml", "--out", "x.csv", "--symmetry"}, folder.path()).exit_code == 0);

  CHECK(json["total"] == "4096");
  CHECK(json["inequivalent"] == "87");
  std::map<int, std::pair<long, long>> written;  // number -> labelled, orbits
  std::istringstream lines(read_file(folder.path() / "x.csv"));
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    std::vector<std::string> cells;
    std::istringstream row(line);
    for (std::string cell; std::getline(row, cell, ',');) cells.push_back(cell);
    auto& [labelled, orbits] = written[cells[5] == "154" ? 152 : std::stoi(cells[5])];  // mirror images
    labelled += std::stol(cells[4]);
    ++orbits;
  }
  REQUIRE(json["space_groups"].size() == written.size());
  for (const Json& group : json["space_groups"]) {
    const auto& [labelled, orbits] = written.at(group["number"].get<int>());
    CHECK(group["total"] == std::to_string(labelled));
    CHECK(group["inequivalent"] == std::to_string(orbits));
  }
  CHECK(written.count(166) == 1);  // R-3m, of both ends
}

TEST_CASE("count says what too many orbits would cost and what to do instead", "[cli][count]") {
  const TemporaryFolder folder;
  fs::copy_file(kAlNi.parent_path() / "fcc.cif", folder.path() / "fcc.cif");
  write_file(folder.path() / "c.toml",
             "name = \"c\"\n[[space]]\nname = \"fcc\"\nstructure = \"fcc.cif\"\nsupercell = [3, 3, 3]\n"
             "[[space.sublattice]]\nsites = \"M1\"\nspecies = { Al = \"rest\", Ni = 12 }\n");

  const std::string text = run_hullscan({"count", "c.toml"}, folder.path()).output;
  const Json json = Json::parse(run_hullscan({"count", "c.toml", "--json"}, folder.path()).output);

  using Catch::Contains;
  CHECK_THAT(text, Contains("orbits/s") && Contains(".csv") && Contains("holds 4 primitive cells") &&
                       Contains("sample = { per_composition"));
  std::string smaller = read_file(folder.path() / "c.toml");
  smaller.insert(smaller.find("supercell"), "primitive = true\n");
  write_file(folder.path() / "p.toml", smaller);
  const Json primitive = Json::parse(run_hullscan({"count", "p.toml", "--json"}, folder.path()).output);
  CHECK(primitive["total"] == "17383860");  // C(27, 12)
  CHECK_THAT(text, Contains(hullscan::grouped(primitive["inequivalent"].get<std::string>()) + " inequivalent"));
  const double orbits = std::stod(json["inequivalent"].get<std::string>());
  const Json& cost = json["enumeration"];
  CHECK(cost["seconds"].get<double>() == Approx(orbits / cost["orbits_per_second"].get<double>()));
  CHECK(cost["csv_bytes"].get<double>() > 100 * orbits);
}
