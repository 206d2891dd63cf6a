// Special quasirandom structures against published ones and against every colouring of small cells.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <set>

#include "../surrogates/symmetric_crystals.hpp"
#include "enumerator/crystal/supercells.hpp"
#include "workers/sqs/exact_search.hpp"

namespace hullscan {
namespace {

/// Å, lattice constant 4: just beyond the seventh neighbours of fcc, and its nearest ones.
const ClusterCutoffs kSevenShells{
    .pairs_angstrom = 4 * std::sqrt(3.5) + 0.01, .triplets_angstrom = 2.84, .quadruplets_angstrom = 2.84};

SublatticeFractions fractions_of(const CompositionCounts& counts) {
  SublatticeFractions fractions;
  for (const auto& row : counts.of_sublattice) {
    int sum = 0;
    for (const int count : row) sum += count;
    auto& made = fractions.emplace_back();
    for (const int count : row) made.push_back(static_cast<double>(count) / sum);
  }
  return fractions;
}

std::vector<QuasirandomStructure> search(const ClusterOrbits& orbits, int volume, const CompositionCounts& counts,
                                         std::size_t count, std::size_t threads = 2) {
  return best_quasirandom(orbits, distinct_supercells(orbits.parent(), volume), counts,
                          {random_correlations(orbits, fractions_of(counts))}, count, threads);
}

/// The objective of published correlations with the weights 1, 1/2 and 1/4.
/// @param pairs of the first seven shells; the nearest triplet and quadruplet.
double published_objective(double x, const std::array<double, 7>& pairs, double triplet, double quadruplet) {
  const double s = 2 * x - 1;
  double sum = 0.5 * std::abs(triplet - s * s * s) + 0.25 * std::abs(quadruplet - s * s * s * s);
  for (const double pair : pairs) sum += std::abs(pair - s * s);
  return sum / 7.75;
}

}  // namespace

// Published correlations: Wei, Ferreira, Bernard & Zunger, Phys. Rev. B 42, 9622 (1990); the table of their structures
// that NREL distributes (sqsfile.txt), columns J2 K2 L2 M2 N2 O2 P2 for pairs, J3 and J4.
TEST_CASE("the published special quasirandom structures of fcc are found or beaten", "[sqs]") {
  const ClusterOrbits orbits(test::fcc({"Cu", "Au"}), kSevenShells);
  REQUIRE(orbits.orbits().size() == 10);

  const auto half8 = search(orbits, 8, {{{4, 4}}}, 1);
  CHECK(half8.at(0).objective <=
        published_objective(0.5, {0, 0, 1. / 24, -1. / 12, 1. / 12, 0, -1. / 8}, -0.25, 0) + 1e-12);

  // x = 1/4 is the share of the second species: the mean point function is -1/2.
  const auto quarter8 = search(orbits, 8, {{{6, 2}}}, 1);
  CHECK(quarter8.at(0).objective <=
        std::min(published_objective(0.25, {1. / 4, 1. / 3, 1. / 12, 1. / 6, 5. / 12, 1. / 8, 7. / 24}, -1. / 4, 0.5),
                 published_objective(0.25, {1. / 4, 1. / 3, 1. / 4, 0, 1. / 6, 0, 1. / 3}, -1. / 4, 0.5)) +
            1e-12);
}

TEST_CASE("sixteen atoms of fcc match the published structures", "[sqs]") {
  const ClusterOrbits orbits(test::fcc({"Cu", "Au"}), kSevenShells);

  const auto half = search(orbits, 16, {{{8, 8}}}, 1);
  CHECK(half.at(0).objective == 0.0);  // every listed correlation of the three published ones is 0

  const auto quarter = search(orbits, 16, {{{12, 4}}}, 1);
  CHECK(quarter.at(0).objective <=
        published_objective(0.25, {1. / 4, 1. / 4, 1. / 4, 5. / 24, 11. / 48, 1. / 8, 19. / 96}, -1. / 16, 0.25) +
            1e-12);
}

TEST_CASE("quasirandom structures are the lowest of all colourings", "[sqs]") {
  struct Case {
    std::shared_ptr<const ParentCrystal> parent;
    ClusterCutoffs cutoffs;
    int volume;
    CompositionCounts counts;
  };
  const std::vector<Case> cases{{test::fcc({"Cu", "Au"}), {4.1, 2.9, 2.9}, 5, {{{3, 2}}}},
                                {test::fcc({"Cu", "Au", "Pt"}), {4.1, 2.9, 0}, 5, {{{2, 2, 1}}}},
                                {test::perovskite({"O", "F"}), {4.1, 2.9, 0}, 2, {{{4, 2}}}},
                                {test::rock_salt({"Na", "K"}, {"Cl", "Br"}), {4.1, 2.9, 0}, 4, {{{2, 2}, {3, 1}}}}};
  for (const Case& one : cases) {
    const ClusterOrbits orbits(one.parent, one.cutoffs);
    const QuasirandomObjective objective{random_correlations(orbits, fractions_of(one.counts))};
    const auto matrices = distinct_supercells(*one.parent, one.volume);
    const std::array<double, 5> weight{0, 0, 1, 0.5, 0.25};
    double sum = 0;
    for (const DecoratedOrbit& orbit : orbits.orbits()) sum += weight[orbit.sites.size()];

    // Every colouring by counting in mixed radix, its correlations site by site of the infinite crystal, one of each
    // orbit under a group found by geometry. Colourings that a lattice translation repeats are left out.
    std::vector<double> expected;
    for (const SupercellMatrix& matrix : matrices) {
      const Supercell cell(one.parent, matrix);
      const auto group = test::supercell_group(cell);
      const SupercellSites places(orbits.sites(), cell);
      const auto sites = cell.varied_sites().size();
      std::set<std::vector<std::uint8_t>> seen;
      const auto visit = [&](auto&& self, std::vector<std::uint8_t>& colours) -> void {
        if (colours.size() < sites) {
          const auto sublattice = static_cast<std::size_t>(cell.sublattice_of(static_cast<int>(colours.size())));
          for (std::uint8_t s = 0; s < one.counts.of_sublattice[sublattice].size(); ++s) {
            colours.push_back(s);
            self(self, colours);
            colours.pop_back();
          }
          return;
        }
        auto counts = one.counts;
        for (std::size_t i = 0; i < sites; ++i)
          --counts.of_sublattice[static_cast<std::size_t>(cell.sublattice_of(static_cast<int>(i)))][colours[i]];
        for (const auto& row : counts.of_sublattice)
          if (std::any_of(row.begin(), row.end(), [](int left) { return left != 0; })) return;
        for (const auto& element : group)
          if (seen.contains(test::moved(colours, element))) return;
        seen.insert(colours);
        for (const auto& step : places.cells()) {
          std::vector<std::uint8_t> shifted(sites);
          bool moves = false;
          for (const auto& from : places.cells()) {
            for (int s = 0; s < orbits.sites().count(); ++s) {
              const int a = places.varied_index(from, {{0, 0, 0}, s}), b = places.varied_index(from, {step, s});
              shifted[static_cast<std::size_t>(b)] = colours[static_cast<std::size_t>(a)];
              moves = moves || a != b;
            }
          }
          if (moves && shifted == colours) return;
        }
        std::vector<double> total(orbits.orbits().size(), 0), members(orbits.orbits().size(), 0);
        for (const SiteCluster& cluster : orbits.clusters()) {
          for (std::size_t d = 0; d < cluster.orbit_of.size(); ++d) {
            for (const auto& at : places.cells()) {
              double product = 1;
              std::size_t rest = d;
              for (std::size_t i = cluster.sites.size(); i-- > 0;) {
                const int site = places.varied_index(at, cluster.sites[i]);
                const auto species = static_cast<int>(
                    one.counts.of_sublattice[static_cast<std::size_t>(cell.sublattice_of(site))].size());
                const auto functions = static_cast<std::size_t>(species - 1);
                product *= point_function(species, static_cast<int>(rest % functions) + 1,
                                          colours[static_cast<std::size_t>(site)]);
                rest /= functions;
              }
              total[static_cast<std::size_t>(cluster.orbit_of[d])] += product;
              members[static_cast<std::size_t>(cluster.orbit_of[d])] += 1;
            }
          }
        }
        double reached = 0;
        for (std::size_t o = 0; o < total.size(); ++o)
          reached += weight[orbits.orbits()[o].sites.size()] * std::abs(total[o] / members[o] - objective.targets[o]);
        expected.push_back(reached / sum);
      };
      std::vector<std::uint8_t> colours;
      visit(visit, colours);
    }
    std::sort(expected.begin(), expected.end());
    REQUIRE_FALSE(expected.empty());

    const auto found = best_quasirandom(orbits, matrices, one.counts, objective, 3, 2);
    REQUIRE(found.size() == std::min<std::size_t>(3, expected.size()));
    for (std::size_t i = 0; i < found.size(); ++i) CHECK(found[i].objective == Approx(expected[i]).margin(1e-12));
  }
}

TEST_CASE("quasirandom structures are the same for any number of threads", "[sqs]") {
  const ClusterOrbits orbits(test::fcc({"Cu", "Au", "Pt"}), {4.1, 2.9, 0});
  const auto one = search(orbits, 6, {{{2, 2, 2}}}, 7, 1), three = search(orbits, 6, {{{2, 2, 2}}}, 7, 3);
  REQUIRE(one.size() == 7);
  REQUIRE(three.size() == 7);
  for (std::size_t i = 0; i < one.size(); ++i) {
    CHECK(one[i].objective == three[i].objective);
    CHECK(one[i].configuration.occupation == three[i].configuration.occupation);
    CHECK(one[i].configuration.supercell->matrix() == three[i].configuration.supercell->matrix());
    CHECK(one[i].correlations == three[i].correlations);
  }
}

}  // namespace hullscan
