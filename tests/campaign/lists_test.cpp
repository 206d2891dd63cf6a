/// @file
/// Whole campaigns with lists of structures (`structures` of a [[space]]) beside spaces that are enumerated.

#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "../program.hpp"
#include "core/json.hpp"

using namespace hullscan::test;
using Catch::Contains;
using hullscan::Json;

namespace {

/// 1: L1_2 Cu3Au, a configuration of fcc. 2: three atoms in a row, on no lattice of the campaign. 3: the same, twice as
/// long, turned and moved.
constexpr const char* kCandidates =
    "4\nLattice=\"3.9 0 0 0 3.9 0 0 0 3.9\" Properties=species:S:1:pos:R:3\n"
    "Au 0 0 0\nCu 1.95 1.95 0\nCu 1.95 0 1.95\nCu 0 1.95 1.95\n"
    "3\nLattice=\"3 0 0 0 3 0 0 0 7\" Properties=species:S:1:pos:R:3\nAu 0 0 0\nCu 0 0 2.2\nCu 0 0 4.8\n"
    "6\nLattice=\"0 3 0 0 0 3 14 0 0\" Properties=species:S:1:pos:R:3\n"
    "Au 1 1 1\nCu 3.2 1 1\nCu 5.8 1 1\nAu 8 1 1\nCu 10.2 1 1\nCu 12.8 1 1\n";
constexpr const char* kFourth =
    "2\nLattice=\"2.9 0 0 0 2.9 0 0 0 8\" Properties=species:S:1:pos:R:3\n"
    "Au 0 0 0\nCu 0 0 2.5\n";

class WithList {
 public:
  explicit WithList(const std::string& surrogate = "[[surrogate]]\nkind = \"cluster-expansion\"\npairs = 4.0\n") {
    write_file(folder_.path() / "fcc.cif",
               "data_fcc\n_cell_length_a 3.9\n_cell_length_b 3.9\n_cell_length_c 3.9\n_cell_angle_alpha 90\n"
               "_cell_angle_beta 90\n_cell_angle_gamma 90\n_symmetry_space_group_name_H-M 'F m -3 m'\nloop_\n"
               "_atom_site_label\n_atom_site_type_symbol\n_atom_site_fract_x\n_atom_site_fract_y\n"
               "_atom_site_fract_z\nM Cu 0 0 0\n");
    write_file(folder_.path() / "candidates.extxyz", kCandidates);
    write_file(folder_.path() / "campaign.toml",
               "name = \"listed\"\nseed = 3\n[[space]]\nname = \"literature\"\nstructures = \"candidates.extxyz\"\n"
               "[[space]]\nname = \"fcc\"\nstructure = \"fcc.cif\"\nprimitive = true\nvolume = [1, 4]\n"
               "[[space.sublattice]]\nname = \"M\"\nsites = \"Cu\"\nspecies = { Cu = \"rest\", Au = \"0%..100%\" }\n" +
                   surrogate +
                   "[select]\npolicy = \"hull-distance\"\ninitial = 4\nper_round = 2\nrounds = 1\n[dft]\n"
                   "code = \"command\"\ncommand = \"./calculator\"\ncalculation = \"scf\"\nmethod = \"x\"\n"
                   "[run]\nslots = 2\n");
    write_file(folder_.path() / "calculator", R"(#!/bin/sh
awk 'NR == 6 { for (i = 1; i <= NF; ++i) name[i] = $i }
NR == 7 { for (i = 1; i <= NF; ++i) { n += $i; if (name[i] == "Au") gold += $i } }
END { printf "{\"converged\": true, \"energy_ev\": %.6f}", -3 * n - 0.6 * gold * (1 - gold / n) }' POSCAR > part
mv part result.json
)");
    fs::permissions(folder_.path() / "calculator", fs::perms::owner_all);
  }

  [[nodiscard]] ProgramResult call(const std::vector<std::string>& words) const {
    return run_hullscan(words, folder_.path());
  }
  /// "literature-2-1d216ee4" without its digits, and the round of each, of every calculation.
  [[nodiscard]] std::multiset<std::string> calculated(const std::string& directory) const {
    std::multiset<std::string> found;
    const Json entries = Json::parse(read_file(path() / directory / "report" / "report.json"))["entries"];
    for (const Json& entry : entries) {
      const std::string space = entry["space"].get<std::string>();
      found.insert(
          fmt::format("{} {} round {}", space, entry["formula"].get<std::string>(), entry["round"].get<int>()));
    }
    return found;
  }
  [[nodiscard]] fs::path path() const { return folder_.path(); }

 private:
  TemporaryFolder folder_;
};

}  // namespace

TEST_CASE("listed structures are calculated as what they are, once", "[campaign][lists]") {
  const WithList campaign;

  const auto checked = campaign.call({"check", "campaign.toml"});
  INFO(checked.messages);
  REQUIRE(checked.exit_code == 0);
  CHECK_THAT(checked.output, Contains("literature-1 is a configuration of space \"fcc\" (degeneracy 4)") &&
                                 Contains("literature-3 is the structure of literature-2 again"));

  const auto ran = campaign.call({"run", "campaign.toml", "--dir", "d"});
  INFO(ran.messages);
  REQUIRE(ran.exit_code == 0);
  const auto calculated = campaign.calculated("d");
  CAPTURE(calculated);
  CHECK(calculated.count("literature-2 Cu2Au round 0") == 1);
  // Neither an end member nor a choice of the model, and in the first round all the same.
  CHECK(calculated.count("fcc Cu3Au round 0") == 1);
  CHECK(std::count_if(calculated.begin(), calculated.end(),
                      [](const std::string& one) { return one.starts_with("literature"); }) == 1);

  // The directory does not need the list any more, and the same line does nothing anew.
  const std::string table = read_file(campaign.path() / "d/report/hull.csv");
  const auto again = campaign.call({"run", "campaign.toml", "--dir", "d"});
  REQUIRE(again.exit_code == 0);
  CHECK(campaign.calculated("d") == calculated);
  fs::remove(campaign.path() / "candidates.extxyz");
  CHECK(campaign.call({"report", "d"}).exit_code == 0);
  CHECK(read_file(campaign.path() / "d/report/hull.csv") == table);
}

TEST_CASE("a structure that is added to a list is added to the campaign", "[campaign][lists]") {
  const WithList campaign;
  REQUIRE(campaign.call({"run", "campaign.toml", "--dir", "d"}).exit_code == 0);
  const auto before = campaign.calculated("d");
  write_file(campaign.path() / "candidates.extxyz", std::string(kCandidates) + kFourth);

  const auto unasked = campaign.call({"run", "campaign.toml", "--dir", "d", "--dry-run"});
  CHECK_THAT(unasked.messages + unasked.output, Contains("space \"literature\": its list has 1 structure more") &&
                                                    Contains("literature-2: 1 of 1 calculation kept"));
  const auto ran = campaign.call({"run", "campaign.toml", "--dir", "d", "--yes"});

  INFO(ran.messages);
  REQUIRE(ran.exit_code == 0);
  const auto after = campaign.calculated("d");
  CAPTURE(after);
  CHECK(std::includes(after.begin(), after.end(), before.begin(), before.end()));
  CHECK(std::any_of(after.begin(), after.end(),
                    [](const std::string& one) { return one.starts_with("literature-4 CuAu "); }));
}

TEST_CASE("a list says at its lines what is wrong with it", "[campaign][lists]") {
  const WithList campaign;
  const std::string text = read_file(campaign.path() / "campaign.toml");
  const auto said = [&](const std::string& from, const std::string& to) {
    std::string changed = text;
    changed.replace(changed.find(from), from.size(), to);
    write_file(campaign.path() / "campaign.toml", changed);
    const auto result = campaign.call({"check", "campaign.toml"});
    CHECK(result.exit_code != 0);
    return result.messages;
  };
  CHECK_THAT(said("structures = \"candidates.extxyz\"\n",
                  "structures = \"candidates.extxyz\"\nstructure = \"fcc.cif\"\nvolume = 2\n"),
             Contains("campaign.toml:6:13: space.structure: ") && Contains("campaign.toml:7:10: space.volume: "));
  CHECK_THAT(said("candidates.extxyz", "absent"), Contains("absent: there is no such file or folder"));
  CHECK_THAT(said("name = \"fcc\"", "name = \"literature-2\""), Contains("name of a listed structure"));
  CHECK_THAT(said("pairs = 4.0\n", "pairs = 4.0\nspaces = [\"fcc\", \"literature\"]\n"),
             Contains("surrogate.spaces: fcc + literature: ") || Contains("surrogate.spaces: literature + fcc: "));
}
