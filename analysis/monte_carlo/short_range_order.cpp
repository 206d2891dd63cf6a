#include "analysis/monte_carlo/short_range_order.hpp"

#include <fmt/format.h>

#include "core/errors.hpp"

namespace hullscan {

std::vector<std::vector<std::optional<double>>> warren_cowley(const PairCounts& pairs) {
  const std::size_t n = pairs.size();
  std::vector<double> at_first(n, 0.0), at_second(n, 0.0);
  double all = 0;
  for (std::size_t i = 0; i < n; ++i) {
    if (pairs[i].size() != n)
      throw InputError(fmt::format("pairs of a shell: expected {} columns in row {}, found {}", n, i, pairs[i].size()));
    for (std::size_t j = 0; j < n; ++j) {
      at_first[i] += pairs[i][j];
      at_second[j] += pairs[i][j];
      all += pairs[i][j];
    }
  }
  std::vector<std::vector<std::optional<double>>> alpha(n, std::vector<std::optional<double>>(n));
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      if (at_first[i] <= 0 || at_second[j] <= 0 || (i == j && at_second[j] >= all)) continue;
      const double share = at_second[j] / all;
      alpha[i][j] = (pairs[i][j] / at_first[i] - share) / ((i == j ? 1.0 : 0.0) - share);
    }
  }
  return alpha;
}

std::vector<std::vector<double>> occupation_of_groups(std::span<const std::uint8_t> occupation,
                                                      std::span<const std::size_t> group, std::size_t groups,
                                                      std::size_t species) {
  std::vector<std::vector<double>> share(groups, std::vector<double>(species, 0.0));
  std::vector<double> sites(groups, 0.0);
  for (std::size_t i = 0; i < occupation.size(); ++i) {
    sites[group[i]] += 1;
    share[group[i]][occupation[i]] += 1;
  }
  for (std::size_t g = 0; g < groups; ++g) {
    for (double& one : share[g]) one = sites[g] > 0 ? one / sites[g] : 0;
  }
  return share;
}

double long_range_order(double on_own_sites, double overall, double own_sites) {
  return (on_own_sites - overall) / (1 - own_sites);
}

}  // namespace hullscan
