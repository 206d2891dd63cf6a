/// @file
/// What a volume range leaves out: copies of smaller supercells of the same reference cell, and nothing else. Expected
/// numbers come from a brute force that moves positions and shares no lattice arithmetic with the counts.

#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <set>

#include "../../files.hpp"
#include "campaign_spaces.hpp"
#include "enumerator/orbits/orbit_count.hpp"
#include "enumerator/space/configuration_symmetry.hpp"
#include "enumerator/space/stratum_counter.hpp"

namespace hullscan {
namespace {

using namespace hullscan::test;

/// Orthorhombic cells of one to four copper atoms, the sublattice "Cu"; and further species that stay.
std::string poscar(const std::string& cell, const std::vector<std::string>& positions) {
  std::string text = "test\n1.0\n" + cell + "\nCu\n" + std::to_string(positions.size()) + "\nDirect\n";
  for (const std::string& position : positions) text += position + "\n";
  return text;
}

struct ReferenceCell {
  const char* name;
  std::string text;
  int volumes;  ///< what brute force can do: 12 sites
};

std::vector<ReferenceCell> reference_cells() {
  const std::string cubic = "3.7 0 0\n0 3.7 0\n0 0 3.7", orthorhombic = "3.1 0 0\n0 4.3 0\n0 0 5.9",
                    monoclinic = "4.1 0 0\n0 3.3 0\n1.3 0 5.2", hexagonal = "2.9 0 0\n-1.45 2.5114736709 0\n0 0 7.9";
  return {
      {"P cubic", poscar(cubic, {"0 0 0"}), 8},
      {"I cubic", poscar(cubic, {"0 0 0", "0.5 0.5 0.5"}), 4},
      {"F cubic", poscar(cubic, {"0 0 0", "0.5 0.5 0", "0.5 0 0.5", "0 0.5 0.5"}), 3},
      {"F orthorhombic", poscar(orthorhombic, {"0 0 0", "0.5 0.5 0", "0.5 0 0.5", "0 0.5 0.5"}), 3},
      {"A orthorhombic", poscar(orthorhombic, {"0 0 0", "0 0.5 0.5"}), 4},
      {"C monoclinic", poscar(monoclinic, {"0.1 0 0.2", "0.6 0.5 0.2", "0.9 0 0.8", "0.4 0.5 0.8"}), 3},
      {"R hexagonal",
       poscar(hexagonal, {"0 0 0", "0.6666666667 0.3333333333 0.3333333333", "0.3333333333 0.6666666667 0.6666666667"}),
       3},
      {"P cubic doubled by hand", poscar("7.4 0 0\n0 3.7 0\n0 0 3.7", {"0 0 0", "0.5 0 0"}), 4},
      {"P cubic doubled along a diagonal", poscar("3.7 3.7 0\n3.7 -3.7 0\n0 0 3.7", {"0 0 0", "0.5 0.5 0"}), 4},
      {"hcp tripled by hand",
       poscar("2.9 0 0\n-1.45 2.5114736709 0\n0 0 14.2",
              {"0.3333333333 0.6666666667 0.125", "0.6666666667 0.3333333333 0.375", "0.3333333333 0.6666666667 0.625",
               "0.6666666667 0.3333333333 0.875"}),
       3},
  };
}

SearchSpace space_of(const TemporaryFolder& folder, const std::string& structure, const std::string& more,
                     RepeatRule rule = RepeatRule::kReferenceCell) {
  write_file(folder.path() / "POSCAR", structure);
  const std::string text = "name = \"t\"\n[[space]]\nname = \"s\"\nstructure = \"POSCAR\"\n" + more;
  return SearchSpace::build(parse_campaign(text, folder.path() / "campaign.toml").spaces.front(), rule);
}

/// Where every varied site goes when the crystal is moved by reference cells.
std::vector<std::size_t> moved(const Supercell& supercell, const Eigen::Vector3d& cells) {
  const Eigen::Matrix3d to_supercell = supercell.matrix().cast<double>().transpose().inverse();
  const auto& varied = supercell.varied_sites();
  std::vector<std::size_t> images;
  for (const int v : varied) {
    const Eigen::Vector3d x = supercell.sites()[static_cast<std::size_t>(v)].position.x + to_supercell * cells;
    for (std::size_t w = 0; w < varied.size(); ++w) {
      Eigen::Vector3d d = x - supercell.sites()[static_cast<std::size_t>(varied[w])].position.x;
      for (int i = 0; i < 3; ++i) d[i] -= std::round(d[i]);
      if (d.norm() < 1e-6) images.push_back(w);
    }
  }
  REQUIRE(images.size() == varied.size());
  return images;
}

/// Orbits by their counts of copper, of which no member repeats by a vector of the reference cell's lattice.
std::map<int, std::uint64_t> brute_force(const SearchSpace& space, std::size_t supercell) {
  const Supercell& cell = *space.supercells()[supercell];
  const auto n = cell.varied_sites().size();
  std::set<std::vector<std::size_t>> moves;
  const int volume = cell.volume_factor();
  for (int a = 0; a < volume; ++a) {
    for (int b = 0; b < volume; ++b) {
      for (int c = 0; c < volume; ++c) {
        const auto images = moved(cell, {static_cast<double>(a), static_cast<double>(b), static_cast<double>(c)});
        if (images[0] != 0) moves.insert(images);  // not a vector of the supercell
      }
    }
  }
  const PermutationGroup group = group_of(cell).permutations;
  const auto apply = [&](std::uint32_t colouring, const auto& images) {
    std::uint32_t result = 0;
    for (std::size_t i = 0; i < n; ++i) result |= ((colouring >> i) & 1U) << images[i];
    return result;
  };
  std::map<int, std::uint64_t> orbits;
  std::set<std::uint32_t> seen;
  for (std::uint32_t colouring = 0; colouring < (1U << n); ++colouring) {
    if (seen.count(colouring) != 0) continue;
    bool repeats = false;
    for (std::size_t g = 0; g < group.order(); ++g) {
      const std::uint32_t member = apply(colouring, group.element(g));
      if (!seen.insert(member).second) continue;
      for (const auto& images : moves) repeats = repeats || apply(member, images) == member;
    }
    if (!repeats) ++orbits[__builtin_popcount(colouring)];
  }
  return orbits;
}

TEST_CASE("a volume range leaves out what a smaller cell of it holds, for every centring",
          "[enumerator][superperiodic]") {
  const TemporaryFolder folder;
  for (const ReferenceCell& reference : reference_cells()) {
    const SearchSpace space =
        space_of(folder, reference.text,
                 "volume = [1, " + std::to_string(reference.volumes) +
                     "]\n[[space.sublattice]]\nsites = \"Cu\"\nspecies = { Au = \"rest\", Cu = \"0%..100%\" }\n");
    for (std::size_t i = 0; i < space.supercells().size(); ++i) {
      const auto expected = brute_force(space, i);
      StratumCounter counter(space, i);
      for (std::size_t c = 0; c < space.compositions(i).size(); ++c) {
        const CompositionCounts& counts = space.compositions(i)[c];
        const int copper = counts.of_sublattice[0][1];
        const auto enumerated = space.enumerator(i, c).count({}, {});
        INFO(reference.name << ", supercell " << i << ", " << copper << " Cu");
        CHECK(*counter.count(counts) == OrbitCount{enumerated.labelled, enumerated.orbits});
        CHECK(OrbitCounter(space.action(i), false).count(counts) == *counter.count(counts));
        CHECK(enumerated.orbits == (expected.count(copper) != 0 ? expected.at(copper) : 0));
      }
    }
  }
}

BigInteger orbits_of(const SearchSpace& space, std::size_t first, std::size_t last,
                     const std::function<bool(const CompositionCounts&)>& wanted) {
  BigInteger sum = 0;
  for (std::size_t i = first; i < last; ++i) {
    StratumCounter counter(space, i);
    for (const CompositionCounts& counts : space.compositions(i)) {
      if (wanted(counts)) sum += counter.count(counts)->inequivalent;
    }
  }
  return sum;
}

TEST_CASE("fcc in its cubic cell keeps pure Cu, pure Au and L1_0", "[enumerator][superperiodic]") {
  // Four sites of the cubic cell under the cubic group: one orbit of each composition; Cu2Au2 is L1_0.
  const SearchSpace space = space_from(
      "structure = \"Cu-fcc-conventional.vasp\"\nvolume = [1, 2]\n[[space.sublattice]]\nsites = \"Cu\"\nspecies = { Cu "
      "= \"rest\", Au = \"0%..100%\" }\n");
  REQUIRE(space.supercells()[0]->volume_factor() == 1);
  REQUIRE(space.compositions(0).size() == 5);
  for (std::size_t c = 0; c < 5; ++c) CHECK(space.enumerator(0, c).count({}, {}).orbits == 1);
}

TEST_CASE("LiCoO2 in its hexagonal cell keeps both end members", "[enumerator][superperiodic]") {
  const SearchSpace space = space_from(
      "structure = \"LiCoO2-R-3m-hex.cif\"\nvolume = [1, 2]\n[[space.sublattice]]\nsites = \"Li\"\nspecies = { Li = "
      "\"0%..100%\", Va = \"rest\" }\n");
  const auto end = [](int species) {
    return [species](const CompositionCounts& counts) {
      return counts.of_sublattice[0][static_cast<std::size_t>(species)] == 0;
    };
  };
  CHECK(orbits_of(space, 0, space.supercells().size(), end(0)) == 1);
  CHECK(orbits_of(space, 0, space.supercells().size(), end(1)) == 1);
}

TEST_CASE("half-filled two-site cubic cells are those of pymatgen's test", "[enumerator][superperiodic]") {
  // EnumlibAdaptor on Si0.5 with sizes 1 to 3 gives 1 + 3 + 6 = 10 structures (pymatgen, test_enumlib_caller.py).
  const TemporaryFolder folder;
  const std::string structure = poscar("10 0 0\n0 10 0\n0 0 10", {"0 0 0", "0.5 0.5 0.5"});
  const std::string more =
      "volume = [1, 3]\n[[space.sublattice]]\nsites = \"Cu\"\nspecies = { Cu = \"50%\", Va = \"rest\" }\n";
  const auto all = [](const CompositionCounts&) { return true; };
  const auto by_volume = [&](const SearchSpace& space) {
    std::map<int, int> orbits;
    for (std::size_t i = 0; i < space.supercells().size(); ++i)
      orbits[space.supercells()[i]->volume_factor()] += orbits_of(space, i, i + 1, all).convert_to<int>();
    return orbits;
  };
  CHECK(by_volume(space_of(folder, structure, more)) == std::map<int, int>{{1, 1}, {2, 3}, {3, 6}});
  // By the rule of older directories the centring of the empty cubic cell took one of the second size.
  CHECK(by_volume(space_of(folder, structure, more, RepeatRule::kPrimitiveCell)) ==
        std::map<int, int>{{1, 1}, {2, 2}, {3, 6}});
}

TEST_CASE("the two rules agree where the reference cell is primitive", "[enumerator][superperiodic]") {
  const std::string text =
      "structure = \"Cu-fcc-conventional.vasp\"\nprimitive = true\nvolume = [1, 6]\n[[space.sublattice]]\nsites = "
      "\"Cu\"\nspecies = { Cu = \"rest\", Au = \"0%..100%\" }\n";
  const SearchSpace now = space_from(text), then = SearchSpace::build(space_spec(text), RepeatRule::kPrimitiveCell);
  CHECK_FALSE(now.rules_differ());
  const auto all = [](const CompositionCounts&) { return true; };
  for (std::size_t i = 0; i < now.supercells().size(); ++i)
    CHECK(orbits_of(now, i, i + 1, all) == orbits_of(then, i, i + 1, all));
}

TEST_CASE("books close with constraints and several sublattices on centred cells", "[enumerator][superperiodic]") {
  for (const std::string& space_text :
       {std::string("structure = \"LiNiO2-R-3m.cif\"\nvolume = [1, 2]\nconstraints = [\"Li.Va == Ni.Mn\"]\n"
                    "[[space.sublattice]]\nsites = \"Li\"\nspecies = { Li = \"rest\", Va = \"0%..100%\" }\n"
                    "[[space.sublattice]]\nsites = \"Ni\"\nspecies = { Ni = \"rest\", Mn = \"0%..100%\" }\n"),
        std::string("structure = \"Cu-fcc-conventional.vasp\"\nvolume = [1, 3]\n[[space.sublattice]]\nsites = \"Cu\"\n"
                    "species = { Cu = \"rest\", Au = \"0%..50%\", Ag = \"0%..50%\" }\n")}) {
    const SearchSpace space = space_from(space_text);
    for (std::size_t i = 0; i < space.supercells().size(); ++i) {
      StratumCounter counter(space, i);
      for (std::size_t c = 0; c < space.compositions(i).size(); ++c) {
        const auto enumerated = space.enumerator(i, c).count({}, {});
        CHECK(*counter.count(space.compositions(i)[c]) == OrbitCount{enumerated.labelled, enumerated.orbits});
      }
    }
  }
}

TEST_CASE("what repeats by a centring vector has its whole space group", "[enumerator][superperiodic]") {
  // A 1x1x2 cell has not all rotations of the crystal; copper alone is Fm-3m (225) in it all the same.
  const SearchSpace space = space_from(
      "structure = \"Cu-fcc-conventional.vasp\"\nsupercell = [1, 1, 2]\n[[space.sublattice]]\nsites = \"Cu\"\nspecies "
      "= { Cu "
      "= \"rest\", Au = [0, 4] }\n");
  ConfigurationSymmetry symmetry(space, 0);
  std::vector<std::uint8_t> occupation(8, 0);
  CHECK(symmetry.space_group_number(occupation) == 225);
  // Gold on every second plane along x or along z: L1_0, P4/mmm (123), whose planes the cell knows in one case only.
  for (const int axis : {0, 2}) {
    for (std::size_t i = 0; i < 8; ++i) {
      const double x = space.supercells()[0]->sites()[i].position.x[axis] * (axis == 2 ? 2 : 1);
      occupation[i] = std::abs(x - std::round(x)) < 0.1 ? 0 : 1;
    }
    CHECK(symmetry.space_group_number(occupation) == 123);
  }
}

}  // namespace
}  // namespace hullscan
