/// @file
/// Correlation functions of configurations, one for every symmetry orbit of decorated clusters, and what they are in
/// the random alloy. Cited: van de Walle, Calphad 33, 266 (2009), for the point functions.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/supercell.hpp"
#include "surrogates/features/cluster_orbits.hpp"

namespace hullscan {

/// Atomic fractions of every sublattice: [sublattice][index into its `allowed`]; a row sums to 1.
using SublatticeFractions = std::vector<std::vector<double>>;

/// Point function `function` (1 to species - 1) of a site with `species` occupants: -cos(2 pi k s / species) for odd
/// functions, -sin(2 pi k s / species) for even ones, k = ceil(function / 2), s the occupant. Two species: -1 and +1.
double point_function(int species, int function, int occupant);

/// [orbits]: the products of the mean point functions, as if every site were occupied independently of all others.
std::vector<double> random_correlations(const ClusterOrbits& orbits, const SublatticeFractions& fractions);

/// The correlation functions of one supercell: the mean over all members of an orbit of the product of the point
/// functions of its sites, where an orbit's occupants number the functions. Immutable; threads may share it.
class CellCorrelations {
 public:
  CellCorrelations(const ClusterOrbits& orbits, const Supercell& supercell);

  /// [varied site * stride + function - 1] for one occupation; what correlation() reads. @param values resized.
  void point_values(std::span<const std::uint8_t> occupation, std::vector<double>& values) const;
  /// Of one orbit. The terms are summed in a fixed order: the occupation alone decides the last bit.
  [[nodiscard]] double correlation(std::size_t orbit, std::span<const double> point_values) const;
  /// [orbits]
  [[nodiscard]] std::vector<double> correlations(std::span<const std::uint8_t> occupation) const;

 private:
  struct OrbitTerms {
    std::size_t sites = 1;
    std::vector<std::uint32_t> places;  ///< [term * sites + i] into the point values
    std::vector<double> numbers;        ///< [term] members that fall on these places
    double members = 1;                 ///< in the supercell
  };
  std::size_t stride_ = 1;
  std::vector<int> species_;        ///< [varied site]
  std::vector<OrbitTerms> orbits_;  ///< [orbit]
};

}  // namespace hullscan
