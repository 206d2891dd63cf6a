/// @file
/// `hullscan slab`: planes, sites, and the campaign it writes.

#include <catch2/catch.hpp>

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
      {"slab", "POSCAR", "--miller", "1,1,1", "--adsorbate", "O", "--bond", "1.9", "--out", "cu111", "--json"}, folder.path());
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

  const auto slab =
      run_hullscan({"slab", "POSCAR", "--miller", "1,0,0", "--adsorbate", "CO.extxyz", "--out", "cu100"}, folder.path());

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
  for (const std::vector<std::string>& wrong :
       {std::vector<std::string>{"slab", "POSCAR"}, {"slab", "POSCAR", "--miller", "1,1"},
        {"slab", "POSCAR", "--miller", "0,0,0"}, {"slab", "POSCAR", "--miller", "1,0,0", "--vacuum", "-3"},
        {"slab", "POSCAR", "--miller", "1,0,0", "--termination", "1"}}) {
    CHECK(run_hullscan(wrong, folder.path()).exit_code == 2);
  }
}
