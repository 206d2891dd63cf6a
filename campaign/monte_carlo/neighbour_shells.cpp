#include "campaign/monte_carlo/neighbour_shells.hpp"

#include <algorithm>
#include <limits>

#include "analysis/monte_carlo/short_range_order.hpp"
#include "surrogates/features/primitive_sites.hpp"

namespace hullscan {
namespace {

constexpr double kSameDistanceAngstrom = 0.01;

/// Distances of the nearest shells of a sublattice, ascending.
std::vector<double> shell_distances(const PrimitiveSites& sites, int sublattice) {
  for (double radius = 4;; radius *= 1.5) {
    std::vector<double> distances;
    for (int site = 0; site < sites.count(); ++site) {
      if (sites.sublattice(site) != sublattice) continue;
      for (const LatticeSite& other : sites.neighbours(site, radius)) {
        if (sites.sublattice(other.site) == sublattice)
          distances.push_back(sites.distance_angstrom({{0, 0, 0}, site}, other));
      }
    }
    std::sort(distances.begin(), distances.end());
    std::vector<double> shells;
    for (const double distance : distances) {
      if (shells.empty() || distance > shells.back() + kSameDistanceAngstrom) shells.push_back(distance);
    }
    if (shells.size() <= NeighbourShells::kShells) continue;
    shells.resize(NeighbourShells::kShells);
    return shells;
  }
}

double alpha_of(const SeriesMoments& moments, std::size_t species, std::size_t a, std::size_t b) {
  PairCounts pairs(species, std::vector<double>(species));
  for (std::size_t i = 0; i < species; ++i) {
    for (std::size_t j = 0; j < species; ++j) pairs[i][j] = moments.mean(i * species + j);
  }
  return warren_cowley(pairs)[a][b].value_or(std::numeric_limits<double>::quiet_NaN());
}

}  // namespace

NeighbourShells::NeighbourShells(const std::shared_ptr<const ParentCrystal>& parent, const SupercellMatrix& cell,
                                 const CellInteractions& sites)
    : parent_(parent) {
  const PrimitiveSites primitive(*parent);
  const Supercell supercell(parent, cell);
  const SupercellSites where(primitive, supercell);
  const std::vector<std::size_t> numbers = sites.numbers_of(supercell);
  for (std::size_t l = 0; l < parent->sublattices.size(); ++l) {
    const std::size_t species = parent->sublattices[l].allowed.size();
    if (species < 2) continue;
    const std::vector<double> distances = shell_distances(primitive, static_cast<int>(l));
    const std::size_t first = shells_.size();
    for (std::size_t s = 0; s < distances.size(); ++s)
      shells_.push_back({l, static_cast<int>(s) + 1, distances[s], species, {}});
    for (int site = 0; site < primitive.count(); ++site) {
      if (primitive.sublattice(site) != static_cast<int>(l)) continue;
      const LatticeSite home{{0, 0, 0}, site};
      for (const LatticeSite& other : primitive.neighbours(site, distances.back() + kSameDistanceAngstrom)) {
        if (primitive.sublattice(other.site) != static_cast<int>(l)) continue;
        const double distance = primitive.distance_angstrom(home, other);
        std::size_t s = 0;
        while (s + 1 < distances.size() && distance > distances[s] + kSameDistanceAngstrom) ++s;
        for (const std::array<int, 3>& at : where.cells())
          shells_[first + s].pairs.emplace_back(
              static_cast<std::uint32_t>(numbers[static_cast<std::size_t>(where.varied_index(at, home))]),
              static_cast<std::uint32_t>(numbers[static_cast<std::size_t>(where.varied_index(at, other))]));
      }
    }
  }
}

std::vector<SeriesStatistics> NeighbourShells::empty_series() const {
  std::vector<SeriesStatistics> series;
  for (const NeighbourShell& shell : shells_) series.emplace_back(shell.species * shell.species);
  return series;
}

void NeighbourShells::measure(const CellState& state, std::vector<SeriesStatistics>& series) const {
  const auto occupation = state.occupation();
  for (std::size_t s = 0; s < shells_.size(); ++s) {
    std::vector<double> counts(shells_[s].species * shells_[s].species, 0.0);
    for (const auto& [a, b] : shells_[s].pairs) counts[occupation[a] * shells_[s].species + occupation[b]] += 1;
    series[s].add(counts);
  }
}

Json NeighbourShells::short_range_order(const std::vector<SeriesStatistics>& series, std::int64_t first) const {
  Json all = Json::array();
  for (std::size_t s = 0; s < shells_.size(); ++s) {
    const NeighbourShell& shell = shells_[s];
    const Sublattice& sublattice = parent_->sublattices[shell.sublattice];
    for (std::size_t a = 0; a < shell.species; ++a) {
      for (std::size_t b = a + 1; b < shell.species; ++b) {
        const Estimate alpha = series[s].estimate(
            [&](const SeriesMoments& moments) { return alpha_of(moments, shell.species, a, b); }, first);
        all.push_back({{"sublattice", sublattice.name},
                       {"shell", shell.number},
                       {"distance_angstrom", shell.distance_angstrom},
                       {"species", {sublattice.allowed[a].symbol(), sublattice.allowed[b].symbol()}},
                       {"alpha", finite_or_null(alpha.value)},
                       {"error", finite_or_null(alpha.standard_error)}});
      }
    }
  }
  return all;
}

}  // namespace hullscan
