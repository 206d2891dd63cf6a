#include "enumerator/orbits/search_order.hpp"

#include <algorithm>
#include <numeric>  // std::accumulate

#include "core/big_integer.hpp"

namespace hullscan {
namespace {

BigInteger subsets(int sites, int count) {
  BigInteger result = 1;
  for (int i = 1; i <= count; ++i) result = result * (sites - count + i) / i;
  return result;
}

}  // namespace

SearchOrder SearchOrder::of(const CompositionCounts& counts) {
  struct StageChoice {
    BigInteger subsets;
    Stage stage;
  };
  SearchOrder order;
  std::vector<StageChoice> candidates;
  for (std::size_t s = 0; s < counts.of_sublattice.size(); ++s) {
    const std::vector<int>& row = counts.of_sublattice[s];
    const int sites = std::accumulate(row.begin(), row.end(), 0);
    const auto background = static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin());
    order.background.push_back(static_cast<std::uint8_t>(background));
    for (std::size_t species = 0; species < row.size(); ++species) {
      if (species == background || row[species] == 0) continue;
      candidates.push_back({subsets(sites, row[species]), {s, static_cast<std::uint8_t>(species), row[species]}});
      order.tuple_length += static_cast<std::size_t>(row[species]);
    }
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const StageChoice& a, const StageChoice& b) { return a.subsets < b.subsets; });
  for (const StageChoice& candidate : candidates) order.stages.push_back(candidate.stage);
  return order;
}

}  // namespace hullscan
