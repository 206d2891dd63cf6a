/// @file
/// Whole campaigns whose spaces share one fit (`spaces` of a [[surrogate]]).

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <map>

#include "../program.hpp"
#include "core/json.hpp"

using namespace hullscan::test;
using Catch::Contains;
using hullscan::Json;

namespace {

/// fcc and bcc Cu-Au in cells of up to five atoms, computed by a program that knows the numbers of atoms and the cell's
/// volume only.
class TwoLattices {
 public:
  explicit TwoLattices(const std::string& surrogate) {
    for (const auto& [name, group, edge] : {std::tuple("fcc", "F m -3 m", 3.9), std::tuple("bcc", "I m -3 m", 3.1)}) {
      write_file(
          folder_.path() / (std::string(name) + ".cif"),
          fmt::format("data_{0}\n_cell_length_a {2}\n_cell_length_b {2}\n_cell_length_c {2}\n_cell_angle_alpha 90\n"
                      "_cell_angle_beta 90\n_cell_angle_gamma 90\n_symmetry_space_group_name_H-M '{1}'\nloop_\n"
                      "_atom_site_label\n_atom_site_type_symbol\n_atom_site_fract_x\n_atom_site_fract_y\n"
                      "_atom_site_fract_z\nM Cu 0 0 0\n",
                      name, group, edge));
    }
    std::string text = "name = \"two\"\nseed = 3\n";
    for (const char* name : {"fcc", "bcc"})
      text += fmt::format(
          "[[space]]\nname = \"{0}\"\nstructure = \"{0}.cif\"\nprimitive = true\nvolume = [1, 5]\n"
          "[[space.sublattice]]\nname = \"M\"\nsites = \"Cu\"\nspecies = {{ Cu = \"rest\", Au = "
          "\"0%..100%\" }}\n",
          name);
    text += "[[surrogate]]\n" + surrogate +
            "\n[select]\npolicy = \"hull-distance\"\ninitial = 12\nper_round = 4\nrounds = 2\n[dft]\ncode = "
            "\"command\"\ncommand = \"./calculator\"\ncalculation = \"scf\"\nmethod = \"volumes\"\n[run]\nslots = "
            "2\n[report]\ntemperatures = "
            "[300]\n";
    write_file(folder_.path() / "campaign.toml", text);
    // -0.3 eV per pair of unlike atoms in an ideal mixture, and -0.02 eV/Å^3 of volume: the lattices differ.
    write_file(folder_.path() / "calculator", R"(#!/bin/sh
awk 'NR == 3 || NR == 4 || NR == 5 { for (i = 1; i <= 3; ++i) c[NR - 2, i] = $i }
NR == 6 { for (i = 1; i <= NF; ++i) name[i] = $i }
NR == 7 { for (i = 1; i <= NF; ++i) { n += $i; if (name[i] == "Au") gold += $i } }
END { v = c[1,1]*(c[2,2]*c[3,3]-c[2,3]*c[3,2]) - c[1,2]*(c[2,1]*c[3,3]-c[2,3]*c[3,1]) + c[1,3]*(c[2,1]*c[3,2]-c[2,2]*c[3,1])
  if (v < 0) v = -v
  printf "{\"converged\": true, \"energy_ev\": %.6f}", -3 * n - 0.6 * gold * (1 - gold / n) - 0.02 * v }' POSCAR > part
mv part result.json
)");
    fs::permissions(folder_.path() / "calculator", fs::perms::owner_all);
  }

  [[nodiscard]] auto run(const std::string& directory, const std::string& threads) const {
    return run_hullscan({"run", "campaign.toml", "--dir", directory, "--threads", threads}, folder_.path());
  }
  [[nodiscard]] Json json(const std::vector<std::string>& words) const {
    const auto result = run_hullscan(words, folder_.path());
    INFO(result.messages);
    REQUIRE(result.exit_code == 0);
    return Json::parse(result.output);
  }
  [[nodiscard]] fs::path path() const { return folder_.path(); }

 private:
  TemporaryFolder folder_;
};

constexpr const char* kRidge =
    "kind = \"ridge\"\nfeatures = \"contacts\"\ncontacts = 4.5\ncontact_bins = 0.5\nspaces = [\"fcc\", \"bcc\"]";

}  // namespace

TEST_CASE("a campaign of two lattices is fitted once and comes to the same with any number of threads",
          "[campaign][together]") {
  const TwoLattices campaign(kRidge);

  const auto one = campaign.run("one", "1"), three = campaign.run("three", "3");

  INFO(one.messages);
  REQUIRE(one.exit_code == 0);
  REQUIRE(three.exit_code == 0);
  const Json report = Json::parse(read_file(campaign.path() / "one" / "report" / "report.json"));
  CHECK(campaign.json({"top", "one", "100", "--json"})["structures"] ==
        campaign.json({"top", "three", "100", "--json"})["structures"]);
  CHECK(read_file(campaign.path() / "one/report/hull.csv") == read_file(campaign.path() / "three/report/hull.csv"));
  // One fit a round, of the labels of both lattices.
  std::map<std::string, int> fits;
  for (const Json& round : report["rounds"]) ++fits[round["surrogate"].get<std::string>()];
  REQUIRE(fits.size() == 1);
  CHECK(fits.begin()->first == "ridge (fcc + bcc)");
  CHECK(report["rounds"][0]["labels"] == 12);
}

TEST_CASE("spaces that cannot share a fit are refused at the line of `spaces` by check and by run",
          "[campaign][together]") {
  const TwoLattices clusters("kind = \"cluster-expansion\"\npairs = 4.0\nspaces = [\"fcc\", \"bcc\"]"),
      unknown("kind = \"ridge\"\ncontact_bins = 0.5\nspaces = [\"fcc\", \"bbc\"]");
  for (const char* command : {"check", "run"}) {
    const auto refused = run_hullscan({command, "campaign.toml"}, clusters.path());
    CHECK(refused.exit_code == 2);
    CHECK_THAT(refused.messages, Contains("campaign.toml:24:10: surrogate.spaces: fcc + bcc: "));
    const auto misspelt = run_hullscan({command, "campaign.toml"}, unknown.path());
    CHECK(misspelt.exit_code == 2);
    CHECK_THAT(misspelt.messages, Contains("campaign.toml:24:18: surrogate.spaces") && Contains("did you mean"));
  }
}
