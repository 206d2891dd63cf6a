/// @file
/// The tables of a campaign file besides its spaces: what is selected, run and reported, and files that are none.

#include <catch2/catch.hpp>

#include "../files.hpp"
#include "core/campaign/campaign.hpp"
#include "core/errors.hpp"

namespace hullscan {
namespace {

using Catch::Contains;

/// A campaign with these tables after its space.
std::string text_of_tables(const std::string& tables) {
  return "name = \"t\"\n[[space]]\nstructure = \"x.cif\"\n[[space.sublattice]]\nsites = \"Pb\"\n"
         "species = { Pb = \"rest\", Zn = \"0..2\" }\n" +
         tables;
}
Campaign campaign_of(const std::string& text) { return parse_campaign(text, "folder/c.toml"); }

std::string refusal_of_tables(const std::string& text) {
  try {
    (void)campaign_of(text);
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

const std::string kDft = "[dft]\ncode = \"vasp\"\nencut = 500\n";

}  // namespace

TEST_CASE("a campaign without further tables has their defaults", "[core][campaign]") {
  const Campaign campaign = campaign_of(text_of_tables(""));

  CHECK((campaign.name == "t" && campaign.seed == 0 && campaign.text == text_of_tables("")));
  CHECK_FALSE(campaign.select.has_value());
  CHECK_FALSE(campaign.dft.has_value());
  CHECK((campaign.run.executor == "local" && campaign.run.slots == 1 && campaign.run.keep == "all"));
  CHECK(campaign.run.time_limit_s == 86400);
  CHECK_FALSE(campaign.run.stall_s.has_value());
  CHECK(campaign.report.near_hull_ev_per_atom == 0.025);
}

TEST_CASE("what is selected, computed and run is what the file says", "[core][campaign]") {
  const Campaign campaign = campaign_of(text_of_tables(
      "[select]\npolicy = \"mixed\"\ninitial = 7\nper_round = 3\nrounds = 0\nasynchronous = true\n"
      "stop = { vertices_stable_rounds = 2, rmse_mev_per_atom = 4.5 }\n" +
      kDft +
      "[run]\nexecutor = \"slurm\"\nslots = 8\nkeep = \"best\"\nscan_at_most = 1e6\nstall_s = 0\nmax_core_hours = 10\n"
      "slurm = { partition = \"long\" }\n"));

  REQUIRE(campaign.select.has_value());
  const SelectSpec& select = *campaign.select;
  CHECK((select.policy == "mixed" && select.initial == 7 && select.per_round == 3 && select.rounds == 0));
  CHECK((select.asynchronous && select.stop.vertices_stable_rounds == 2 && select.stop.rmse_mev_per_atom == 4.5));
  CHECK(campaign.dft->code == "vasp");
  CHECK(campaign.dft->settings.find("encut") != nullptr);
  CHECK(campaign.dft->settings.find("code") == nullptr);
  CHECK((campaign.run.slots == 8 && campaign.run.scan_at_most == 1e6 && campaign.run.stall_s == 0.0));
  CHECK(campaign.run.max_core_hours == 10.0);
  CHECK(campaign.run.settings.find("partition") != nullptr);
}

TEST_CASE("a report's files lie in the campaign file's folder, and its energies are in eV", "[core][campaign]") {
  const Campaign campaign = campaign_of(
      text_of_tables("[report]\nreferences = \"r.csv\"\nexperiment = \"/e.csv\"\ntemperatures = [300, 1000.5]\n"
                     "working_ion = \"Li\"\nion_charge = 1\ncuts = [\"LiNiO2:CoO2\"]\npath_reference = \"Fe.Ti == 0\"\n"
                     "near_hull_mev_per_atom = 40\n"));

  CHECK(campaign.report.references == std::filesystem::path("folder/r.csv"));
  CHECK(campaign.report.experiment == std::filesystem::path("/e.csv"));
  CHECK(campaign.report.temperatures_kelvin == std::vector<double>{300, 1000.5});
  CHECK(campaign.report.working_ion == Species::from_symbol("Li"));
  CHECK(campaign.report.ion_charge == 1);
  CHECK(campaign.report.near_hull_ev_per_atom == Approx(0.04));
  CHECK(campaign.report.path_reference->terms.at(0).sublattice == "Fe");
}

TEST_CASE("tables that cannot be meant are refused with the key", "[core][campaign]") {
  for (const auto& [tables, words] : std::vector<std::pair<std::string, std::string>>{
           {"[select]\nrounds = 1\n", "select: needs a [dft] table"},
           {kDft + "[select]\npolicy = \"hull\"\n", "select.policy: expected one of"},
           {kDft + "[select]\ninitial = 0\n", "select.initial: 0, must be >= 1"},
           {kDft + "[select]\nstop = { rmse = 3 }\n", "select.stop.rmse: unknown key"},
           {"[dft]\nencut = 500\n", "dft.code: missing"},
           {"[[surrogate]]\npairs = 6\n", "surrogate.kind: missing"},
           {"[run]\nscan_at_most = 10\n", "run.scan_at_most: needs keep = \"best\""},
           {"[run]\nsearch_nodes = 10\n", "run.search_nodes: needs keep = \"best\""},
           {"[run]\nslots = 0\n", "run.slots: 0, must be >= 1"},
           {"[report]\ntemperatures = [300, 0]\n", "report.temperatures: 0 K, must be at least 1"},
           {"[report]\ncuts = [\"LiNiO2\"]\n", "report.cuts: expected two formulas"},
           {"[report]\ncuts = [\"LiNiO2:\"]\n", "report.cuts: expected two formulas"},
           {"[report]\nion_charge = 9\n", "report.ion_charge: 9, must be <= 8"},
           {"[report]\npath_reference = \"Fe.Ti\"\n", "constraint \"Fe.Ti\", character 6: expected =="},
           {"[reports]\n", "reports: unknown key (did you mean \"report\"?)"}}) {
    INFO(tables);
    CHECK_THAT(refusal_of_tables(text_of_tables(tables)), Contains(words));
  }
}

TEST_CASE("all problems of a campaign file are said at once, in the order of the file", "[core][campaign]") {
  const std::string message = refusal_of_tables(
      "seed = -1\n[[space]]\nsupercell = [0, 1, 1]\n[[space.sublattice]]\nsites = \"Pb\"\nspecies = { Pb = \"some\" }\n"
      "[run]\nslots = 0\n");

  std::size_t at = 0;
  for (const char* problem : {"name: missing", "c.toml:1:8: seed: -1, must be >= 0", "space.structure: missing",
                              "c.toml:3:13: space.supercell: expected", "c.toml:6:18: space.sublattice.species.Pb",
                              "c.toml:8:9: run.slots: 0, must be >= 1"}) {
    INFO(message);
    INFO(problem);
    const std::size_t found = message.find(problem);
    REQUIRE(found != std::string::npos);
    CHECK(found >= at);
    at = found;
  }
  CHECK_THAT(refusal_of_tables("name = \"t\"\n"), Contains("space: missing: at least one [[space]]"));
  CHECK_THAT(refusal_of_tables("name = \"t\"\n[[space]]\nstructure = \"x\"\n"), Contains("space.sublattice: missing"));
}

TEST_CASE("what is no campaign file is refused by its name", "[core][campaign]") {
  const test::TemporaryFolder folder;
  CHECK_THROWS_WITH(read_campaign(folder.path()), Contains("is a directory, expected a campaign file"));
  CHECK_THROWS_WITH(read_campaign(folder.path() / "none.toml"), Contains("none.toml: cannot be read"));
  test::write_file(folder.path() / "c.toml", text_of_tables(""));
  CHECK(read_campaign(folder.path() / "c.toml").spaces.at(0).structure == folder.path() / "x.cif");
}

TEST_CASE("a restricted space has a judge that knows its species and is not restricted itself", "[core][campaign]") {
  const auto with = [](const std::string& restriction, const std::string& species, const std::string& by_itself = "") {
    return text_of_tables("[[space]]\nname = \"more\"\nstructure = \"x.cif\"\nrestrict = " + restriction +
                          "\n[[space.sublattice]]\nsites = \"Pb\"\nspecies = { " + species + " }\n" + by_itself);
  };
  const Campaign good = campaign_of(with("{ by = \"space1\", keep = 2, within_mev = 250 }", "Pb = \"rest\", Zn = 1"));
  const RestrictSpec& rule = good.spaces.at(1).restricted.value();
  CHECK((rule.by == "space1" && rule.keep == 2 && rule.within_ev_per_site == 0.25));

  const std::string zinc = "Pb = \"rest\", Zn = 1";
  CHECK_THAT(refusal_of_tables(with("{ by = \"space1\" }", zinc)), Contains("expected keep = N"));
  CHECK_THAT(refusal_of_tables(with("{ keep = 1 }", zinc)), Contains("space.restrict.by: missing"));
  CHECK_THAT(refusal_of_tables(with("{ by = \"space2\", keep = 1 }", zinc)), Contains("did you mean \"space1\"?"));
  CHECK_THAT(refusal_of_tables(with("{ by = \"more\", keep = 1 }", zinc)), Contains("is restricted itself"));
  CHECK_THAT(refusal_of_tables(with("{ by = \"space1\", keep = 1 }", "Pb = \"rest\", Cd = 1")),
             Contains("\"space1\" has no Pb.Cd and cannot judge it"));
}

}  // namespace hullscan
