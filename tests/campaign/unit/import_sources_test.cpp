// What results from elsewhere look like: each source on files as its program writes them.
#include <catch2/catch.hpp>

#include "campaign/import/ase_json.hpp"
#include "campaign/import/energy_table.hpp"
#include "campaign/import/result_source.hpp"
#include "campaign/import/settings_check.hpp"
#include "small_campaign.hpp"

using namespace hullscan;
using namespace hullscan::test;
using Catch::Contains;

namespace {

const fs::path kData = fs::path(HULLSCAN_TEST_DATA) / "import";

class SourceFolder : public TemporaryFolder {
 public:
  [[nodiscard]] Reading read(const std::string& name, const std::string& text) const {
    write_file(path() / name, text);
    return read_path(path() / name);
  }
  static Reading read_path(const fs::path& path, bool trust = false) {
    Reading reading;
    read_results(path, {trust}, reading);
    return reading;
  }
};

const std::string kPoscar = "Al Ni\n4.0\n1 0 0\n0 1 0\n0 0 1\nAl Ni\n1 1\nDirect\n0 0 0\n0.5 0.5 0.5\n";

TEST_CASE("extended XYZ is read by its content, under the names that programs give energies", "[import][source]") {
  const std::string body = " Properties=species:S:1:pos:R:3\nAl 0 0 0\n", cell = "1\nLattice=\"0 2 2 2 0 2 2 2 0\" ";
  const Reading reading = SourceFolder().read(
      "results.txt", cell + "energy=-3.5 name=first" + body + cell + "Total_Energy=-3.25" + body + cell +
                         "REF_energy=-3" + body + cell + "spin=2" + body + cell + "energy=nan" + body);
  REQUIRE(reading.results.size() == 3);
  CHECK(reading.results[0].energy_ev == -3.5);
  CHECK(reading.results[0].id == "first");
  CHECK(reading.results[1].energy_ev == -3.25);
  CHECK(reading.results[2].energy_ev == -3);
  REQUIRE(reading.left_out.size() == 2);
  CHECK_THAT(reading.left_out[0].reason, Contains("no energy=") && Contains("spin"));
  CHECK_THAT(reading.left_out[1].reason, Contains("\"nan\""));
}

TEST_CASE("databases of ASE are read, SQLite and JSON alike", "[import][source]") {
  // The numbers are those of tests/data/import/README.md.
  for (const char* name : {"ase.db", "ase.json"}) {
    INFO(name);
    const Reading reading = SourceFolder::read_path(kData / name);
    REQUIRE(reading.results.size() == 3);
    CHECK(reading.results[0].id == "al (row 1)");
    CHECK(reading.results[0].energy_ev == -3);
    CHECK(reading.results[0].structure->lattice.volume_cubic_angstrom() == Approx(4.05 * 4.05 * 4.05 / 4));
    CHECK(reading.results[2].composition == Composition::from_formula("Al2Ni2"));
    CHECK(reading.results[2].energy_ev == -14.4);
    REQUIRE(reading.left_out.size() == 1);
    CHECK_THAT(reading.left_out[0].reason, Contains("no cell") || Contains("volume") || Contains("not periodic"));
  }
}

TEST_CASE("SQLite that is no database of ASE is refused with words", "[import][source]") {
  const CalculatedCampaign campaign;
  CHECK_THAT(refusal<FormatError>([&] { (void)SourceFolder::read_path(campaign.directory() / "campaign.db"); }),
             Contains("no database of ASE"));
}

TEST_CASE("pymatgen's entries bring their structures, bare or in a phase diagram", "[import][source]") {
  const std::string structure =
      R"({"@class": "Structure", "lattice": {"matrix": [[4, 0, 0], [0, 4, 0], [0, 0, 4]]}, "sites": [
          {"species": [{"element": "Al", "occu": 1}], "abc": [0, 0, 0]},
          {"species": [{"element": "Ni0+", "occu": 1}], "xyz": [2, 2, 2]}]})";
  const std::string entry = R"({"@class": "ComputedStructureEntry", "entry_id": "a", "energy": -14.4,
      "composition": {"Al": 2, "Ni": 2}, "parameters": {"run_type": "GGA"}, "structure": )" +
                            structure + "}";
  for (const std::string& text : {"[" + entry + "]", R"({"@class": "PhaseDiagram", "all_entries": [)" + entry + "]}"}) {
    const Reading reading = SourceFolder().read("entries", text);
    REQUIRE(reading.results.size() == 1);
    const ForeignResult& result = reading.results[0];
    CHECK(result.structure->atom_count() == 2);
    CHECK(result.energy_ev == Approx(-7.2));  // of the structure, half of what is written
    CHECK(result.keys.at("functional") == "PBE");
    CHECK((result.structure->positions[1].x - Eigen::Vector3d::Constant(0.5)).norm() < 1e-12);
  }
}

TEST_CASE("a structure of another composition, or a mixed site, is a problem of the file", "[import][source]") {
  const auto refused = [](const std::string& composition, const std::string& occupancy) {
    return refusal<InputError>([&] {
      (void)SourceFolder().read("e.json", R"([{"entry_id": "a", "energy": -1, "composition": )" + composition +
                                              R"(, "structure": {"lattice": {"matrix": [[4,0,0],[0,4,0],[0,0,4]]},
          "sites": [{"species": [{"element": "Al", "occu": )" +
                                              occupancy + R"(}], "abc": [0, 0, 0]}]}}])");
    });
  };
  CHECK_THAT(refused(R"({"Ni": 1})", "1"), Contains("its structure is Al"));
  CHECK_THAT(refused(R"({"Al": 1})", "0.5"), Contains("not wholly occupied"));
}

TEST_CASE("formation energies are left out, since total energies cannot be made of them", "[import][source]") {
  const Reading reading = SourceFolder().read("e.json", R"([{"id": "a", "formula": "AlNi",
      "formation_energy_per_atom": -0.5}])");
  CHECK(reading.results.empty());
  REQUIRE(reading.left_out.size() == 1);
  CHECK_THAT(reading.left_out[0].reason, Contains("formation energy"));
}

TEST_CASE("a table of structure files is read whatever separates it and whatever its columns are called",
          "[import][source][csv]") {
  const std::vector<std::pair<std::string, double>> tables = {
      {"structure,energy\na.vasp,-7.2\n", -7.2},
      {"energy;file\n-7,2;a.vasp\n", -7.2},
      {"ID\tPath\tE_tot [eV]\nx\ta.vasp\t-7.2\n", -7.2},
      {"\xef\xbb\xbfname,cif,Energy (eV/atom)\nx,a.vasp,-3.6\n", -7.2},
      {"sep=;\npath;energy_per_atom\n\"a.vasp\";-3,6\n", -7.2},
      {"structure,energy_meV_per_atom\r\na.vasp,-3600\r\n", -7.2},
      {",structure,Total energy (meV)\n0,a.vasp,-7200\n", -7.2}};
  const SourceFolder folder;
  write_file(folder.path() / "a.vasp", kPoscar);
  for (const auto& [table, energy] : tables) {
    INFO(table);
    const Reading reading = folder.read("t.csv", table);
    REQUIRE(reading.results.size() == 1);
    CHECK(reading.results[0].energy_ev == Approx(energy));
    CHECK(reading.results[0].composition == Composition::from_formula("AlNi"));
  }
}

TEST_CASE("a table without the right columns or numbers is refused, every problem by its place",
          "[import][source][csv]") {
  const auto refused = [](const std::string& text) {
    return refusal<InputError>([&] { (void)parse_energy_table(text, "t.csv"); });
  };
  CHECK_THAT(refused("a,b\n1,2\n"), Contains("t.csv:1:1") && Contains("structure files") && Contains("called energy") &&
                                        Contains("found: a, b"));
  CHECK_THAT(refused("file,formation_energy\nx,1\n"), Contains("formation energies cannot"));
  CHECK_THAT(refused("file,energy (Ry)\nx,1\n"), Contains("none of eV, meV"));
  CHECK_THAT(refused("file,energy,E0\nx,1,1\n"), Contains("both say the same"));
  CHECK_THAT(refused("file,energy\nx,one\n,1\ny\n"),
             Contains("t.csv:2:3") && Contains("found \"one\"") && Contains("t.csv:3:1") && Contains("t.csv:4"));
  CHECK_THAT(refused("file,energy\n"), Contains("no line below it"));
}

TEST_CASE("a file that a table names and that is not there is left out, the others are read", "[import][source][csv]") {
  const SourceFolder folder;
  write_file(folder.path() / "a.vasp", kPoscar);
  const Reading reading = folder.read("t.csv", "file,energy\nmissing.cif,-1\na.vasp,-7.2\n");
  CHECK(reading.results.size() == 1);
  REQUIRE(reading.left_out.size() == 1);
  CHECK_THAT(reading.left_out[0].name, Contains("t.csv:2"));
}

TEST_CASE("another campaign gives its results with their settings", "[import][source]") {
  const Reading reading = SourceFolder::read_path(CalculatedCampaign().directory());
  CHECK(reading.results.size() == 10);
  CHECK(reading.results[0].keys.at("method") == "mean field");
  CHECK(reading.results[0].verdict == ImportVerdict::kJudged);
}

TEST_CASE("calculations in a folder are found and judged, and trusted only when asked", "[import][source]") {
  const fs::path outputs = fs::path(HULLSCAN_TEST_DATA) / "vasp_outputs";
  const Reading judged = SourceFolder::read_path(outputs), trusted = SourceFolder::read_path(outputs, true);
  CHECK_FALSE(judged.results.empty());
  CHECK_FALSE(judged.left_out.empty());
  for (const ForeignResult& result : judged.results) CHECK(result.verdict == ImportVerdict::kJudged);
  CHECK(trusted.results.size() > judged.results.size());
  CHECK(trusted.results.size() + trusted.left_out.size() == judged.results.size() + judged.left_out.size());
  CHECK_THAT(judged.left_out[0].reason, Contains("not accepted") || Contains("--trust"));
}

TEST_CASE("what holds no results is refused with what could be read", "[import][source]") {
  const SourceFolder folder;
  CHECK_THAT(refusal<InputError>([&] { (void)folder.read("x", "hello\n"); }),
             Contains("no results that can be recognised") && Contains("CSV"));
  fs::create_directories(folder.path() / "empty");
  CHECK_THAT(refusal<InputError>([&] { (void)SourceFolder::read_path(folder.path() / "empty"); }),
             Contains("neither a campaign directory"));
  CHECK_THAT(refusal<InputError>([&] { (void)SourceFolder::read_path(folder.path() / "absent"); }),
             Contains("no such file"));
}

class CampaignSettings {
 public:
  [[nodiscard]] std::vector<std::string> differing(const std::map<std::string, std::string>& keys,
                                                   const std::vector<std::string>& stated = {}) const {
    const SettingsCheck check(hull_keys, settings, parse_stated_settings(stated));
    ForeignResult result;
    result.composition = Composition::from_formula("Fe2O3");
    result.keys = keys;
    std::vector<std::string> names;
    for (const auto& difference : check.differences(result)) names.push_back(difference.key);
    return names;
  }
  std::map<std::string, std::string> hull_keys = {{"code", "vasp"},        {"functional", "PBE"},
                                                  {"ENCUT", "520"},        {"hubbard_u.Fe", "4"},
                                                  {"hubbard_u.Ni", "6.2"}, {"potcar.Fe", "0123"}};
  DftSettings settings{"vasp", {{"potcar_titel.Fe", "PAW_PBE Fe_pv 02Aug2007"}}};
};

TEST_CASE("settings agree by value, whatever the spelling; elements that are absent do not matter",
          "[import][settings]") {
  const CampaignSettings campaign;
  using Names = std::vector<std::string>;
  CHECK(campaign
            .differing({{"code", "VASP"},
                        {"functional", "pbe"},
                        {"encut", "520.0"},
                        {"U.Fe", "4.0"},
                        {"pseudopotential.Fe", "PBE Fe_pv"}})
            .empty());
  CHECK(campaign.differing({{"code", "vasp"}, {"functional", "PBEsol"}}, {"same"}) == Names{"functional"});
  CHECK(campaign.differing({{"code", "vasp"}}, {"ENCUT=400, functional=PBE"}) == Names{"ENCUT"});
  CHECK(campaign.differing({{"code", "vasp"}, {"vdw_corr", "dft-d3"}}, {"same"}) == Names{"vdw_corr"});
  CHECK(campaign.differing({{"code", "vasp"}, {"U.Ni", "3"}}, {"same"}).empty());
  CHECK(campaign.differing({{"code", "vasp"}}) == Names{"ENCUT", "functional", "hubbard_u.Fe", "potcar.Fe"});
}

TEST_CASE("settings that a person states are a list of KEY=VALUE", "[import][settings]") {
  CHECK(parse_stated_settings({"functional=PBE, ecutwfc = 60"}).values ==
        std::map<std::string, std::string>{{"functional", "PBE"}, {"ecutwfc", "60"}});
  CHECK_FALSE(parse_stated_settings({}).given);
  for (const char* wrong : {"PBE", "=PBE", "functional=", "a=1,,b=2", "a=1,a=2", ""})
    CHECK_THROWS_AS(parse_stated_settings({wrong}), InputError);
}

}  // namespace
