/// @file
/// `hullscan sqs`: what it finds, what it refuses, what it writes.

#include <catch2/catch.hpp>

#include "../program.hpp"
#include "core/json.hpp"

using namespace hullscan::test;
using Catch::Contains;
using hullscan::Json;

namespace {

/// Cu0.5Au0.5 on fcc, in its conventional cell.
struct FolderWithHalfGold : TemporaryFolder {
  FolderWithHalfGold() {
    write_file(path() / "POSCAR", "Cu\n4.0\n1 0 0\n0 1 0\n0 0 1\nCu\n4\nDirect\n0 0 0\n0 .5 .5\n.5 0 .5\n.5 .5 0\n");
    write_file(path() / "campaign.toml",
               "name = \"half\"\n[[space]]\nname = \"fcc\"\nstructure = \"POSCAR\"\n"
               "[[space.sublattice]]\nsites = \"Cu\"\nspecies = { Cu = \"rest\", Au = \"50%\" }\n");
  }
};

}  // namespace

TEST_CASE("sqs searches the supercells of the primitive cell and writes what it found once", "[cli][sqs]") {
  const FolderWithHalfGold folder;

  const auto found = run_hullscan({"sqs", "campaign.toml", "--atoms", "16", "--out", "sqs", "--json"}, folder.path());
  const auto again = run_hullscan({"sqs", "campaign.toml", "--atoms", "16", "--out", "sqs"}, folder.path());

  INFO(found.messages);
  REQUIRE(found.exit_code == 0);
  const Json composition = Json::parse(found.output)["compositions"].at(0);
  // Distinct fcc superlattices of index 16: Hart & Forcade, Phys. Rev. B 77, 224115 (2008).
  CHECK(composition["supercells"] == 58);
  CHECK(composition["structures"].at(0)["objective"] == 0.0);
  CHECK(contents(folder.path() / "sqs").size() == 1);
  CHECK(again.exit_code == 2);
}

TEST_CASE("sqs names the sizes that hold a composition", "[cli][sqs]") {
  const FolderWithHalfGold folder;

  const auto refused = run_hullscan({"sqs", "campaign.toml", "--atoms", "15"}, folder.path());

  CHECK(refused.exit_code == 2);
  CHECK_THAT(refused.messages, Contains("14 or 16 atoms"));
}
