/// @file
/// Spaces of one sublattice with a cluster expansion that was fitted to random labels.
#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <variant>
#include <vector>

#include "core/hash.hpp"
#include "enumerator/space/search_space.hpp"
#include "surrogates/surrogate_set.hpp"
#include "workers/best_search.hpp"

namespace hullscan::test {

inline SearchSpace space_of(const std::string& structure, const std::variant<SupercellMatrix, VolumeRange>& supercell,
                            const std::string& sites, const std::vector<std::string>& species) {
  SpaceSpec spec;
  spec.name = "space";
  spec.structure = std::string(HULLSCAN_TEST_DATA) + "/structures/" + structure;
  spec.supercell = supercell;
  SublatticeSpec sublattice;
  sublattice.name = "B";
  sublattice.sites = {sites};
  for (const std::string& symbol : species) {
    const bool rest = sublattice.species.empty();
    sublattice.species.push_back({Species::from_symbol(symbol), rest, {}, rest ? "rest" : "0%..100%", {}});
    if (!rest) sublattice.species.back().ranges = {{0, 100, true}};
  }
  spec.sublattices.push_back(sublattice);
  return SearchSpace::build(spec);
}

inline SurrogateSet fitted(const SearchSpace& space, const std::string& cutoffs, std::uint64_t seed = 0) {
  Problems problems;
  SurrogateSet models = SurrogateSet::make(
      {"cluster-expansion", parse_settings_toml("kind = 'cluster-expansion'\nridge = 1e-3\n" + cutoffs, "test")},
      {space.parent()}, problems);
  REQUIRE(problems.empty());
  const auto& supercell = space.supercells()[0];
  std::vector<LabelledConfiguration> labels;
  for (std::uint64_t i = 60 * seed; i < 60 * (seed + 1); ++i) {
    Configuration configuration{supercell, {}};
    for (std::uint64_t s = 0; s < supercell->varied_sites().size(); ++s) {
      const auto species = supercell->parent().sublattices[0].allowed.size();
      configuration.occupation.push_back(static_cast<std::uint8_t>(random_bits(i, s) % species));
    }
    labels.push_back({configuration, 1e-4 * static_cast<double>(random_bits(i, 1000) % 1000), 1, std::to_string(i)});
  }
  (void)models.space(0).fit(labels);
  return models;
}

/// @param counts of one of the compositions of the space's only supercell.
inline BestSearchRequest search_for(const SearchSpace& space, const SurrogateSet& models,
                                    const CompositionCounts& counts, std::size_t count) {
  const Supercell& supercell = *space.supercells()[0];
  const SearchOrder order = SearchOrder::of(counts);
  std::vector<std::uint8_t> background(supercell.varied_sites().size(), order.background[0]);
  BestSearchRequest request;
  request.action = space.action(0);
  request.counts = counts;
  request.options = space.options(0);
  request.tables = models.space(0).scorer(supercell)->branch_tables(background);
  request.atoms = space.composition(0, counts).without_vacancies().atom_count();
  request.count = count;
  return request;
}

}  // namespace hullscan::test
