#include "workers/best/composition_energy.hpp"

namespace hullscan::detail {

CompositionEnergy::CompositionEnergy(const GroupAction& group_action, const CompositionCounts& counts,
                                     const BranchTables& tables)
    : action(group_action), constant_ev(tables.constant_ev()) {
  const SearchOrder order = SearchOrder::of(counts);
  std::vector<std::vector<std::uint8_t>> options;  // [sublattice]
  for (std::size_t s = 0; s < counts.of_sublattice.size(); ++s) {
    options.push_back({order.background[s]});
    for (std::size_t i = 0; i < counts.of_sublattice[s].size(); ++i) {
      if (i != order.background[s] && counts.of_sublattice[s][i] > 0)
        options.back().push_back(static_cast<std::uint8_t>(i));
    }
    count.emplace_back();
    for (const std::uint8_t occupant : options.back()) count.back().push_back(counts.of_sublattice[s][occupant]);
  }
  std::vector<std::size_t> in_tables;
  for (std::size_t site = 0; site < action.site_count(); ++site) {
    species.push_back(options[static_cast<std::size_t>(action.sublattice_of_site()[site])]);
    first_state.push_back(site_of.size());
    for (std::size_t option = 1; option < species.back().size(); ++option) {
      site_of.push_back(static_cast<std::uint16_t>(site));
      in_tables.push_back(static_cast<std::size_t>(tables.state(site, species.back()[option])));
    }
  }
  const std::size_t n = state_count();
  pairs.assign(n * n, 0.0);
  for (std::size_t a = 0; a < n; ++a) {
    linear_ev.push_back(tables.linear()[in_tables[a]]);
    for (std::size_t b = 0; b < a; ++b) {
      if (site_of[a] == site_of[b]) continue;
      pairs[a * n + b] = pairs[b * n + a] = tables.pair_ev(in_tables[a], in_tables[b]);
      for (std::size_t c = 0; tables.has_triplets() && c < b; ++c) {
        const double ev = tables.triplet_ev(in_tables[a], in_tables[b], in_tables[c]);
        if (ev != 0.0) {
          triplets.push_back(
              {{static_cast<std::uint16_t>(c), static_cast<std::uint16_t>(b), static_cast<std::uint16_t>(a)}, ev});
        }
      }
    }
  }
}

std::vector<std::uint8_t> CompositionEnergy::occupation(std::span<const std::uint8_t> options) const {
  std::vector<std::uint8_t> result(options.size());
  for (std::size_t site = 0; site < options.size(); ++site) result[site] = species[site][options[site]];
  return result;
}

}  // namespace hullscan::detail
