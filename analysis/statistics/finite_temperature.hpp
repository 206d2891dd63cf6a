/// @file
/// Configurational thermodynamics from energies and exact degeneracies: free energy, energy, entropy, heat capacity
/// and the probability of every orbit, of one composition or over compositions at a chemical potential.
/// Energies in eV per supercell, temperatures in kelvin.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/composition.hpp"

namespace hullscan {

inline constexpr double kBoltzmannEvPerKelvin = 8.617333262e-5;  ///< CODATA 2018

/// One orbit.
struct EnergyLevel {
  double energy_ev = 0;
  double degeneracy = 1;  ///< configurations in the orbit
};

struct ThermodynamicState {
  double free_energy_ev = 0;               ///< F = -k T ln Z
  double energy_ev = 0;                    ///< U, the mean energy
  double entropy_ev_per_kelvin = 0;        ///< (U - F) / T
  double heat_capacity_ev_per_kelvin = 0;  ///< (<E^2> - U^2) / (k T^2), at constant composition
  std::vector<double> probabilities;       ///< [level]: of the whole orbit; sums to 1
};

/// The canonical ensemble, by log-sum-exp: energies of any size. At 0 K its limit: the lowest levels share all.
/// Source: McQuarrie, Statistical Mechanics (1976), ch. 2; over symmetry-inequivalent configurations Grau-Crespo et
/// al., J. Phys.: Condens. Matter 19, 256201 (2007).
/// @throws InputError for no levels, a degeneracy that is not positive, an energy that is not finite, or T < 0.
ThermodynamicState canonical_state(std::span<const EnergyLevel> levels, double temperature_kelvin,
                                   double boltzmann = kBoltzmannEvPerKelvin);
/// Entropy of one composition at infinite temperature: k ln of the number of configurations.
double ideal_entropy_ev_per_kelvin(std::span<const EnergyLevel> levels, double boltzmann = kBoltzmannEvPerKelvin);

/// Random mixing on one sublattice at infinite temperature: -k * sites * sum x ln x.
/// @param fractions of the species on it; sum to 1. @throws InputError if not.
double ideal_mixing_entropy_ev_per_kelvin(double sites, std::span<const double> fractions,
                                          double boltzmann = kBoltzmannEvPerKelvin);

/// All orbits of one number of exchanged atoms.
struct CompositionLevels {
  std::int64_t exchanged = 0;  ///< n, atoms that the chemical potential acts on
  std::vector<EnergyLevel> levels;
};

struct GrandCanonicalState {
  double chemical_potential_ev = 0;  ///< mu, eV per exchanged atom
  double mean_exchanged = 0;         ///< <n>
  double energy_ev = 0;              ///< <E>
  double free_energy_ev = 0;         ///< F = <E> - T S = Omega + mu <n>
  double entropy_ev_per_kelvin = 0;
  std::vector<double> shares;                      ///< [composition]
  std::vector<std::vector<double>> probabilities;  ///< [composition][level]; all sum to 1
};

/// Every orbit weighs degeneracy * exp(-(E - n mu) / k T).
/// @param temperature_kelvin > 0. @throws InputError as canonical_state.
GrandCanonicalState grand_canonical_state(std::span<const CompositionLevels> compositions, double temperature_kelvin,
                                          double chemical_potential_ev, double boltzmann = kBoltzmannEvPerKelvin);
/// The chemical potential at which <n> is this, by bisection: <n> rises with mu.
/// @throws InputError if `mean_exchanged` does not lie strictly between the smallest and the largest n.
GrandCanonicalState grand_canonical_at(std::span<const CompositionLevels> compositions, double temperature_kelvin,
                                       double mean_exchanged, double boltzmann = kBoltzmannEvPerKelvin);
}  // namespace hullscan
