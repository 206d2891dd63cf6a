/// @file
/// `hullscan slab`: planes, sites, and the campaign it writes.

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <sstream>

#include "../program.hpp"
#include "core/json.hpp"

using namespace hullscan::test;
using Catch::Contains;
using hullscan::Json;

namespace {

/// Copper; a = 3.615 Å.
struct FolderWithCopper : TemporaryFolder {
  FolderWithCopper() {
    write_file(path() / "POSCAR", "Cu\n3.615\n1 0 0\n0 1 0\n0 0 1\nCu\n4\nDirect\n0 0 0\n0 .5 .5\n.5 0 .5\n.5 .5 0\n");
  }
};

}  // namespace

TEST_CASE("slab writes a campaign of oxygen on Cu(111) whose enumeration closes", "[cli][slab]") {
  const FolderWithCopper folder;

  const auto slab = run_hullscan(
      {"slab", "POSCAR", "--miller", "1,1,1", "--adsorbate", "O", "--bond", "1.9", "--out", "cu111", "--json"},
      folder.path());
  const auto enumerated = run_hullscan({"enumerate", "cu111/campaign.toml", "--discard", "--json"}, folder.path());
  const auto again = run_hullscan({"slab", "POSCAR", "--miller", "1,1,1", "--out", "cu111"}, folder.path());

  INFO(slab.messages << enumerated.messages);
  REQUIRE(slab.exit_code == 0);
  CHECK(Json::parse(slab.output)["sites"].size() == 4);
  REQUIRE(enumerated.exit_code == 0);
  // 24 sites in the 2 x 2 cell: none or one of 4 classes, and pairs at least 2 Å apart. One oxygen has the classes' 4
  // orbits of 24 places; the clean slab is one more.
  const Json json = Json::parse(enumerated.output);
  CHECK(std::stol(json["inequivalent"].get<std::string>()) > 5);
  CHECK(std::stol(json["total"].get<std::string>()) > 25);
  CHECK(std::stol(json["total"].get<std::string>()) < 1 + 24 + 24 * 23 / 2);
  CHECK(again.exit_code == 2);
}

TEST_CASE("a rigid molecule stands on every kind of site with its first atom down", "[cli][slab]") {
  const FolderWithCopper folder;
  write_file(folder.path() / "CO.extxyz", "2\nLattice=\"9 0 0 0 9 0 0 0 9\"\nC 0 0 0\nO 0 0 1.15\n");

  const auto slab = run_hullscan({"slab", "POSCAR", "--miller", "1,0,0", "--adsorbate", "CO.extxyz", "--out", "cu100"},
                                 folder.path());

  INFO(slab.messages);
  REQUIRE(slab.exit_code == 0);
  std::istringstream lines(read_file(folder.path() / "cu100" / "sites.extxyz"));
  double carbon = 0;
  int molecules = 0;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string element;
    double x = 0, y = 0, z = 0;
    words >> element >> x >> y >> z;
    if (element == "C") carbon = z;
    if (element != "O") continue;
    CHECK(z - carbon == Approx(1.15));
    ++molecules;
  }
  CHECK(molecules == 3);
}

TEST_CASE("planes and lengths that are none are refused", "[cli][slab]") {
  const FolderWithCopper folder;
  for (const std::vector<std::string>& wrong : {std::vector<std::string>{"slab", "POSCAR"},
                                                {"slab", "POSCAR", "--miller", "1,1"},
                                                {"slab", "POSCAR", "--miller", "0,0,0"},
                                                {"slab", "POSCAR", "--miller", "1,0,0", "--vacuum", "-3"},
                                                {"slab", "POSCAR", "--miller", "1,0,0", "--termination", "1"}}) {
    CHECK(run_hullscan(wrong, folder.path()).exit_code == 2);
  }
}

TEST_CASE("a campaign of OH holds whole molecules only, as many as the same campaign of O alone", "[cli][slab]") {
  const FolderWithCopper folder;
  write_file(folder.path() / "OH.extxyz", "2\nLattice=\"9 0 0 0 9 0 0 0 9\"\nO 0 0 0\nH 0 0 0.97\n");
  write_file(folder.path() / "H2O.extxyz",
             "3\nLattice=\"9 0 0 0 9 0 0 0 9\"\nO 0 0 0\nH 0.76 0 0.59\nH -0.76 0 0.59\n");

  for (const std::string molecule : {"OH", "H2O"}) {
    const auto slab = run_hullscan(
        {"slab", "POSCAR", "--miller", "1,1,1", "--adsorbate", molecule + ".extxyz", "--out", molecule}, folder.path());
    INFO(slab.messages);
    REQUIRE(slab.exit_code == 0);
    const auto enumerated =
        run_hullscan({"enumerate", "campaign.toml", "--out", "all.extxyz"}, folder.path() / molecule);
    INFO(enumerated.messages);
    REQUIRE(enumerated.exit_code == 0);

    // An H stands within 1 Å of an O, and there are as many of each as the molecule has.
    std::istringstream lines(read_file(folder.path() / molecule / "all.extxyz"));
    int structures = 0, most = 0;
    for (std::string line; std::getline(lines, line);) {
      const int atoms = std::stoi(line);
      std::getline(lines, line);
      std::map<std::string, int> number;
      std::vector<std::pair<std::string, std::array<double, 3>>> adsorbed;
      for (int i = 0; i < atoms; ++i) {
        std::getline(lines, line);
        std::istringstream words(line);
        std::string element;
        std::array<double, 3> place{};
        words >> element >> place[0] >> place[1] >> place[2];
        ++number[element];
        adsorbed.emplace_back(element, place);
      }
      ++structures;
      most = std::max(most, number["O"]);
      CHECK(number["H"] == number["O"] * (molecule == "OH" ? 1 : 2));
      if (molecule != "OH") continue;
      for (const auto& [element, h] : adsorbed) {
        if (element != "H") continue;
        CHECK(std::any_of(adsorbed.begin(), adsorbed.end(), [&, &place = h](const auto& atom) {
          return atom.first == "O" &&
                 std::abs(place[0] - atom.second[0]) + std::abs(place[1] - atom.second[1]) < 1e-3 &&
                 std::abs(place[2] - atom.second[2] - 0.97) < 1e-3;
        }));
      }
    }
    CHECK(structures > (molecule == "OH" ? 8 : 3));  // the two H of water keep it off the bridges
    CHECK(most == 2);
  }

  // OH stands upright: its symmetry is that of O on the same sites.
  for (const std::string site : {"top1", "bridge1", "hollow1", "hollow2"}) {
    write_file(folder.path() / "OH" / (site + "-oxygen.toml"),
               "name = \"x\"\n[[space]]\nstructure = \"slab-" + site +
                   ".cif\"\nsupercell = [2, 2, 1]\n"
                   "min_distance = [{ pair = [\"O\", \"O\"], angstrom = 2.0 }]\n[[space.sublattice]]\nsites = \"" +
                   site + "\"\nspecies = { Va = \"rest\", O = \"0..2\" }\n[[space.sublattice]]\nsites = \"" + site +
                   "_2\"\nspecies = { Va = \"rest\" }\n");
    std::string whole = read_file(folder.path() / "OH" / "campaign.toml");
    const auto begin = whole.find("\n[[space]]\nname = \"" + site + "\"");
    REQUIRE(begin != std::string::npos);
    write_file(folder.path() / "OH" / (site + ".toml"),
               "name = \"y\"" + whole.substr(begin, whole.find("\n[[space]]", begin + 1) - begin));
    Json counts[2];
    int i = 0;
    for (const std::string& file : {site + ".toml", site + "-oxygen.toml"}) {
      const auto result = run_hullscan({"enumerate", file, "--discard", "--json"}, folder.path() / "OH");
      INFO(result.messages);
      REQUIRE(result.exit_code == 0);
      counts[i++] = Json::parse(result.output);
    }
    CHECK(counts[0]["total"] == counts[1]["total"]);
    CHECK(counts[0]["inequivalent"] == counts[1]["inequivalent"]);
  }
}

TEST_CASE("a molecule too wide for its sites, or upside down, is left out in words, and its structures are written",
          "[cli][slab]") {
  const FolderWithCopper folder;
  write_file(folder.path() / "wide.extxyz", "2\nLattice=\"20 0 0 0 20 0 0 0 20\"\nC 0 0 0\nN 2.9 0 2.2\n");
  write_file(folder.path() / "down.extxyz", "2\nLattice=\"20 0 0 0 20 0 0 0 20\"\nO 0 0 0\nH 0 0 -2.0\n");

  for (const std::string molecule : {"wide", "down"}) {
    const auto slab = run_hullscan(
        {"slab", "POSCAR", "--miller", "1,0,0", "--adsorbate", molecule + ".extxyz", "--out", molecule}, folder.path());
    CHECK(slab.exit_code == 0);
    CHECK_THAT(slab.messages, Contains("top1: " + molecule + " is left out"));
    CHECK(fs::exists(folder.path() / molecule / "sites.extxyz"));
  }
  CHECK_FALSE(fs::exists(folder.path() / "wide" / "campaign.toml"));
}
