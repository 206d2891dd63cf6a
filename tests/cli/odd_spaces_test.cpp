/// @file
/// Spaces that are not the usual ones, from a structure file to the two numbers. The numbers are those of a
/// brute-force program in Python that shares nothing with ours: every colouring that the rules allow, joined by the
/// operations that spglib finds in the supercell, for derivative structures over all Hermite normal forms.

#include <catch2/catch.hpp>

#include "../program.hpp"
#include "core/json.hpp"

using namespace hullscan::test;
using hullscan::Json;

namespace {

// Two cells of CsCl along x, turned by 0.3 rad about z, the origin anywhere: a POSCAR knows no symmetry.
const char* const kCsCl = R"(CsCl, P1
1.0
5.7320189348 1.7731212400 0.0
-0.8865606200 2.8660094674 0.0
0.0 0.0 3.0
Cs Cl
2 2
Direct
0.13 0.27 0.41
0.63 0.27 0.41
0.38 0.77 0.91
0.88 0.77 0.91
)";
const char* const kSlab = R"(MoS2 monolayer
1.0
3.18 0.0 0.0
-1.59 2.754 0.0
0.0 0.0 20.0
Mo S
1 2
Direct
0.3333333333 0.6666666667 0.25
0.6666666667 0.3333333333 0.3284
0.6666666667 0.3333333333 0.1716
)";
const char* const kInterstitials = R"(fcc palladium with its octahedral sites
4.0
1 0 0
0 1 0
0 0 1
Pd X
4 4
Direct
0.0 0.0 0.0
0.0 0.5 0.5
0.5 0.0 0.5
0.5 0.5 0.0
0.5 0.5 0.5
0.5 0.0 0.0
0.0 0.5 0.0
0.0 0.0 0.5
)";
const char* const kRutile = R"(rutile
1.0
4.6 0.0 0.0
0.0 4.6 0.0
0.0 0.0 2.96
Ti O
2 4
Direct
0.0 0.0 0.0
0.5 0.5 0.5
0.305 0.305 0.0
0.695 0.695 0.0
0.195 0.805 0.5
0.805 0.195 0.5
)";
const char* const kPerovskite = R"(SrTiO3
3.9
1 0 0
0 1 0
0 0 1
Sr Ti O
1 1 3
Direct
0.0 0.0 0.0
0.5 0.5 0.5
0.5 0.5 0.0
0.5 0.0 0.5
0.0 0.5 0.5
)";

struct Numbers {
  std::string total, inequivalent;
  friend bool operator==(const Numbers&, const Numbers&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Numbers& n) {
    return out << n.total << " " << n.inequivalent;
  }
};

/// @param space what follows the structure in [[space]].
Numbers numbers(const std::string& structure, const std::string& space, std::vector<std::string> command = {"count"}) {
  const TemporaryFolder folder;
  write_file(folder.path() / "x.vasp", structure);
  write_file(folder.path() / "c.toml", "name = \"odd\"\n[[space]]\nname = \"odd\"\nstructure = \"x.vasp\"\n" + space);
  command.insert(command.end(), {"c.toml", "--json"});
  const auto result = run_hullscan(command, folder.path());
  INFO(result.messages);
  REQUIRE(result.exit_code == 0);
  const Json json = Json::parse(result.output);
  return {json["total"], json["inequivalent"]};
}

std::string sublattice(const std::string& sites, const std::string& species, const std::string& more = "") {
  return "[[space.sublattice]]\nsites = \"" + sites + "\"\nspecies = { " + species + " }\n" + more;
}

}  // namespace

TEST_CASE("symmetry that a file hides is found", "[cli][count][odd]") {
  CHECK(numbers(kCsCl, "supercell = [1, 2, 2]\n" + sublattice("Cl", "Cl = \"rest\", Br = 3")) == Numbers{"56", "3"});
}

TEST_CASE("slabs are counted in straight and in sheared supercells", "[cli][count][odd]") {
  CHECK(numbers(kSlab, "supercell = [2, 3, 1]\n" + sublattice("S", "S = \"rest\", Se = 2, Va = 1")) ==
        Numbers{"660", "55"});
  CHECK(numbers(kSlab, "supercell = [[2, 1, 0], [-1, 2, 0], [0, 0, 1]]\n" +
                           sublattice("S", "S = \"rest\", Se = \"3..4\"")) == Numbers{"330", "24"});
}

TEST_CASE("interstitial sites are filled as the metal demands", "[cli][count][odd]") {
  CHECK(numbers(kInterstitials, "supercell = [1, 1, 2]\nconstraints = [\"M.Ag == O.H\"]\n" +
                                    sublattice("Pd", "Pd = \"rest\", Ag = \"0..3\"", "name = \"M\"\n") +
                                    sublattice("X", "Va = \"rest\", H = \"0..3\"", "name = \"O\"\n")) ==
        Numbers{"3985", "163"});
}

TEST_CASE("Wyckoff letters choose sites and percentages choose counts", "[cli][count][odd]") {
  CHECK(numbers(kRutile, "supercell = [1, 1, 2]\n" + sublattice("2a", "Ti = \"rest\", Nb = \"0..2\"") +
                             sublattice("4f", "O = \"rest\", Va = \"0..2\", F = 1")) == Numbers{"2552", "127"});
  CHECK(numbers(kRutile, "supercell = [1, 1, 2]\n" + sublattice("O", "O = \"rest\", F = \"20%..40%\"")) ==
        Numbers{"84", "8"});
}

TEST_CASE("charges balance if some choice of oxidation states does", "[cli][count][odd]") {
  CHECK(numbers(kRutile,
                "supercell = [1, 1, 2]\ncharge_neutral = true\noxidation = { Ti = [3, 4], Nb = 5, O = -2, F = -1 }\n" +
                    sublattice("Ti", "Ti = \"rest\", Nb = \"0..4\"") + sublattice("O", "O = \"rest\", F = \"0..8\"")) ==
        Numbers{"317", "33"});
}

TEST_CASE("three sublattices are coupled by linear constraints", "[cli][count][odd]") {
  const std::string constraints = "constraints = [\"A.La + 2*O.Va == B.Mn\", \"La <= 2\"]\n";
  const auto sublattices = [](const std::string& mn, const std::string& va) {
    return sublattice("Sr", "Sr = \"rest\", La = \"0..2\"", "name = \"A\"\n") +
           sublattice("Ti", "Ti = \"rest\", Mn = \"0.." + mn + "\"", "name = \"B\"\n") +
           sublattice("O", "O = \"rest\", Va = \"0.." + va + "\"", "name = \"O\"\n");
  };
  CHECK(numbers(kPerovskite, "supercell = [2, 2, 1]\n" + constraints + sublattices("4", "12")) == Numbers{"455", "36"});
  CHECK(numbers(kPerovskite, "supercell = [3, 1, 1]\n" + constraints + sublattices("3", "9")) == Numbers{"73", "13"});
}

TEST_CASE("vacancies keep their distance, round a marked path too", "[cli][enumerate][odd]") {
  const std::string apart = "min_distance = [{ pair = [\"Va\", \"Va\"], angstrom = 3.5 }]\n";
  CHECK(numbers(kPerovskite, "supercell = [2, 2, 1]\n" + apart + sublattice("O", "O = \"rest\", Va = \"0..3\""),
                {"enumerate", "--discard"}) == Numbers{"75", "13"});
  const std::string marked = "supercell = [2, 2, 2]\n" + apart + sublattice("O", "O = \"rest\", Va = 2") +
                             "[[space.marker]]\npair = [\"O\", \"O\"]\nmax_distance = 2.8\n";
  CHECK(numbers(kPerovskite, marked, {"enumerate", "--discard"}) == Numbers{"14400", "58"});
  CHECK(numbers(kPerovskite, marked, {"count", "--space-groups"}) == Numbers{"14400", "58"});
}

TEST_CASE("a space of one species has one configuration", "[cli][count][odd]") {
  CHECK(numbers(kPerovskite, "supercell = [2, 2, 2]\n" + sublattice("O", "O = \"rest\"")) == Numbers{"1", "1"});
  CHECK(numbers(kPerovskite, sublattice("Ti", "Mn = 1")) == Numbers{"1", "1"});
}

TEST_CASE("derivative structures of a volume range are each counted once", "[cli][count][odd]") {
  CHECK(numbers(kRutile, "volume = [1, 3]\n" + sublattice("Ti", "Ti = \"rest\", Nb = \"0%..100%\"")) ==
        Numbers{"364", "80"});
  CHECK(numbers(kCsCl, "primitive = true\nvolume = [1, 4]\n" +
                           sublattice("Cs", "Cs = \"rest\", Rb = \"0%..100%\", K = \"0%..100%\"")) ==
        Numbers{"705", "159"});
}
