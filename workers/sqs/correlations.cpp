#include "workers/sqs/correlations.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

namespace hullscan {

double point_function(int species, int function, int occupant) {
  const int k = (function + 1) / 2;
  const double angle = 2 * std::numbers::pi * k * occupant / species;
  return function % 2 == 1 ? -std::cos(angle) : -std::sin(angle);
}

std::vector<double> random_correlations(const ClusterOrbits& orbits, const SublatticeFractions& fractions) {
  std::vector<double> random;
  for (const DecoratedOrbit& orbit : orbits.orbits()) {
    double product = 1;
    for (std::size_t i = 0; i < orbit.sites.size(); ++i) {
      const auto& row = fractions[static_cast<std::size_t>(orbits.sites().sublattice(orbit.sites[i].site))];
      double mean = 0;
      for (std::size_t s = 0; s < row.size(); ++s)
        mean += row[s] * point_function(static_cast<int>(row.size()), orbit.occupants[i], static_cast<int>(s));
      product *= mean;
    }
    random.push_back(product);
  }
  return random;
}

CellCorrelations::CellCorrelations(const ClusterOrbits& orbits, const Supercell& supercell)
    : orbits_(orbits.orbits().size()) {
  const auto& sublattices = orbits.parent().sublattices;
  for (const Sublattice& sublattice : sublattices) stride_ = std::max(stride_, sublattice.allowed.size() - 1);
  for (int i = 0; i < static_cast<int>(supercell.varied_sites().size()); ++i) {
    const auto sublattice = static_cast<std::size_t>(supercell.sublattice_of(i));
    species_.push_back(static_cast<int>(sublattices[sublattice].allowed.size()));
  }

  const SupercellSites places(orbits.sites(), supercell);
  std::vector<std::map<std::vector<std::uint32_t>, int>> terms(orbits_.size());
  for (const SiteCluster& cluster : orbits.clusters()) {
    for (const auto& cell : places.cells()) {
      for (std::size_t decoration = 0; decoration < cluster.orbit_of.size(); ++decoration) {
        std::vector<std::uint32_t> term(cluster.sites.size());
        std::size_t rest = decoration;
        for (std::size_t i = cluster.sites.size(); i-- > 0;) {
          const auto site = static_cast<std::size_t>(places.varied_index(cell, cluster.sites[i]));
          const auto functions = static_cast<std::size_t>(species_[site] - 1);
          term[i] = static_cast<std::uint32_t>(site * stride_ + rest % functions);
          rest /= functions;
        }
        std::sort(term.begin(), term.end());
        ++terms[static_cast<std::size_t>(cluster.orbit_of[decoration])][term];
      }
    }
  }
  for (std::size_t o = 0; o < orbits_.size(); ++o) {
    OrbitTerms& made = orbits_[o];
    made.sites = orbits.orbits()[o].sites.size();
    made.members = static_cast<double>(orbits.orbits()[o].multiplicity) * static_cast<double>(places.cells().size());
    for (const auto& [term, number] : terms[o]) {
      made.places.insert(made.places.end(), term.begin(), term.end());
      made.numbers.push_back(number);
    }
  }
}

void CellCorrelations::point_values(std::span<const std::uint8_t> occupation, std::vector<double>& values) const {
  values.assign(species_.size() * stride_, 0);
  for (std::size_t i = 0; i < species_.size(); ++i) {
    for (int f = 1; f < species_[i]; ++f)
      values[i * stride_ + static_cast<std::size_t>(f - 1)] = point_function(species_[i], f, occupation[i]);
  }
}

double CellCorrelations::correlation(std::size_t orbit, std::span<const double> point_values) const {
  const OrbitTerms& terms = orbits_[orbit];
  double sum = 0;
  const std::uint32_t* place = terms.places.data();
  for (const double number : terms.numbers) {
    double product = number;
    for (std::size_t i = 0; i < terms.sites; ++i) product *= point_values[*place++];
    sum += product;
  }
  return sum / terms.members;
}

std::vector<double> CellCorrelations::correlations(std::span<const std::uint8_t> occupation) const {
  std::vector<double> values, found(orbits_.size());
  point_values(occupation, values);
  for (std::size_t o = 0; o < found.size(); ++o) found[o] = correlation(o, values);
  return found;
}

}  // namespace hullscan
