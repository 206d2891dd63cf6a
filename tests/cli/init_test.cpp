/// @file
/// `init`: whatever the labels of a structure file, a campaign that check and count accept, in the file's own symmetry.

#include <catch2/catch.hpp>
#include <regex>
#include <sstream>

#include "../program.hpp"
#include "../shared_data.hpp"
#include "core/json.hpp"

using namespace hullscan::test;
using Catch::Contains;
using hullscan::Json;

namespace {

const fs::path kStructures = fs::path(HULLSCAN_TEST_DATA) / "structures" / "init";

/// A folder with one structure file, in which init is run with `options`.
struct Started : TemporaryFolder {
  ProgramResult init, check;
  Json count;

  Started(const std::string& name, const std::string& text, const std::vector<std::string>& options = {}) {
    write_file(path() / name, text);
    std::vector<std::string> arguments = {"init", name};
    arguments.insert(arguments.end(), options.begin(), options.end());
    init = run_hullscan(arguments, path());
    UNSCOPED_INFO(init.messages);
    if (init.exit_code != 0) return;
    UNSCOPED_INFO(campaign());
    check = run_hullscan({"check", "campaign.toml"}, path());
    UNSCOPED_INFO(check.messages);
    const auto counted = run_hullscan({"count", "campaign.toml", "--json"}, path());
    if (counted.exit_code == 0) count = Json::parse(counted.output);
  }
  explicit Started(const fs::path& file, const std::vector<std::string>& options = {})
      : Started(file.filename().string(), read_file(file), options) {}

  [[nodiscard]] std::string campaign() const { return read_file(path() / "campaign.toml"); }
  [[nodiscard]] std::string group() const { return count["spaces"][0]["space_group"]; }
};

std::string cif(const std::string& sites, const std::string& symmetry = "P 1") {
  return "data_x\n_symmetry_space_group_name_H-M '" + symmetry +
         "'\n_cell_length_a 4\n_cell_length_b 4\n_cell_length_c 4\n_cell_angle_alpha 90\n_cell_angle_beta 90\n"
         "_cell_angle_gamma "
         "90\nloop_\n_atom_site_label\n_atom_site_type_symbol\n_atom_site_fract_x\n_atom_site_fract_y\n"
         "_atom_site_fract_z\n_atom_site_occupancy\n" +
         sites;
}

}  // namespace

TEST_CASE("numbered labels with the same occupants vary as one sublattice: R-3m and 4, not P3m1 and 8", "[cli][init]") {
  const Started started(kStructures / "Li0.5CoO2-numbered-labels.cif");

  REQUIRE(started.check.exit_code == 0);
  CHECK_THAT(started.campaign(), Contains("sites = \"Li\" "));
  CHECK(started.group() == "R-3m (166)");
  // Three layers that translations make alike: 0, 1, 2 or 3 of them filled.
  CHECK(started.count["total"] == "8");
  CHECK(started.count["inequivalent"] == "4");
}

TEST_CASE("five metals on the sites of fcc, each site with five labels, are one sublattice of Fm-3m", "[cli][init]") {
  const Started started(kStructures / "five-metals-fcc.cif");

  REQUIRE(started.check.exit_code == 0);
  CHECK(started.group() == "Fm-3m (225)");
  CHECK(started.count["total"] == "625");  // 5^4
}

TEST_CASE("labels that are elements on two unlike mixed sites are distinguished", "[cli][init]") {
  const Started started(kStructures / "spinel-labels-are-elements.cif");

  REQUIRE(started.check.exit_code == 0);
  CHECK(started.group() == "Fd-3m (227)");
  CHECK_THAT(started.campaign(), Contains("8 × 0.84 Al + 0.16 Ni") && Contains("16 × 0.58 Al + 0.42 Ni"));
  CHECK(started.count["total"] == "16777216");  // 2^24
}

TEST_CASE("fourteen half-occupied sites are one sublattice, not 2 million combinations", "[cli][init]") {
  const Started started(kStructures / "fourteen-half-sites.cif");

  REQUIRE(started.check.exit_code == 0);
  CHECK(started.count["total"] == "268435456");  // 2^28
}

TEST_CASE("where ranges would be too many compositions the file's own is written, and said", "[cli][init]") {
  std::string sites;
  for (int i = 0; i < 14; ++i) {
    const double x = 0.05 + 0.06 * i;
    sites += "O" + std::to_string(i) + " O " + std::to_string(x) + " " + std::to_string(0.9 - x) + " 0.1" +
             std::to_string(i) + " 0." + std::to_string(30 + i) + "\n";
  }
  const Started started("s.cif", cif(sites), {"--supercell", "2x1x1"});

  REQUIRE(started.check.exit_code == 0);
  CHECK_THAT(started.init.messages, Contains("the file's own is written, rounded to whole atoms"));
  CHECK(started.count["spaces"][0]["supercells"][0]["compositions"].size() == 1);
}

TEST_CASE("sites of one label with unlike occupants are listed apart and named by their numbers where nothing else can",
          "[cli][init]") {
  const Started started("s.cif",
                        cif("M Fe 0 0 0 0.5\nM Co 0 0 0 0.5\nM Fe 0.5 0.41 0.37 0.25\nM Co 0.5 0.41 0.37 0.75\n"
                            "O1 O 0.21 0.13 0.6 1\nO2 O 0.7 0.8 0.15 1\n"));

  REQUIRE(started.check.exit_code == 0);
  CHECK_THAT(started.campaign(), Contains("1 × 0.5 Fe + 0.5 Co   #1") && Contains("1 × 0.25 Fe + 0.75 Co   #2") &&
                                     Contains("sites = \"#2\""));
  CHECK(started.count["total"] == "4");
}

TEST_CASE("--vary takes all labels of an element, joins what overlaps and varies the other mixed sites too",
          "[cli][init]") {
  const std::string sites =
      "Li0 Li 0 0 0 0.5\nLi1 Li 0.5 0.5 0.5 1\nM Fe 0.5 0 0 0.5\nM Co 0.5 0 0 0.5\nO1 O 0 0.5 0.1 1\n";

  const Started lithium("s.cif", cif(sites), {"--vary", "Li=Na"});
  const Started metals("s.cif", cif(sites), {"--vary", "Fe=Ni", "--vary", "Co=Mn"});

  REQUIRE(lithium.check.exit_code == 0);
  CHECK(lithium.count["total"] == "18");  // Li, Na or nothing on two sites, Fe or Co on one
  REQUIRE(metals.check.exit_code == 0);
  CHECK(metals.count["total"] == "8");  // Fe, Co, Ni, Mn on one site, Li or nothing on another
}

TEST_CASE("an ordered crystal gives a campaign of one configuration, and what to do is said", "[cli][init]") {
  const Started started(kStructures / "MoS2-three-digits.vasp");

  REQUIRE(started.check.exit_code == 0);
  CHECK(started.count["total"] == "1");
  CHECK_THAT(started.init.messages, Contains("no site of the file is mixed") && Contains("--vary"));
}

TEST_CASE("quotes and blanks in names of files and labels are written so that they are read again", "[cli][init]") {
  const Started started("a \"b\" \\c.cif",
                        cif("'Fe Co' Fe 0 0 0 0.5\n'Fe Co' Co 0 0 0 0.5\n\"O'1\" O 0.5 0.5 0.5 0.5\n"));

  REQUIRE(started.check.exit_code == 0);
  CHECK(started.count["total"] == "4");
}

TEST_CASE("a campaign that cannot be counted is refused without naming a file that was never written", "[cli][init]") {
  const Started started("s.cif", cif("Fe Fe 0 0 0 1\n"), {"--vary", "Fe=Co", "--supercell", "900x900x900"});

  CHECK(started.init.exit_code == 2);
  CHECK_THAT(started.init.messages, Contains("s.cif: no campaign is written"));
  CHECK_THAT(started.init.messages, !Contains("campaign.toml"));
  CHECK_FALSE(fs::exists(started.path() / "campaign.toml"));
}

TEST_CASE("a looser tolerance with a larger group is said, with both counts", "[cli][init][symprec]") {
  // 3 K on the 16 Na sites of the 2 x 2 x 1 cell. pymatgen's structure matcher finds 10 in the ideal crystal.
  const Started noise(kStructures / "NaCl-0.003A-off.vasp", {"--vary", "Na=K", "--supercell", "2x2x1"});
  std::string text = noise.campaign();
  text.replace(text.find("0%..100%"), 8, "3..3");
  write_file(noise.path() / "campaign.toml", text);

  const auto count = run_hullscan({"count", "campaign.toml"}, noise.path());
  const Json json = Json::parse(run_hullscan({"count", "campaign.toml", "--json"}, noise.path()).output);
  const auto check = run_hullscan({"check", "campaign.toml"}, noise.path());
  const auto enumerated = run_hullscan({"enumerate", "campaign.toml", "--discard"}, noise.path());
  const auto run = run_hullscan({"run", "campaign.toml", "--dir", "d"}, noise.path());
  text.replace(text.find("1e-3"), 4, "0.01");
  write_file(noise.path() / "loose.toml", text);
  const Json loose = Json::parse(run_hullscan({"count", "loose.toml", "--json"}, noise.path()).output);

  const std::string sentence = "at symprec 0.01 Å it would be Fm-3m (225), 10 instead of 92 inequivalent";
  CHECK_THAT(noise.init.messages, Contains("at symprec 0.01 Å it would be Fm-3m (225)"));
  CHECK_THAT(count.output, Contains(sentence));
  CHECK_THAT(check.output, Contains(sentence));
  CHECK_THAT(enumerated.messages, Contains(sentence));
  CHECK_THAT(run.messages, Contains(sentence));
  CHECK(json["inequivalent"] == "92");
  CHECK(json["spaces"][0]["looser_symmetry"] ==
        Json({{"symprec_angstrom", 0.01}, {"space_group", "Fm-3m (225)"}, {"inequivalent", "10"}}));
  CHECK(loose["inequivalent"] == "10");
  CHECK_FALSE(loose["spaces"][0].contains("looser_symmetry"));
}

TEST_CASE("init --symprec writes the tolerance: 1/3 with three digits is P-6m2 at 0.01 Å", "[cli][init][symprec]") {
  const std::vector<std::string> vary = {"--vary", "S=Se", "--supercell", "3x3x1"};
  const Started tight(kStructures / "MoS2-three-digits.vasp", vary);
  std::vector<std::string> options = vary;
  options.insert(options.end(), {"--symprec", "0.01"});
  const Started loose(kStructures / "MoS2-three-digits.vasp", options);

  CHECK(tight.count["inequivalent"] == "7700");
  CHECK(tight.count["spaces"][0]["looser_symmetry"]["inequivalent"] == "2892");
  CHECK(loose.group() == "P-6m2 (187)");
  CHECK(loose.count["inequivalent"] == "2892");
}

TEST_CASE("what init writes passes check and count for the files of a corpus that it reads", "[.][long][init]") {
  if (!have_shared_data("cif-corpus")) return;
  const TemporaryFolder folder;
  REQUIRE(std::system(
              ("tar xzf " + (shared_data() / "cif-corpus" / "cif.tar.gz").string() + " -C " + folder.path().string())
                  .c_str()) == 0);
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder.path())) {
    if (entry.path().extension() == ".cif") files.push_back(entry.path());
  }
  int written = 0;
  for (const fs::path& file : files) {
    const std::string campaign = file.filename().string() + ".toml";
    const auto init = run_hullscan({"init", file.filename().string(), "--out", campaign}, folder.path());
    INFO(file << ": " << init.messages);
    CHECK((init.exit_code == 0 || init.exit_code == 3));  // 3: the structure file itself is refused
    if (init.exit_code != 0) continue;
    ++written;
    const auto check = run_hullscan({"check", campaign}, folder.path());
    INFO(check.messages);
    CHECK(check.exit_code == 0);
    CHECK(run_hullscan({"count", campaign}, folder.path()).exit_code == 0);
  }
  CHECK(written > 300);
}

TEST_CASE("after init and run an ionic crystal is ranked, by charges that are marked as guesses", "[cli][init]") {
  const Started started(fs::path(HULLSCAN_TEST_DATA) / "structures" / "LiCoO2-R-3m-hex.cif", {"--vary", "Li=Va"});
  REQUIRE(started.check.exit_code == 0);
  CHECK_THAT(started.campaign(), Contains("[[surrogate]]\nkind = \"electrostatic\"\n"));
  std::istringstream lines(started.campaign());
  std::size_t charges = 0;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("oxidation.")) continue;
    ++charges;
    CHECK_THAT(line, Contains("# a guess"));
  }
  CHECK(charges == 3);

  const auto run = run_hullscan({"run", "campaign.toml", "--dir", "d"}, started.path());

  CHECK(run.exit_code == 0);
  CHECK_THAT(run.output, Contains("the best by the model") && Contains("predicted, space1"));
  CHECK_THAT(read_file(started.path() / "d" / "report" / "hull.csv"), Contains(",predicted,-"));
}

TEST_CASE("init writes no model for an alloy, and says why", "[cli][init]") {
  const Started started(fs::path(HULLSCAN_TEST_DATA) / "structures" / "NiAl-B2.vasp", {"--vary", "Ni=Al"});

  REQUIRE(started.check.exit_code == 0);
  CHECK_THAT(started.campaign(), Contains("# No [[surrogate]] is written") && !Contains("\n[[surrogate]]"));
  CHECK_THAT(started.campaign(),
             Contains("# model = \"") ||
                 Contains("No OpenKIM potential that is installed has all of these elements in its name"));
  CHECK_THAT(started.init.messages, Contains("--supercell 2x2x2 makes 8"));
}

TEST_CASE("a model takes the charges that it does not name from the space, and refuses several of one species",
          "[cli][init]") {
  const Started started(fs::path(HULLSCAN_TEST_DATA) / "structures" / "LiCoO2-R-3m-hex.cif", {"--vary", "Li=Va"});
  std::string text = started.campaign();
  text = text.substr(0, text.find("# A first ranking"));
  const auto space = text.find("symprec");
  const auto check = [&](const std::string& of_space, const std::string& of_model) {
    std::string campaign = text;
    campaign.insert(space, "oxidation = { " + of_space + " }\n");
    write_file(started.path() / "c.toml", campaign + "[[surrogate]]\nkind = \"electrostatic\"\n" + of_model);
    return run_hullscan({"check", "c.toml"}, started.path());
  };

  CHECK(check("Li = 1, Co = 3, O = -2", "").exit_code == 0);
  CHECK(check("Li = 1, Co = [3, 4], O = -2", "oxidation = { Co = 3.5 }\n").exit_code == 0);
  CHECK(check("Li = 1, O = -2, Mn = [2, 3]", "oxidation = { Co = 3 }\n").exit_code == 0);
  const auto several = check("Li = 1, Co = [3, 4], O = -2", "");
  CHECK(several.exit_code == 2);
  CHECK_THAT(several.messages, Contains("Co has several states (3, 4)") && Contains("oxidation = { Co = 4 }"));
  CHECK_THAT(check("Li = 1, Co = 3", "").messages, Contains("O has none"));
}
