// Inputs of CSSlib and of the supercell program as sublattices of a campaign file.
#include "campaign/drafts/peer_inputs.hpp"

#include <catch2/catch.hpp>
#include <set>

#include "../../files.hpp"
#include "core/errors.hpp"
#include "diagonal_crystal.hpp"

using namespace hullscan;
using namespace hullscan::test;
using Catch::Contains;

namespace {

constexpr double kSymprecOfPeers = 1e-3;

/// A folder with a cell of one U and two O, and a configuration of CSSlib for it: 12 atoms in 2x2x1.
class CsslibFolder {
 public:
  CsslibFolder() { write_cell("cell.vasp", "U O", "1 2"); }
  void write_cell(const std::string& name, const std::string& symbols, const std::string& numbers) const {
    write_file(folder_.path() / name, "cell\n1.0\n4 0 0\n0 5 0\n0 0 6\n" + symbols + "\n" + numbers +
                                          "\nDirect\n0 0 0\n0.5 0.5 0.2\n0.5 0.5 0.7\n");
  }
  /// @param members of the JSON object besides the structure, whose name is cell.vasp.
  [[nodiscard]] PeerInput read(const std::string& members, const std::string& structure = "cell.vasp") const {
    const fs::path file = folder_.path() / "c.json";
    write_file(file, "{\"structure_filename\": \"" + structure + "\", " + members + "}");
    return read_csslib(file, kSymprecOfPeers);
  }
  [[nodiscard]] std::string refusal(const std::string& members, const std::string& structure = "cell.vasp") const {
    try {
      (void)read(members, structure);
    } catch (const InputError& error) {
      return error.what();
    }
    return "accepted";
  }
  [[nodiscard]] fs::path path() const { return folder_.path(); }

 private:
  TemporaryFolder folder_;
};

std::string rule(const std::string& replaced, const std::string& with, const std::string& low, const std::string& high,
                 const std::string& more = "") {
  return "{\"specie_to_substitute\": \"" + replaced + "\", \"substitute_with\": \"" + with +
         "\", \"substitution_low_limit\": " + low + ", \"substitution_high_limit\": " + high + more + "}";
}

std::string rules(const std::string& text) { return "\"supercell\": \"2x2x1\", \"substitution\": [" + text + "]"; }

/// A site of the supercell program: its occupants are listed one by one, "Pb1" and "Sr1" for Pb:0.25 Sr:0.75.
std::shared_ptr<const Crystal> listed(const std::vector<std::string>& sites) {
  std::vector<Atom> atoms;
  for (const std::string& occupants : sites) atoms.push_back({occupants});
  Crystal crystal = *crystal_of(atoms);
  for (std::size_t i = 0; i < crystal.sites.size(); ++i) {
    CrystalSite& site = crystal.sites[i];
    for (const Occupant& occupant : site.occupants) {
      if (!occupant.species.is_vacancy())
        site.other_labels.push_back(std::string(occupant.species.symbol()) + std::to_string(i + 1));
    }
    site.label = site.other_labels.front();
    site.other_labels.erase(site.other_labels.begin());
  }
  return std::make_shared<const Crystal>(crystal);
}

std::vector<std::string> species_of(const PeerInput& input) {
  std::vector<std::string> species;
  for (const SublatticeText& text : input.sublattices) species.push_back(text.species);
  return species;
}

std::string refusal_of(const Crystal& crystal, const std::array<int, 3>& supercell,
                       const std::vector<std::string>& populations) {
  try {
    (void)read_supercell_program("mixed.cif", crystal, supercell, populations, kSymprecOfPeers);
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("a supercell is three numbers from 1 to 999 with an x between them", "[campaign][init]") {
  CHECK(parse_supercell("2x2x1", "--supercell") == std::array{2, 2, 1});
  CHECK(parse_supercell("10x1x999", "--supercell") == std::array{10, 1, 999});
  for (const char* text : {"", "2", "2x2", "2x2x0", "2x2x1x1", "2x2x-1", "2x2x1.5", "axbxc", "1000x1x1", "2x 2x1"}) {
    INFO(text);
    CHECK_THROWS_WITH(parse_supercell(text, "--supercell"),
                      std::string("--supercell ") + text + ": expected three numbers, as in 2x2x1");
  }
}

TEST_CASE("limits of CSSlib are fractions of all atoms of the supercell, rounded down", "[campaign][init]") {
  const CsslibFolder folder;

  // 3 of 12; 1.8 and 2.9 of 12; 5 of 12 to seven digits and 6 of 12.
  const PeerInput input = folder.read(rules(rule("U", "Np", "0", "0.25") + "," + rule("U", "Pu", "0.15", "0.2416") +
                                            "," + rule("O", "F", "0.4166666", "0.5")));

  CHECK(input.structure == folder.path() / "cell.vasp");
  CHECK(input.supercell == std::array{2, 2, 1});
  CHECK(species_of(input) ==
        std::vector<std::string>{"O = \"rest\", F = \"5..6\"", "U = \"rest\", Np = \"0..3\", Pu = \"1..2\""});
  CHECK(input.sublattices[1].sites == "\"U\"");
}

TEST_CASE("a fictive species is a vacancy, on a site and in the structure file", "[campaign][init]") {
  const CsslibFolder folder;
  CHECK(species_of(folder.read(rules(rule("U", "He", "0", "0.25", ", \"is_fictive\": true")))) ==
        std::vector<std::string>{"U = \"rest\", Va = \"0..3\""});
  // Two place-holders on one element: 0 to 1 and 1 to 2 vacancies.
  CHECK(species_of(folder.read("\"fictive_atoms\": \"He; Ar\", " +
                               rules(rule("U", "He", "0", "0.1") + "," + rule("U", "Ar", "0.1", "0.2")))) ==
        std::vector<std::string>{"U = \"rest\", Va = \"1..3\""});

  folder.write_cell("holes.vasp", "U He", "1 2");
  const PeerInput holes =
      folder.read("\"fictive_atoms\": [\"He\"], " + rules(rule("He", "O", "0", "0.5")), "holes.vasp");
  CHECK(species_of(holes) == std::vector<std::string>{"Va = \"rest\", O = \"0..6\""});
  CHECK(holes.sublattices.at(0).name == "vacant");
  CHECK(species_of(folder.read("\"fictive_atoms\": [\"He\"], " + rules(""), "holes.vasp")) ==
        std::vector<std::string>{"Va = \"rest\""});
}

TEST_CASE("all that is wrong with the rules of CSSlib is said at once", "[campaign][init]") {
  const CsslibFolder folder;
  const std::string refusal =
      folder.refusal(rules(rule("Th", "Np", "0.5", "0.1") + "," + rule("U", "Np", "2", "0.5", ", \"is_fictive\": 1") +
                           "," + rule("U", "Pu", "0", "0.5") + "," + rule("U", "Pu", "0", "0.1", ", \"x\": 1")));

  CHECK_THAT(refusal, Contains("c.json: substitution 1: 6 to 1 atoms: the low limit is above the high one"));
  CHECK_THAT(refusal, Contains("substitution 2: \"substitution_low_limit\": expected a number from 0 to 1"));
  CHECK_THAT(refusal, Contains("substitution 2: \"is_fictive\": expected true or false"));
  CHECK_THAT(refusal, Contains("substitution 4: Pu is put on U for the second time"));
  CHECK_THAT(refusal, Contains("substitution 4: unknown key \"x\""));
  CHECK_THAT(refusal, Contains("cell.vasp has no Th"));
}

TEST_CASE("what is wrong with a configuration of CSSlib as a whole is said with its name", "[campaign][init]") {
  const CsslibFolder folder;
  CHECK_THAT(folder.refusal("\"supercell\": \"2x2\""), Contains("c.json: supercell 2x2: expected three numbers"));
  CHECK_THAT(folder.refusal("\"supercell\": 2"), Contains("c.json: \"supercell\": expected a text"));
  CHECK_THAT(folder.refusal("\"fictive_atoms\": [\"Qq\"]"), Contains("\"fictive_atoms\": \"Qq\" is not an element"));
  CHECK_THAT(folder.refusal("\"fictive_atoms\": 3"), Contains("\"fictive_atoms\": expected a list of elements"));
  CHECK_THAT(folder.refusal(rules(""), "none.cif"), Contains("none.cif is neither beside the file nor in the current"));
  CHECK_THAT(folder.refusal(rules("")), Contains("c.json: \"substitution\" lists nothing"));
  CHECK_THAT(folder.refusal("\"substitution\": {}"), Contains("c.json: \"substitution\": expected a list"));
}

TEST_CASE("a mixed site takes occupancy times positions of each atom, and vacancies where that leaves some",
          "[campaign][init]") {
  const auto crystal = listed({"Pb:0.25 Sr:0.75", "Li:0.5 Va:0.5", "O"});

  const PeerInput input = read_supercell_program("mixed.cif", *crystal, {2, 2, 1}, {}, kSymprecOfPeers);

  CHECK(species_of(input) == std::vector<std::string>{"Pb = 1, Sr = 3", "Li = 2, Va = 2"});
}

TEST_CASE("populations replace numbers of the file, and tell sites with the same occupants apart", "[campaign][init]") {
  const auto crystal = listed({"Pb:0.5 Sr:0.5", "Pb:0.5 Sr:0.5"});
  const auto species = [&](const std::vector<std::string>& populations) {
    return species_of(read_supercell_program("mixed.cif", *crystal, {2, 1, 1}, populations, kSymprecOfPeers));
  };

  CHECK(species({}) == std::vector<std::string>{"Pb = 2, Sr = 2"});
  CHECK(species({"Pb*=3", "Sr*:p=1"}) == std::vector<std::string>{"Pb = 3, Sr = 1"});
  CHECK(species({"Pb*=1"}) == std::vector<std::string>{"Pb = 1, Sr = 2, Va = 1"});
  const auto apart = species({"Pb1=2", "Sr1=0"});
  CHECK(std::set<std::string>(apart.begin(), apart.end()) == std::set<std::string>{"Pb = 2, Sr = 0", "Pb = 1, Sr = 1"});
}

TEST_CASE("numbers of atoms that are not whole, do not fit or belong nowhere are refused", "[campaign][init]") {
  const auto crystal = listed({"Pb:0.3 Sr:0.7", "O"});

  const std::string broken = refusal_of(*crystal, {2, 1, 1}, {});
  CHECK_THAT(broken, Contains("in 2x1x1 these atoms are not whole numbers"));
  CHECK_THAT(broken, Contains("0.6 Pb") && Contains("1.4 Sr") && Contains("on the 2 sites of Pb1, Sr1"));
  CHECK_THAT(refusal_of(*crystal, {2, 1, 1}, {"Pb1=2", "Sr1=1"}), Contains("Pb1, Sr1: 3 atoms on 2 sites"));
  CHECK_THAT(refusal_of(*crystal, {10, 1, 1}, {"Zn1=1"}), Contains("--population Zn1: no mixed site has that label"));
  CHECK_THAT(refusal_of(*listed({"Pb", "O"}), {1, 1, 1}, {}), Contains("no site is mixed or partly vacant"));
  CHECK_THAT(refusal_of(*crystal, {999, 999, 999}, {}), Contains("at most 1e+08 can be described"));
  for (const char* text : {"Pb1", "=3", "Pb1=x", "Pb1=-1", "Pb1=1234567"}) {
    INFO(text);
    CHECK_THAT(refusal_of(*crystal, {10, 1, 1}, {text}), Contains("expected LABEL=N or LABEL:p=N"));
  }
}
