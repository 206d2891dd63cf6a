/// @file
/// The Ising model on an L x L square torus, every state of it: E = -J sum of s s' over neighbours, J = 1 eV; a site
/// with s = 1 counts as an atom of the second species. Sums over all states are exact averages.
#pragma once

#include <cmath>
#include <map>
#include <utility>
#include <vector>

namespace hullscan::test {

class ExactIsing {
 public:
  explicit ExactIsing(int length) : sites_(length * length) {
    for (unsigned state = 0; state < 1U << static_cast<unsigned>(sites_); ++state) {
      int energy = 0, up = 0;
      const auto spin = [&](int x, int y) {
        return (state >> static_cast<unsigned>((x % length) * length + y % length) & 1U) != 0 ? 1 : -1;
      };
      for (int x = 0; x < length; ++x) {
        for (int y = 0; y < length; ++y) {
          up += spin(x, y) > 0 ? 1 : 0;
          energy -= spin(x, y) * (spin(x + 1, y) + spin(x, y + 1));
        }
      }
      ++number_[{energy, up}];
    }
  }

  struct Averages {
    double ln_z = 0;
    double potential = 0, potential_variance = 0;  ///< of E - mu N, whole cell
    double energy = 0, energy_variance = 0;
    double atoms = 0, atoms_variance = 0;
    double m2 = 0, m4 = 0;  ///< of the magnetisation of a site
  };
  /// At beta [1/eV] and mu [eV], of the whole cell.
  [[nodiscard]] Averages at(double beta, double mu = 0) const {
    double highest = -1e300;
    for (const auto& [state, number] : number_) highest = std::max(highest, -beta * (state.first - mu * state.second));
    double z = 0;
    Averages sum;
    for (const auto& [state, number] : number_) {
      const double e = state.first, n = state.second, phi = e - mu * n;
      const double weight = number * std::exp(-beta * phi - highest), m = (2 * n - sites_) / sites_;
      z += weight;
      sum.potential += weight * phi;
      sum.potential_variance += weight * phi * phi;
      sum.energy += weight * e;
      sum.energy_variance += weight * e * e;
      sum.atoms += weight * n;
      sum.atoms_variance += weight * n * n;
      sum.m2 += weight * m * m;
      sum.m4 += weight * m * m * m * m;
    }
    for (double* one : {&sum.potential, &sum.potential_variance, &sum.energy, &sum.energy_variance, &sum.atoms,
                        &sum.atoms_variance, &sum.m2, &sum.m4})
      *one /= z;
    sum.potential_variance -= sum.potential * sum.potential;
    sum.energy_variance -= sum.energy * sum.energy;
    sum.atoms_variance -= sum.atoms * sum.atoms;
    sum.ln_z = std::log(z) + highest;
    return sum;
  }
  [[nodiscard]] int sites() const { return sites_; }
  /// States by energy and number of atoms.
  [[nodiscard]] const std::map<std::pair<int, int>, double>& states() const { return number_; }

 private:
  int sites_;
  std::map<std::pair<int, int>, double> number_;
};

}  // namespace hullscan::test
