/// @file
/// Bad input: one clear message, the right exit code, nothing half-written.

#include <catch2/catch.hpp>

#include <algorithm>
#include <iostream>

#include "../program.hpp"

using namespace hullscan::test;
using Catch::Contains;

namespace {

const std::string kFcc = read_file(fs::path(HULLSCAN_CAMPAIGNS) / "al-ni" / "fcc.cif");

const std::string kSpace = R"([[space]]
structure = "fcc.cif"
supercell = [2, 2, 2]
)";

const std::string kSublattice = R"([[space.sublattice]]
sites = "M1"
species = { Al = "rest", Ni = "0..2" }
)";

/// A campaign folder with fcc.cif and this campaign.toml.
class Folder : public TemporaryFolder {
 public:
  explicit Folder(const std::string& campaign) {
    write_file(path() / "fcc.cif", kFcc);
    write_file(path() / "campaign.toml", campaign);
  }
};

}  // namespace

TEST_CASE("every problem of a campaign file is reported at once with file, line and column", "[cli][bad-input]") {
  const Folder folder("name = \"x\"\nsed = 7\n" + kSpace + "symprec = -1\nvolum = 3\n" + kSublattice +
                      "[select]\npolicy = \"best\"\ninitial = 0\n");

  const auto result = run_hullscan({"check", "campaign.toml"}, folder.path());

  CHECK(result.exit_code == 2);
  CHECK(result.output.empty());
  CHECK_THAT(result.messages, Contains("campaign.toml:2:1: sed: unknown key (did you mean \"seed\"?)"));
  CHECK_THAT(result.messages, Contains("campaign.toml:6:11: space.symprec: -1, must be >= 1e-08"));
  CHECK_THAT(result.messages, Contains("campaign.toml:7:1: space.volum: unknown key (did you mean \"volume\"?)"));
  CHECK_THAT(result.messages, Contains("campaign.toml:12:10: select.policy: expected one of"));
  CHECK_THAT(result.messages, Contains("campaign.toml:13:11: select.initial: 0, must be >= 1"));
}

TEST_CASE("a syntax error names its place", "[cli][bad-input]") {
  const Folder folder("name = \"x\"\nseed = = 3\n");

  const auto result = run_hullscan({"count", "campaign.toml"}, folder.path());

  CHECK(result.exit_code == 2);
  CHECK_THAT(result.messages, Contains("campaign.toml:2:") && Contains("syntax error"));
}

TEST_CASE("a missing structure file ends with exit code 3 and its name", "[cli][bad-input]") {
  const Folder folder("name = \"x\"\n[[space]]\nstructure = \"nowhere.cif\"\n" + kSublattice);

  const auto result = run_hullscan({"count", "campaign.toml"}, folder.path());

  CHECK(result.exit_code == 3);
  CHECK_THAT(result.messages, Contains("nowhere.cif"));
}

TEST_CASE("two atoms on one place and occupancies above 1 are refused with exit code 3", "[cli][bad-input]") {
  Folder folder("name = \"x\"\n" + kSpace + kSublattice);
  std::string doubled = kFcc + "M2 Ni 0.01 0 0 1\n";
  write_file(folder.path() / "fcc.cif", doubled);
  const auto close = run_hullscan({"count", "campaign.toml"}, folder.path());
  std::string overfull = kFcc;
  overfull.replace(overfull.rfind("0 0 0 1"), 7, "0 0 0 1.3");
  write_file(folder.path() / "fcc.cif", overfull);
  const auto above = run_hullscan({"count", "campaign.toml"}, folder.path());

  CHECK(close.exit_code == 3);
  CHECK_THAT(close.messages, Contains("M1") && Contains("M2"));
  CHECK(above.exit_code == 3);
  CHECK_THAT(above.messages, Contains("1.3"));
}

TEST_CASE("a sublattice that matches nothing lists the labels there are", "[cli][bad-input]") {
  const Folder folder("name = \"x\"\n" + kSpace +
                      "[[space.sublattice]]\nsites = \"Q7\"\nspecies = { Al = \"rest\", Ni = 1 }\n");

  const auto result = run_hullscan({"count", "campaign.toml"}, folder.path());

  CHECK(result.exit_code == 2);
  CHECK_THAT(result.messages, Contains("campaign.toml:6:") && Contains("Q7") && Contains("M1"));
}

TEST_CASE("counts that cannot be met are refused with the number of sites", "[cli][bad-input]") {
  const Folder folder("name = \"x\"\n" + kSpace +
                      "[[space.sublattice]]\nsites = \"M1\"\nspecies = { Al = \"rest\", Ni = 99 }\n");

  const auto result = run_hullscan({"count", "campaign.toml"}, folder.path());

  CHECK(result.exit_code == 2);
  CHECK_THAT(result.messages, Contains("99") && Contains("32"));
}

TEST_CASE("pseudopotentials of the wrong element and of another functional are both reported", "[cli][bad-input]") {
  if (!fs::exists("/usr/share/espresso/pseudo/Cu.pz-d-rrkjus.UPF")) {
    std::cout << "SKIPPED: Debian's quantum-espresso-data is not installed\n";
    return;
  }
  const Folder folder(
      "name = \"x\"\n" + kSpace + kSublattice +
      "[dft]\ncode = \"quantum-espresso\"\npseudo_dir = \"/usr/share/espresso/pseudo\"\n"
      "pseudopotentials = { Al = \"Cu.pz-d-rrkjus.UPF\", Ni = \"Ni.pbe-nd-rrkjus.UPF\" }\nfunctional = \"LDA\"\n"
      "ecutwfc = 20\nkpoint_spacing = 0.4\n");

  const auto result = run_hullscan({"run", "campaign.toml"}, folder.path());

  CHECK(result.exit_code == 2);
  CHECK_THAT(result.messages, Contains("Cu.pz-d-rrkjus.UPF") && Contains("Ni.pbe-nd-rrkjus.UPF"));
  CHECK_FALSE(fs::exists(folder.path() / "x.hullscan"));
}

TEST_CASE("a program that is not installed is named with its package", "[cli][bad-input]") {
  if (!fs::exists("/usr/share/espresso/pseudo/Al.pz-vbc.UPF")) {
    std::cout << "SKIPPED: Debian's quantum-espresso-data is not installed\n";
    return;
  }
  const Folder folder("name = \"x\"\n" + kSpace + kSublattice +
                      "[dft]\ncode = \"quantum-espresso\"\npseudo_dir = \"/usr/share/espresso/pseudo\"\n"
                      "pseudopotentials = { Al = \"Al.pz-vbc.UPF\", Ni = \"Ni.pz-nd-rrkjus.UPF\" }\n"
                      "ecutwfc = 20\nkpoint_spacing = 0.4\n[select]\npolicy = \"all\"\nrounds = 0\n");

  const auto result = run_hullscan({"run", "campaign.toml"}, folder.path(), {{"PATH", "/nonexistent"}});

  CHECK(result.exit_code == 2);
  CHECK_THAT(result.messages, Contains("pw.x") && Contains("quantum-espresso"));
  CHECK_FALSE(fs::exists(folder.path() / "x.hullscan"));
}

TEST_CASE("unknown commands and options are answered with the nearest and exit code 2", "[cli][bad-input]") {
  const TemporaryFolder folder;

  const auto command = run_hullscan({"coutn", "x"}, folder.path());
  const auto option = run_hullscan({"count", "x", "--jsn"}, folder.path());
  const auto missing = run_hullscan({"count"}, folder.path());

  CHECK(command.exit_code == 2);
  CHECK_THAT(command.messages, Contains("did you mean \"count\"?"));
  CHECK(option.exit_code == 2);
  CHECK_THAT(option.messages, Contains("--json"));
  CHECK(missing.exit_code == 2);
  CHECK_THAT(missing.messages, Contains("usage: hullscan count FILE"));
}

TEST_CASE("an output file that exists is not overwritten", "[cli][bad-input]") {
  const Folder folder("name = \"x\"\n" + kSpace + kSublattice);
  write_file(folder.path() / "mine.csv", "precious");

  const auto result = run_hullscan({"enumerate", "campaign.toml", "--out", "mine.csv"}, folder.path());

  CHECK(result.exit_code == 2);
  CHECK(read_file(folder.path() / "mine.csv") == "precious");
}

TEST_CASE("a full disk ends an enumeration with exit code 5 and leaves no file", "[cli][bad-input]") {
  const Folder folder(
      "name = \"x\"\n[[space]]\nstructure = \"fcc.cif\"\nsupercell = [2, 2, 3]\n[[space.sublattice]]\nsites = \"M1\"\n"
      "species = { Al = \"rest\", Ni = \"0..6\" }\n");

  const auto result =
      Program(
          {"bash", "-c", "ulimit -f 64; trap '' XFSZ; exec " HULLSCAN_PROGRAM " enumerate campaign.toml --out x.csv"},
          folder.path())
          .wait();

  CHECK(result.exit_code == 5);
  CHECK_FALSE(fs::exists(folder.path() / "x.csv"));
  CHECK_FALSE(fs::exists(folder.path() / "x.csv.part"));
}
