// How two campaign files differ: each key that does, and nothing that does not matter.
#include "campaign/file_changes.hpp"

#include <catch2/catch.hpp>

namespace hullscan {
namespace {

using Lines = std::vector<std::string>;

Lines between(const std::string& before, const std::string& now) {
  return differences(parse_settings_toml(before, "before"), parse_settings_toml(now, "now"));
}

TEST_CASE("layout, comments and the order of keys are no difference", "[campaign][file_changes]") {
  CHECK(between("a = 1\nb = [1, 2]\n[run]\nslots = 2\nkeep = \"all\"\n",
                "# new\nb = [ 1,\n 2 ]\na = 1\n[run]\nkeep = 'all'\nslots = 2\n")
            .empty());
}

TEST_CASE("a key that changes, comes or goes is named with its values", "[campaign][file_changes]") {
  CHECK(between("seed = 1\n[dft]\necutwfc = 30\n[run]\nslots = 2\n",
                "seed = 2\n[dft]\nkspacing = 0.2\n[run]\nslots = 2\n") ==
        Lines{"seed: 1 → 2", "dft.kspacing = 0.2 is new", "dft.ecutwfc = 30 is gone"});
}

TEST_CASE("tables of a list are known by their names, wherever they stand", "[campaign][file_changes]") {
  const std::string fcc =
      "[[space]]\nname = \"fcc\"\nvolume = [1, 2]\n[[space.sublattice]]\nname = \"M\"\nspecies = { Al = "
      "\"rest\", Ni = 1 }\n";
  const std::string bcc = "[[space]]\nname = \"bcc\"\nvolume = [1, 2]\n";
  CHECK(between(fcc + bcc, bcc + fcc).empty());
  CHECK(between(fcc, fcc + bcc) == Lines{"space \"bcc\" is new"});
  CHECK(between(fcc + bcc, fcc) == Lines{"space \"bcc\" is gone"});
  std::string wider = fcc;
  wider.replace(wider.find("Ni = 1"), 6, "Ni = 2");
  wider.replace(wider.find("[1, 2]"), 6, "[1, 3]");
  CHECK(between(fcc, wider) ==
        Lines{"space \"fcc\": volume: [1, 2] → [1, 3]", "space \"fcc\", sublattice \"M\": species.Ni: 1 → 2"});
}

TEST_CASE("a whole table that comes or goes is one line", "[campaign][file_changes]") {
  CHECK(between("a = 1\n", "a = 1\n[report]\ntemperatures = [300]\n") == Lines{"[report] is new"});
  CHECK(between("a = 1\n[report]\ntemperatures = [300]\n", "a = 1\n") == Lines{"[report] is gone"});
}

}  // namespace
}  // namespace hullscan
