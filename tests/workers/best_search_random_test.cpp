/// Searches for the lowest against looking at every colouring, for random Hamiltonians whose energies are multiples of
/// 1/64 eV: sums are exact, and many configurations have the same energy.
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <limits>
#include <map>
#include <utility>

#include "core/hash.hpp"
#include "core/scaled_energy.hpp"
#include "enumerator/orbits/canonical_form.hpp"
#include "enumerator/space/search_space.hpp"
#include "surrogates/lattice/lattice_polynomial.hpp"
#include "workers/best/placed_branches.hpp"
#include "workers/best_search.hpp"

using namespace hullscan;

namespace {

struct SublatticeOf {
  std::string sites;
  std::vector<std::string> species;
};

SearchSpace space_with(const std::string& structure, const SupercellMatrix& matrix,
                       const std::vector<SublatticeOf>& sublattices) {
  SpaceSpec spec;
  spec.name = "space";
  spec.structure = std::string(HULLSCAN_TEST_DATA) + "/structures/" + structure;
  spec.supercell = matrix;
  for (const SublatticeOf& of : sublattices) {
    SublatticeSpec sublattice;
    sublattice.name = of.sites;
    sublattice.sites = {of.sites};
    for (const std::string& symbol : of.species) {
      const bool rest = sublattice.species.empty();
      sublattice.species.push_back({Species::from_symbol(symbol), rest, {}, rest ? "rest" : "0%..100%", {}});
      if (!rest) sublattice.species.back().ranges = {{0, 100, true}};
    }
    spec.sublattices.push_back(sublattice);
  }
  return SearchSpace::build(spec);
}

/// Canonical forms of each composition with the number of their images.
using Orbits = std::map<CompositionCounts, std::map<std::vector<std::uint8_t>, std::uint64_t>>;

/// By every colouring of a space's first supercell.
Orbits all_orbits(const SearchSpace& space) {
  const GroupAction& action = *space.action(0);
  const Supercell& supercell = *space.supercells()[0];
  Orbits orbits;
  std::vector<std::uint8_t> occupation(action.site_count(), 0);
  for (;;) {
    CompositionCounts counts;
    for (const Sublattice& sublattice : supercell.parent().sublattices)
      counts.of_sublattice.emplace_back(sublattice.allowed.size(), 0);
    counts.of_sublattice.resize(action.sublattice_count());
    for (std::size_t site = 0; site < occupation.size(); ++site)
      ++counts.of_sublattice[static_cast<std::size_t>(action.sublattice_of_site()[site])][occupation[site]];
    ++orbits[counts][canonical_form(action, SearchOrder::of(counts), occupation).occupation];
    std::size_t site = 0;
    for (; site < occupation.size(); ++site) {
      const auto sublattice = static_cast<std::size_t>(action.sublattice_of_site()[site]);
      if (++occupation[site] < supercell.parent().sublattices[sublattice].allowed.size()) break;
      occupation[site] = 0;
    }
    if (site == occupation.size()) return orbits;
  }
}

/// Energies of random orbits of sites, pairs and triplets.
LatticePolynomial random_hamiltonian(const SearchSpace& space, std::uint64_t seed) {
  const GroupAction& action = *space.action(0);
  const Supercell& supercell = *space.supercells()[0];
  LatticePolynomial::Builder builder(supercell);
  for (std::uint64_t term = 0; term < 16; ++term) {
    const std::size_t size = term < 4 ? 1 : term < 10 ? 2 : 3;
    std::vector<int> sites;
    std::vector<std::uint8_t> occupants;
    for (std::uint64_t i = 0; i < size; ++i) {
      const std::array words{term, i};
      const std::size_t site = random_bits(seed, words) % action.site_count();
      const auto sublattice = static_cast<std::size_t>(action.sublattice_of_site()[site]);
      const std::uint64_t others = supercell.parent().sublattices[sublattice].allowed.size() - 1;
      sites.push_back(static_cast<int>(site));
      occupants.push_back(static_cast<std::uint8_t>(1 + (random_bits(seed, words) >> 32) % others));
    }
    const std::array words{term, std::uint64_t{99}};
    const double ev = (static_cast<double>(random_bits(seed, words) % 33) - 16) / 64;
    for (std::size_t g = 0; g < action.order(); ++g) {
      std::vector<int> images;
      for (const int site : sites) images.push_back(action.group().element(g)[static_cast<std::size_t>(site)]);
      builder.add(images, occupants, ev);
    }
  }
  return builder.build();
}

struct CheckedSpace {
  CheckedSpace(const char* name, SearchSpace built) : title(name), space(std::move(built)), orbits(all_orbits(space)) {}
  const char* title;
  SearchSpace space;
  Orbits orbits;
};

std::vector<CheckedSpace> checked_spaces() {
  const auto diagonal = [](int a, int b, int c) { return SupercellMatrix(Eigen::Vector3i(a, b, c).asDiagonal()); };
  SupercellMatrix skew;
  skew << 2, 1, 0, 0, 2, 1, 1, 0, 3;
  std::vector<CheckedSpace> spaces;
  spaces.emplace_back("binary", space_with("Cu-fcc-conventional.vasp", diagonal(3, 1, 1),
                                           std::vector<SublatticeOf>{{"Cu", {"Cu", "Ag"}}}));
  spaces.emplace_back(
      "ternary", space_with("Al-fcc.cif", diagonal(2, 1, 1), std::vector<SublatticeOf>{{"Al", {"Al", "Ni", "Cu"}}}));
  spaces.emplace_back("two sublattices",
                      space_with("NiAl-B2.vasp", diagonal(2, 2, 1),
                                 std::vector<SublatticeOf>{{"Ni", {"Ni", "Co"}}, {"Al", {"Al", "Ga", "In"}}}));
  spaces.emplace_back("little symmetry",
                      space_with("NiAl-B2.vasp", skew, std::vector<SublatticeOf>{{"Ni", {"Ni", "Al"}}}));
  return spaces;
}

struct Case {
  BestSearchRequest request;
  std::vector<Candidate> truth;  ///< all orbits, best first
};

/// Compositions of a space with a Hamiltonian: every fifth, others with another seed.
template <class Check>
void for_cases(const CheckedSpace& checked, std::uint64_t seed, const Check& check) {
  const SearchSpace& space = checked.space;
  const LatticePolynomial hamiltonian = random_hamiltonian(space, seed);
  std::uint64_t place = seed;
  for (const auto& [counts, orbits] : checked.orbits) {
    if (++place % 5 != 0) continue;
    const std::int64_t atoms = static_cast<std::int64_t>(space.action(0)->site_count());
    const SearchOrder order = SearchOrder::of(counts);
    std::vector<std::uint8_t> background;
    for (const int sublattice : space.action(0)->sublattice_of_site())
      background.push_back(order.background[static_cast<std::size_t>(sublattice)]);
    Case one;
    one.request.action = space.action(0);
    one.request.counts = counts;
    one.request.options.superperiodic = true;
    one.request.tables = BranchTables::about(hamiltonian, *space.supercells()[0], background);
    one.request.atoms = atoms;
    one.request.seed = seed;
    for (const auto& [form, images] : orbits) {
      const double ev = hamiltonian.value(form);
      one.truth.push_back({{}, form, images, score_from_ev_per_atom(ev * (1.0 / static_cast<double>(atoms)))});
    }
    std::sort(one.truth.begin(), one.truth.end(), better);
    check(one);
  }
}

}  // namespace

TEST_CASE("for random Hamiltonians with triplets the lowest are those of all colourings, ties included", "[best]") {
  for (const CheckedSpace& checked : checked_spaces()) {
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
      for_cases(checked, seed, [&](Case& one) {
        for (const std::size_t count : {std::size_t{1}, std::size_t{7}, one.truth.size() + 1}) {
          CAPTURE(checked.title, seed, count, one.truth.size());
          one.request.count = count;
          const BestSearchResult found = search_best(one.request);
          const std::size_t kept = std::min(count, one.truth.size());
          REQUIRE(found.proven);
          REQUIRE(found.best == std::vector(one.truth.begin(), one.truth.begin() + static_cast<std::ptrdiff_t>(kept)));
        }
      });
    }
  }
}

TEST_CASE("wherever a search is stopped, nothing it has not found is below its bound", "[best]") {
  for (const CheckedSpace& checked : checked_spaces()) {
    for (std::uint64_t seed = 11; seed <= 14; ++seed) {
      for_cases(checked, seed, [&](Case& one) {
        for (const std::uint64_t nodes : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{5}, std::uint64_t{40}}) {
          CAPTURE(checked.title, seed, nodes);
          one.request.count = 3;
          one.request.most_nodes = nodes;
          const BestSearchResult found = search_best(one.request);
          for (const Candidate& candidate : one.truth) {
            if (std::find(found.best.begin(), found.best.end(), candidate) != found.best.end()) continue;
            REQUIRE(score_to_ev_per_atom(candidate.score + 1) >= found.bound_ev_per_atom);
          }
        }
      });
    }
  }
}

TEST_CASE("what a search stopped by its nodes has found and shown does not depend on the threads", "[best]") {
  const std::vector<CheckedSpace> spaces = checked_spaces();
  for (const CheckedSpace& checked : spaces) {
    for_cases(checked, 21, [&](Case& one) {
      for (const std::uint64_t nodes : {std::uint64_t{30}, std::uint64_t{1'000'000}}) {
        one.request.count = 20;
        one.request.most_nodes = nodes;
        one.request.threads = 1;
        const BestSearchResult alone = search_best(one.request);
        one.request.threads = 3;
        const BestSearchResult shared = search_best(one.request);
        CAPTURE(checked.title, nodes);
        REQUIRE(alone.best == shared.best);
        REQUIRE(alone.proven == shared.proven);
        REQUIRE(alone.nodes == shared.nodes);
        REQUIRE((alone.bound_ev_per_atom == shared.bound_ev_per_atom));
      }
    });
  }
}

TEST_CASE("the search for dilute compositions finds the lowest of others too", "[best]") {
  for (const CheckedSpace& checked : checked_spaces()) {
    for (std::uint64_t seed = 31; seed <= 34; ++seed) {
      for_cases(checked, seed, [&](Case& one) {
        const SearchOrder order = SearchOrder::of(one.request.counts);
        if (order.stages.empty()) return;
        const detail::CompositionEnergy energy(*one.request.action, one.request.counts, *one.request.tables);
        std::int64_t lowest = std::numeric_limits<std::int64_t>::max();
        const auto limit = [&] {
          return lowest == std::numeric_limits<std::int64_t>::max()
                     ? std::numeric_limits<double>::infinity()
                     : score_to_ev_per_atom(lowest + 1) * static_cast<double>(one.request.atoms);
        };
        const auto take = [&](const detail::SiteOptions& options) {
          const auto form = canonical_form(*one.request.action, order, energy.occupation(options)).occupation;
          const auto at = std::find_if(one.truth.begin(), one.truth.end(),
                                       [&](const Candidate& candidate) { return candidate.occupation == form; });
          lowest = std::min(lowest, at->score);
        };
        const auto found = detail::search_placed(
            energy, order, {.most_nodes = 1'000'000, .stop_asked = {}, .limit_ev = limit, .take = take});
        CAPTURE(checked.title, seed);
        REQUIRE(found.finished);
        REQUIRE(lowest == one.truth.front().score);
      });
    }
  }
}
