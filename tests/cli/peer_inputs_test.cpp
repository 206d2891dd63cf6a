/// @file
/// `init --from-csslib` and `--from-supercell`: the peers' inputs become campaigns with the same counts.

#include <algorithm>
#include <catch2/catch.hpp>
#include <regex>

#include "../program.hpp"
#include "core/json.hpp"

using namespace hullscan::test;
using Catch::Contains;
using hullscan::Json;

namespace {

struct FolderWithWSe2 : TemporaryFolder {
  FolderWithWSe2() { fs::copy_file(fs::path(HULLSCAN_CAMPAIGNS) / "mex2" / "WSe2-monolayer.cif", path() / "WSe2.cif"); }
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

TEST_CASE("a configuration of CSSlib that no double or no stack holds is refused at its place", "[cli][init]") {
  const FolderWithWSe2 folder;
  for (const auto& [text, words] : std::vector<std::pair<std::string, std::string>>{
           {R"({"num_workers": 1e309})", "config.json:1:17: the number 1e309 is too large"},
           {std::string(400'000, '['), "nested more than 200 deep"},
           {R"({"structure_filename": "WSe2.cif", "supercell": "999x999x999", "substitution": []})",
            "sites, at most 1e+08"}}) {
    write_file(folder.path() / "config.json", text);
    const auto init = run_hullscan({"init", "--from-csslib", "config.json"}, folder.path());
    CHECK(init.exit_code == 2);
    CHECK_THAT(init.messages, Contains(words));
  }
}

TEST_CASE("everything that is wrong with a configuration of CSSlib is reported at once", "[cli][init]") {
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

  const auto by_occupancy =
      run_hullscan({"init", "--from-supercell", "mixed.cif", "--supercell", "2x2x2"}, folder.path());
  const auto by_number = run_hullscan({"init", "--from-supercell", "mixed.cif", "--supercell", "2x2x2", "--population",
                                       "Pb1:p=27", "--population", "Zn*=5", "--out", "five.toml"},
                                      folder.path());
  const auto broken = run_hullscan(
      {"init", "--from-supercell", "mixed.cif", "--supercell", "1x1x1", "--population", "Fe1=2", "--out", "none.toml"},
      folder.path());

  INFO(by_occupancy.messages << by_number.messages);
  REQUIRE(by_occupancy.exit_code == 0);
  CHECK(count(folder.path())["total"] == "906192");
  CHECK(count(folder.path())["inequivalent"] == "14509");
  REQUIRE(by_number.exit_code == 0);
  CHECK(Json::parse(run_hullscan({"count", "five.toml", "--json"}, folder.path()).output)["inequivalent"] == "3225");
  CHECK(broken.exit_code == 2);
  CHECK_THAT(broken.messages,
             Contains("these atoms are not whole numbers: 0.75 Zn, 3.25 Pb on the 4 sites of Pb1, Zn1") &&
                 Contains("Fe1: no mixed site"));
}

TEST_CASE("numbered labels of one element are one sublattice, and what is not whole is one message", "[cli][init]") {
  const TemporaryFolder folder;
  fs::copy_file(fs::path(HULLSCAN_TEST_DATA) / "structures" / "init" / "Li0.5CoO2-numbered-labels.cif",
                folder.path() / "s.cif");

  const auto broken = run_hullscan({"init", "--from-supercell", "s.cif"}, folder.path());
  const auto whole = run_hullscan({"init", "--from-supercell", "s.cif", "--supercell", "2x1x1"}, folder.path());

  CHECK(broken.exit_code == 2);
  CHECK(std::count(broken.messages.begin(), broken.messages.end(), '\n') == 1);
  CHECK_THAT(broken.messages, Contains("1.5 Li on the 3 sites of Li0, Li1, Li2"));
  INFO(whole.messages);
  REQUIRE(whole.exit_code == 0);
  CHECK(count(folder.path())["total"] == "20");  // 3 Li on 6 sites
  CHECK(count(folder.path())["spaces"][0]["space_group"] == "R-3m (166)");
}

TEST_CASE("place-holder elements of CSSlib are vacancies, in the configuration and in the structure", "[cli][init]") {
  const FolderWithWSe2 folder;
  const auto campaign_of = [&](const std::string& top, const std::string& rules, const std::string& structure) {
    fs::remove(folder.path() / "campaign.toml");
    write_file(folder.path() / "c.json", "{\"structure_filename\": \"" + structure + "\", \"supercell\": \"2x2x1\", " +
                                             top + "\"substitution\": [" + rules + "]}");
    const auto init = run_hullscan({"init", "--from-csslib", "c.json"}, folder.path());
    INFO(init.messages);
    REQUIRE(init.exit_code == 0);
    return count(folder.path());
  };
  const std::string limits = ", \"substitution_low_limit\": 0, \"substitution_high_limit\": 0.1666667";
  const std::string uranium = "{\"specie_to_substitute\": \"W\", \"substitute_with\": \"U\"" + limits;

  const Json flagged = campaign_of("", uranium + ", \"is_fictive\": true}", "WSe2.cif");
  const Json listed = campaign_of("\"fictive_atoms\": [\"U\", \"Np\"], ", uranium + "}", "WSe2.cif");
  const Json as_text = campaign_of("\"fictive_atoms\": \"Np, U\", ", uranium + "}", "WSe2.cif");
  // In the structure: selenium's places are empty but for up to 2 of 8 S.
  std::string cif = read_file(folder.path() / "WSe2.cif");
  for (auto at = cif.find(" Se "); at != std::string::npos; at = cif.find(" Se ")) cif.replace(at, 4, " U ");
  write_file(folder.path() / "holes.cif",
             std::regex_replace(cif, std::regex("_chemical_formula_sum[^\n]*\n|_cell_formula_units_Z[^\n]*\n"), ""));
  const Json holes =
      campaign_of("\"fictive_atoms\": [\"U\"], ",
                  "{\"specie_to_substitute\": \"U\", \"substitute_with\": \"S\"" + limits + "}", "holes.cif");

  CHECK(flagged["total"] == "11");  // 0, 1, 2 of 4
  for (const Json& same : {listed, as_text}) CHECK(same["spaces"] == flagged["spaces"]);
  CHECK(flagged["spaces"][0]["supercells"][0]["compositions"][0]["counts"].contains("W.Va"));
  CHECK(holes["total"] == "37");  // 1 + 8 + 28
  CHECK(holes.dump().find("\"U") == std::string::npos);
}
