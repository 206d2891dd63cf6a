#include "surrogates/features/extreme_labels.hpp"

#include <algorithm>
#include <limits>

namespace hullscan {
namespace {

constexpr double kSameShare = 1e-9;
constexpr std::ptrdiff_t kFewestOthers = 3;

/// [species of all sublattices, one after the other] what of its sublattice each takes.
std::vector<double> shares_of(const Configuration& configuration) {
  const Supercell& supercell = *configuration.supercell;
  std::vector<std::size_t> first;
  std::size_t species = 0;
  for (const Sublattice& sublattice : supercell.parent().sublattices) {
    first.push_back(species);
    species += sublattice.allowed.size();
  }
  std::vector<double> counts(species, 0.0), sites(first.size(), 0.0);
  for (std::size_t v = 0; v < configuration.occupation.size(); ++v) {
    const auto sublattice = static_cast<std::size_t>(supercell.sublattice_of(static_cast<int>(v)));
    ++counts[first[sublattice] + configuration.occupation[v]];
    ++sites[sublattice];
  }
  for (std::size_t k = 0; k < first.size(); ++k) {
    const std::size_t end = k + 1 < first.size() ? first[k + 1] : species;
    for (std::size_t s = first[k]; s < end; ++s) counts[s] /= std::max(1.0, sites[k]);
  }
  return counts;
}

/// The one label of the largest share, if it is one; else their number.
std::size_t only_largest(const std::vector<std::vector<double>>& shares, std::size_t species, double sign) {
  double largest = -std::numeric_limits<double>::infinity();
  for (const auto& of : shares) largest = std::max(largest, sign * of[species]);
  std::size_t found = shares.size(), count = 0;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    if (sign * shares[i][species] < largest - kSameShare) continue;
    found = i;
    ++count;
  }
  return count == 1 ? found : shares.size();
}

}  // namespace

std::vector<bool> extreme_labels(std::span<const LabelledConfiguration> labels) {
  std::vector<std::vector<double>> shares;
  std::vector<std::size_t> label;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (!(labels[i].weight > 0)) continue;
    shares.push_back(shares_of(labels[i].configuration));
    label.push_back(i);
  }
  std::vector<bool> extreme(labels.size(), false);
  if (shares.empty()) return extreme;
  for (std::size_t species = 0; species < shares.front().size(); ++species) {
    for (const double sign : {1.0, -1.0}) {
      const std::size_t found = only_largest(shares, species, sign);
      if (found < shares.size()) extreme[label[found]] = true;
    }
  }
  if (static_cast<std::ptrdiff_t>(label.size()) - std::count(extreme.begin(), extreme.end(), true) < kFewestOthers)
    extreme.assign(labels.size(), false);
  return extreme;
}

}  // namespace hullscan
