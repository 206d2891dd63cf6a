// Annealing against what the search by branch and bound has proven, on twenty cells of 10^9 to 10^14 configurations.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "core/scaled_energy.hpp"
#include "fitted_spaces.hpp"
#include "surrogates/lattice/crystal_interactions.hpp"
#include "workers/monte_carlo/walker.hpp"

using namespace hullscan;
using namespace hullscan::test;

namespace {

struct LargeCell {
  const char* structure;
  Eigen::Vector3i cell;
  const char* sites;
  std::vector<std::string> species;
  const char* cutoffs;
  std::vector<int> counts;
};

std::vector<LargeCell> large_cells() {
  const char* const fcc = "Cu-fcc-conventional.vasp";
  const char* const perovskite = "gamma-CsPbI3-Pnma.cif";
  const char* const cubic = "NiAl-B2.vasp";
  const char* const layer = "MoS2-monolayer.cif";
  const std::vector<std::string> alloy{"Cu", "Ag"}, three{"Cu", "Ag", "Au"}, lead{"Pb", "Zn"}, nickel{"Ni", "Co"},
      metal{"Mo", "W"};
  return {
      {fcc, {3, 3, 1}, "Cu", alloy, "pairs = 4.5", {18, 18}},
      {fcc, {3, 3, 1}, "Cu", alloy, "pairs = 4.5\ntriplets = 2.9", {12, 24}},
      {fcc, {5, 2, 1}, "Cu", alloy, "pairs = 3.8", {20, 20}},
      {fcc, {5, 2, 1}, "Cu", alloy, "pairs = 4.5", {13, 27}},
      {fcc, {3, 2, 2}, "Cu", alloy, "pairs = 3.8", {24, 24}},
      {fcc, {3, 2, 2}, "Cu", alloy, "pairs = 4.5", {16, 32}},
      {fcc, {3, 2, 2}, "Cu", alloy, "pairs = 2.9\ntriplets = 2.9", {12, 36}},
      {fcc, {3, 2, 1}, "Cu", three, "pairs = 3.8", {8, 8, 8}},
      {fcc, {7, 1, 1}, "Cu", three, "pairs = 2.9", {10, 9, 9}},
      {perovskite, {3, 3, 1}, "Pb", lead, "pairs = 7", {18, 18}},
      {perovskite, {3, 3, 1}, "Pb", lead, "pairs = 9", {24, 12}},
      {perovskite, {2, 2, 3}, "Pb", lead, "pairs = 7", {24, 24}},
      {perovskite, {2, 2, 3}, "Pb", lead, "pairs = 9", {36, 12}},
      {cubic, {4, 3, 3}, "Ni", nickel, "pairs = 4.2", {18, 18}},
      {cubic, {4, 3, 3}, "Ni", nickel, "pairs = 5.1", {12, 24}},
      {cubic, {4, 4, 3}, "Ni", nickel, "pairs = 4.2", {24, 24}},
      {cubic, {4, 4, 3}, "Ni", nickel, "pairs = 4.2\ntriplets = 4.2", {16, 32}},
      {layer, {6, 6, 1}, "Mo", metal, "pairs = 5.6", {18, 18}},
      {layer, {6, 6, 1}, "Mo", metal, "pairs = 6.5", {12, 24}},
      {layer, {7, 6, 1}, "Mo", metal, "pairs = 5.6", {21, 21}},
  };
}

double configurations(const std::vector<int>& counts) {
  double log = 0;
  int sites = 0;
  for (const int count : counts) {
    log -= std::lgamma(count + 1.0);
    sites += count;
  }
  return std::exp(log + std::lgamma(sites + 1.0));
}

/// The lowest energy of a few walks down the temperatures, each from a random start and quenched at its end.
double annealed_ev(const std::shared_ptr<const CellInteractions>& cell, const std::vector<int>& counts) {
  constexpr std::uint64_t kWalks = 8;
  constexpr double kHottest = 5000, kColdest = 20, kFactor = 0.9;
  constexpr std::size_t kSweeps = 300;
  double lowest = std::numeric_limits<double>::infinity();
  for (std::uint64_t walk = 0; walk < kWalks; ++walk) {
    std::vector<std::uint8_t> occupation;
    for (std::size_t k = 0; k < counts.size(); ++k)
      occupation.insert(occupation.end(), static_cast<std::size_t>(counts[k]), static_cast<std::uint8_t>(k));
    CountedDraws draws(walk);
    for (std::size_t i = occupation.size(); i > 1; --i) std::swap(occupation[i - 1], occupation[draws.below(i)]);
    Walker walker(CellState(cell), WalkRules{.compositions_vary = false, .limits = {}});
    walker.set(occupation);
    std::uint64_t sweeps = 0;
    for (double kelvin = kHottest; kelvin > kColdest; kelvin *= kFactor, sweeps += kSweeps)
      (void)walker.walk({kelvin, {}}, walk, sweeps, kSweeps);
    walker.quench({kColdest, {}});
    lowest = std::min(lowest, walker.state().energy_ev());
  }
  return lowest;
}

}  // namespace

TEST_CASE("annealing finds what is proven the lowest of 10^9 to 10^14 configurations", "[monte-carlo][long]") {
  std::uint64_t seed = 0;
  for (const LargeCell& one : large_cells()) {
    const double size = configurations(one.counts);
    CAPTURE(one.structure, one.cell.transpose(), one.cutoffs, one.counts, size);
    const SearchSpace space = space_of(one.structure, SupercellMatrix(one.cell.asDiagonal()), one.sites, one.species);
    const SurrogateSet models = fitted(space, one.cutoffs, ++seed);
    CompositionCounts counts;
    counts.of_sublattice.push_back(one.counts);
    BestSearchRequest request = search_for(space, models, counts, 1);
    request.most_nodes = 400'000'000;
    const BestSearchResult proven = search_best(request);
    const auto crystal = crystal_interactions(models.space(0));
    REQUIRE(crystal.has_value());

    const double found = annealed_ev(
        std::make_shared<const CellInteractions>(*crystal, SupercellMatrix(one.cell.asDiagonal())), one.counts);

    CHECK(size > 1e9);
    CHECK(size < 1e14);
    CHECK(proven.proven);
    CHECK(found / static_cast<double>(request.atoms) ==
          Approx(score_to_ev_per_atom(proven.best.front().score)).margin(2e-9));
  }
}
