/// @file
/// `init --from-csslib` and `--from-supercell`: the peers' inputs become campaigns with the same counts.

#include <catch2/catch.hpp>

#include "../program.hpp"
#include "core/json.hpp"

using namespace hullscan::test;
using Catch::Contains;
using hullscan::Json;

namespace {

struct FolderWithWSe2 : TemporaryFolder {
  FolderWithWSe2() {
    fs::copy_file(fs::path(HULLSCAN_CAMPAIGNS) / "mex2" / "WSe2-monolayer.cif", path() / "WSe2.cif");
  }
};

Json count(const fs::path& folder) {
  return Json::parse(run_hullscan({"count", "campaign.toml", "--json"}, folder).output);
}

// Limits are fractions of the 12 atoms of the cell: 0 to 4 Mo, 2 vacancies, 8 S, 4 vacancies.
const char* const kConfiguration = R"({
  "result_dir": "WSe2", "structure_filename": "WSe2.cif", "supercell": "2x2x1", "num_workers": 4,
  "substitution": [
    {"specie_to_substitute": "W", "substitute_with": "Mo",
     "substitution_low_limit": 0.0, "substitution_high_limit": 0.3333333, "is_fictive": false},
    {"specie_to_substitute": "W", "substitute_with": "U",
     "substitution_low_limit": 0.0, "substitution_high_limit": 0.1666667, "is_fictive": true},
    {"specie_to_substitute": "Se", "substitute_with": "S",
     "substitution_low_limit": 0.0, "substitution_high_limit": 0.6666667, "is_fictive": false},
    {"specie_to_substitute": "Se", "substitute_with": "Np",
     "substitution_low_limit": 0.0, "substitution_high_limit": 0.3333333, "is_fictive": true}]})";

}  // namespace

TEST_CASE("a configuration of CSSlib becomes a campaign with the same 11,159 configurations", "[cli][init]") {
  const FolderWithWSe2 folder;
  write_file(folder.path() / "config.json", kConfiguration);

  const auto init = run_hullscan({"init", "--from-csslib", "config.json"}, folder.path());

  INFO(init.messages);
  REQUIRE(init.exit_code == 0);
  CHECK(count(folder.path())["total"] == "430848");
  CHECK(count(folder.path())["inequivalent"] == "11159");
}

TEST_CASE("everything that is wrong with a configuration of CSSlib is told at once", "[cli][init]") {
  const FolderWithWSe2 folder;
  write_file(folder.path() / "config.json", R"({"structure_filename": "WSe2.cif", "workers": 4, "substitution": [
    {"specie_to_substitute": "W", "substitute_with": "Mo", "substitution_low_limit": 0.5,
     "substitution_high_limit": 0.3}, {"specie_to_substitute": "Se", "substitution_low_limit": 0,
     "substitution_high_limit": 2}]})");

  const auto init = run_hullscan({"init", "--from-csslib", "config.json"}, folder.path());

  CHECK(init.exit_code == 2);
  CHECK_THAT(init.messages, Contains("unknown key \"workers\""));
  CHECK_FALSE(fs::exists(folder.path() / "campaign.toml"));
}

TEST_CASE("a mixed CIF of the supercell program becomes a campaign with the same 14,509 configurations",
          "[cli][init]") {
  const TemporaryFolder folder;
  std::string cif = read_file(fs::path(HULLSCAN_CAMPAIGNS) / "cspbi3-cd-zn" / "gamma-CsPbI3-Pnma.cif");
  const std::string lead = "Pb1 Pb 4 b 0 0 0.5 1";
  REQUIRE(cif.find(lead) != std::string::npos);
  cif.replace(cif.find(lead), lead.size(), "Pb1 Pb 4 b 0 0 0.5 0.8125\nZn1 Zn 4 b 0 0 0.5 0.1875");
  const std::string formula = "_chemical_formula_sum 'Cs Pb I3'\n_cell_formula_units_Z 4\n";
  cif.replace(cif.find(formula), formula.size(), "");
  write_file(folder.path() / "mixed.cif", cif);

  const auto by_occupancy = run_hullscan({"init", "--from-supercell", "mixed.cif", "--supercell", "2x2x2"}, folder.path());
  const auto by_number = run_hullscan({"init", "--from-supercell", "mixed.cif", "--supercell", "2x2x2", "--population",
                                       "Pb1:p=27", "--population", "Zn*=5", "--out", "five.toml"},
                                      folder.path());
  const auto broken = run_hullscan({"init", "--from-supercell", "mixed.cif", "--supercell", "1x1x1", "--population",
                                    "Fe1=2", "--out", "none.toml"},
                                   folder.path());

  INFO(by_occupancy.messages << by_number.messages);
  REQUIRE(by_occupancy.exit_code == 0);
  CHECK(count(folder.path())["total"] == "906192");
  CHECK(count(folder.path())["inequivalent"] == "14509");
  REQUIRE(by_number.exit_code == 0);
  CHECK(Json::parse(run_hullscan({"count", "five.toml", "--json"}, folder.path()).output)["inequivalent"] == "3225");
  CHECK(broken.exit_code == 2);
  CHECK_THAT(broken.messages, Contains("3.25 atoms are no whole number") && Contains("Fe1: no mixed site"));
}
