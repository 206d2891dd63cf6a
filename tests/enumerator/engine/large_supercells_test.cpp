/// @file
/// Supercells that are too large for tables of permutations are counted and sampled all the same.

#include <catch2/catch.hpp>
#include <numeric>
#include <set>

#include "campaign_spaces.hpp"
#include "core/errors.hpp"
#include "enumerator/orbits/detail/random_stream.hpp"
#include "enumerator/sampling/large_sampler.hpp"
#include "enumerator/space/stratum_counter.hpp"

namespace hullscan {
namespace {

using namespace hullscan::test;
using Catch::Contains;

SearchSpace fcc(int n, const std::string& species, const std::string& more = "") {
  const std::string size = std::to_string(n);
  return space_from("structure = \"Cu-fcc-conventional.vasp\"\nsupercell = [" + size + ", " + size + ", " + size +
                    "]\n" + more + "[[space.sublattice]]\nsites = \"Cu\"\nspecies = { " + species + " }\n");
}

/// Classes of pairs of sites: nonzero fcc vectors modulo the supercell under the signed permutations of their
/// coordinates, which are as many as sets of three distances on a ring.
std::size_t pair_classes(int n) {
  const int period = 2 * n;  // in half cube edges
  std::set<std::array<int, 3>> classes;
  for (int a = 0; a < period; ++a) {
    for (int b = 0; b < period; ++b) {
      for (int c = (a + b) % 2; c < period; c += 2) {
        std::array<int, 3> distances{std::min(a, period - a), std::min(b, period - b), std::min(c, period - c)};
        std::sort(distances.begin(), distances.end());
        classes.insert(distances);
      }
    }
  }
  return classes.size() - 1;
}

TEST_CASE("fcc 10x10x10 and 12x12x12 are counted", "[enumerator][large]") {
  for (const int n : {10, 12}) {
    const SearchSpace space = fcc(n, "Cu = \"rest\", Au = [1, 2, 3]");
    const int sites = 4 * n * n * n;
    StratumCounter counter(space, 0);
    const auto of = [&](std::size_t gold) { return *counter.count(space.compositions(0)[3 - gold]); };
    CHECK(space.operations(0).count() == static_cast<std::size_t>(48 * sites));
    CHECK(of(1) == OrbitCount{sites, 1});
    CHECK(of(2) == OrbitCount{BigInteger(sites) * (sites - 1) / 2, pair_classes(n)});
    CHECK(of(3).total == BigInteger(sites) * (sites - 1) * (sites - 2) / 6);
  }
}

TEST_CASE("half filled fcc 10x10x10 has the orbits that its identity makes, and some more", "[enumerator][large]") {
  const SearchSpace space = fcc(10, "Cu = \"rest\", Au = 2000");
  const OrbitCount count = *StratumCounter(space, 0).count(space.compositions(0)[0]);
  BigInteger binomial = 1;
  for (int i = 1; i <= 2000; ++i) binomial = binomial * (2000 + i) / i;
  CHECK(count.total == binomial);
  const BigInteger least = binomial / 192'000;
  CHECK(count.inequivalent > least);
  CHECK(count.inequivalent - least < least / 1'000'000);
}

TEST_CASE("the classes of conjugate operations make the whole group", "[enumerator][large]") {
  const SearchSpace space = fcc(3, "Cu = \"rest\", Au = 5");
  const SupercellOperations& operations = space.operations(0);
  std::int64_t sum = 0;
  for (const auto& one : operations.conjugates()) sum += one.number;
  CHECK(sum == static_cast<std::int64_t>(operations.count()));
}

TEST_CASE("the cycles of every operation are those that a walk over the sites finds", "[enumerator][large]") {
  for (const char* text :
       {"structure = \"gamma-CsPbI3-Pnma.cif\"\nsupercell = [2, 1, 3]\n[[space.sublattice]]\nsites = \"Pb\"\nspecies = "
        "{ Pb = "
        "\"rest\", Zn = 2 }\n[[space.sublattice]]\nsites = \"I\"\nspecies = { I = \"rest\", Br = 3 }\n",
        "structure = \"LiNiO2-R-3m.cif\"\nsupercell = [3, 3, 2]\n[[space.sublattice]]\nsites = \"Li\"\nspecies = { Li "
        "= \"rest\", "
        "Va = 4 }\n[[space.sublattice]]\nsites = \"Ni\"\nspecies = { Ni = \"rest\", Co = 3 }\n",
        "structure = \"Cu-fcc-conventional.vasp\"\nsupercell = [[2, 1, 0], [0, 3, 1], [1, 0, "
        "2]]\n[[space.sublattice]]\nsites = "
        "\"Cu\"\nspecies = { Cu = \"rest\", Au = 5 }\n"}) {
    const SearchSpace space = space_from(text);
    const SupercellOperations& operations = space.operations(0);
    std::vector<std::uint32_t> images(operations.site_count());
    for (std::size_t point = 0; point < operations.point_count(); ++point) {
      for (std::size_t cell = 0; cell < operations.cell_count(); ++cell) {
        operations.images(point, cell, images);
        std::vector<std::map<int, int>> walked(space.parent()->sublattices.size());
        std::vector<char> seen(images.size(), 0);
        for (std::uint32_t start = 0; start < images.size(); ++start) {
          int length = 0;
          for (std::uint32_t at = start; seen[at] == 0; at = images[at], ++length) seen[at] = 1;
          if (length > 0) ++walked[static_cast<std::size_t>(operations.sublattice_of_site()[start])][length];
        }
        REQUIRE(operations.cycles(point, cell) == walked);
      }
    }
  }
}

TEST_CASE("a chain of a hundred thousand cells and a million sites are counted", "[enumerator][large][slow]") {
  // Two of n on a ring: n / 2 distances.
  const SearchSpace chain = space_from(
      "structure = \"Cu-fcc-conventional.vasp\"\nprimitive = true\nsupercell = [1, 1, 100000]\n[[space.sublattice]]\n"
      "sites = \"Cu\"\nspecies = { Cu = \"rest\", Au = 2 }\n");
  CHECK(*StratumCounter(chain, 0).count(chain.compositions(0)[0]) == OrbitCount{4'999'950'000, 50'000});
  // Two of n³ cells of the primitive cell: n³ - 1 differences, which the 48 operations of Oh join.
  const SearchSpace cube = space_from(
      "structure = \"Cu-fcc-conventional.vasp\"\nprimitive = true\nsupercell = [100, 100, 100]\n[[space.sublattice]]\n"
      "sites = \"Cu\"\nspecies = { Cu = \"rest\", Au = 2 }\n");
  const OrbitCount count = *StratumCounter(cube, 0).count(cube.compositions(0)[0]);
  CHECK(count.total == BigInteger(1'000'000) * 999'999 / 2);
  CHECK(count.inequivalent > 999'999 / 48);
  CHECK(count.inequivalent < 999'999 / 40);
}

TEST_CASE("what a minimum distance leaves of fcc 12x12x12 is known in a moment", "[enumerator][large][slow]") {
  const SearchSpace space = space_from(
      "structure = \"Cu-fcc-conventional.vasp\"\nprimitive = true\nsupercell = [12, 12, 12]\nmin_distance = [{ pair = "
      "[\"Au\", "
      "\"Au\"], angstrom = 3.0 }]\n[[space.sublattice]]\nsites = \"Cu\"\nspecies = { Cu = \"rest\", Au = 20 }\n");
  CHECK(space.options(0).forbidden->pairs.size() == 1728U * 12 / 2);  // twelve neighbours each
}

TEST_CASE("counts with and without a table agree", "[enumerator][large]") {
  for (const std::string& text :
       {std::string(
            "structure = \"LiNiO2-R-3m.cif\"\nsupercell = [2, 2, 1]\n[[space.sublattice]]\nsites = \"Li\"\nspecies = { "
            "Li = \"rest\", Va = \"0..12\" }\n[[space.sublattice]]\nsites = \"Ni\"\nspecies = { Ni = \"rest\", Co = "
            "\"0..3\", Mn = \"0..2\" }\n"),
        std::string("structure = \"gamma-CsPbI3-Pnma.cif\"\nsupercell = [2, 2, 2]\n[[space.sublattice]]\nsites = "
                    "\"Pb\"\nspecies = { Pb = \"rest\", Zn = \"0..8\", Cd = \"0..8\" }\n"),
        std::string("structure = \"Cu-fcc-conventional.vasp\"\nsupercell = [[2, 1, 0], [0, 3, 1], [1, 0, "
                    "2]]\n[[space.sublattice]]\nsites = \"Cu\"\nspecies = { Cu = \"rest\", Au = \"0%..100%\" }\n")}) {
    const SearchSpace space = space_from(text);
    OrbitCounter with(space.action(0));
    StratumCounter without(space, 0);
    for (const CompositionCounts& counts : space.compositions(0)) CHECK(with.count(counts) == *without.count(counts));
  }
}

TEST_CASE("canonical forms with and without a table agree", "[enumerator][large]") {
  const SearchSpace space = space_from(
      "structure = \"LiNiO2-R-3m.cif\"\nsupercell = [2, 2, 1]\n[[space.sublattice]]\nsites = \"Li\"\nspecies = { Li = "
      "\"rest\", "
      "Va = 4 }\n[[space.sublattice]]\nsites = \"Ni\"\nspecies = { Ni = \"rest\", Co = 3, Mn = 2 }\n");
  const auto& action = *space.action(0);
  const SearchOrder order = SearchOrder::of(space.compositions(0)[0]);
  detail::RandomStream random(3, 1, 4);
  for (int i = 0; i < 200; ++i) {
    std::vector<std::uint8_t> occupation(action.site_count());
    for (std::size_t s = 0; s < 2; ++s) {
      std::vector<std::uint8_t> colours;
      for (std::size_t k = 0; k < space.compositions(0)[0].of_sublattice[s].size(); ++k)
        colours.insert(colours.end(), static_cast<std::size_t>(space.compositions(0)[0].of_sublattice[s][k]),
                       static_cast<std::uint8_t>(k));
      random.shuffle(colours);
      for (std::size_t x = 0; x < colours.size(); ++x) occupation[action.sites(s)[x]] = colours[x];
    }
    const CanonicalForm with = canonical_form(action, order, occupation);
    const CanonicalForm without = canonical_form(space.operations(0), order, occupation);
    CHECK(with.occupation == without.occupation);
    CHECK(with.degeneracy == without.degeneracy);
  }
}

TEST_CASE("samples without a table are uniform over the orbits", "[enumerator][large][slow]") {
  // 2x2x2 fcc with 4 of 32: some hundred orbits; chi squared over them with 40 draws an orbit.
  const SearchSpace space = fcc(2, "Cu = \"rest\", Au = 3");
  SampleSpec sample;
  sample.number = 1'000'000;
  std::map<std::vector<std::uint8_t>, int> drawn;
  const auto orbits = StratumCounter(space, 0).count(space.compositions(0)[0])->inequivalent.convert_to<int>();
  // Without repetition every orbit comes once: all of them are reached, each with its degeneracy.
  std::uint64_t labelled = 0;
  const SampleOutcome all = sample_large_composition(space, 0, 0, sample, 5, [&](const SampledOrbit& orbit) {
    ++drawn[orbit.form.occupation];
    labelled += orbit.form.degeneracy;
  });
  CHECK(all.drawn == static_cast<std::uint64_t>(orbits));
  CHECK(drawn.size() == static_cast<std::size_t>(orbits));
  CHECK(labelled == 32U * 31 * 30 / 6);
  // The first draw of many seeds: each orbit as likely as any other.
  sample.number = 1;
  std::map<std::vector<std::uint8_t>, int> first;
  const int draws = 100 * orbits;
  for (int seed = 0; seed < draws; ++seed) {
    (void)sample_large_composition(space, 0, 0, sample, static_cast<std::uint64_t>(seed),
                                   [&](const SampledOrbit& orbit) { ++first[orbit.form.occupation]; });
  }
  double chi_squared = 0;
  for (const auto& [form, times] : first) chi_squared += (times - 100.0) * (times - 100.0) / 100.0;
  const double freedom = orbits - 1;
  CHECK(first.size() == static_cast<std::size_t>(orbits));
  CHECK(chi_squared < freedom + 5 * std::sqrt(2 * freedom));
}

TEST_CASE("a supercell beyond the searches is sampled, and says why it is not enumerated", "[enumerator][large]") {
  const SearchSpace space = fcc(10, "Cu = \"rest\", Au = [3, 1000]");
  REQUIRE(space.why_not_enumerable(0));
  CHECK_THROWS_WITH(space.action(0), Contains("4000 sites"));
  SampleSpec sample;
  sample.number = 3;
  for (std::size_t c = 0; c < 2; ++c) {
    std::set<std::vector<std::uint8_t>> forms;
    const SampleOutcome outcome = sample_composition(space, 0, c, sample, 1, [&](const SampledOrbit& orbit) {
      forms.insert(orbit.form.occupation);
      CHECK(std::count(orbit.form.occupation.begin(), orbit.form.occupation.end(), 1) ==
            space.compositions(0)[c].of_sublattice[0][1]);
      CHECK(192'000 % orbit.form.degeneracy == 0);
    });
    CHECK(outcome.drawn == 3);
    CHECK(forms.size() == 3);
  }
  sample.method = "stratified";
  CHECK_THROWS_WITH(sample_composition(space, 0, 0, sample, 1, [](const SampledOrbit&) {}),
                    Contains("too large for a stratified sample"));
}

TEST_CASE("min_distance and markers say that the supercell is too large for them", "[enumerator][large]") {
  CHECK_THROWS_WITH(fcc(12, "Cu = \"rest\", Au = 3", "min_distance = [{ pair = [\"Au\", \"Au\"], angstrom = 3.0 }]\n"),
                    Contains("space.min_distance needs a smaller supercell"));
}

}  // namespace
}  // namespace hullscan
