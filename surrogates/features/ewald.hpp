/// @file
/// Electrostatics of point charges in a periodic cell as a matrix of site pairs, computed once per supercell: the
/// energy of any assignment of charges is then half a quadratic form.
#pragma once

#include <Eigen/Core>
#include <map>
#include <span>

#include "core/campaign/settings.hpp"
#include "core/lattice.hpp"
#include "core/species.hpp"
#include "core/supercell.hpp"
#include "surrogates/lattice/lattice_polynomial.hpp"

namespace hullscan {

/// e^2 / (4 pi epsilon_0), eV Å (CODATA 2018).
inline constexpr double kCoulombEvAngstrom = 14.399645478425668;

/// M such that E = 1/2 q^T M q, eV, q in units of e; per cell. A cell that is not neutral is taken with the uniform
/// background that makes it so. M(i, i) is the interaction of a site with its own images.
/// Error of an energy: about `accuracy` times the sum of q^2, in eV.
/// Source: Ewald, Ann. Phys. 369, 253 (1921), as in Toukmaji & Board, Comput. Phys. Commun. 95, 73 (1996).
/// Cost: O(sites^2 * (images within the real cutoff + reciprocal vectors)).
/// @throws InputError if two sites lie on each other.
Eigen::MatrixXd ewald_matrix(const Lattice& lattice, std::span<const Fractional> sites, double accuracy = 1e-11);
/// Some rows of it, [rows, sites]: all that a crystal of equal cells needs is the rows of one of them.
/// @param rows indices into `sites`. Cost: O(rows * sites * (images + reciprocal vectors)).
Eigen::MatrixXd ewald_rows(const Lattice& lattice, std::span<const Fractional> sites, std::span<const int> rows,
                           double accuracy = 1e-11);

/// Charge of every species, e. The vacancy has none unless it says so.
using Charges = std::map<Species, double>;

/// The key "oxidation" of a model's table: { Li = 1, O = -2 }. Every species of the parent but the vacancy is needed.
/// What is wrong goes to `problems`.
Charges read_charges(SettingsReader& reader, const ParentCrystal& parent);

/// Ewald energy of one supercell as a polynomial of its occupation.
class SupercellElectrostatics {
 public:
  SupercellElectrostatics(const Supercell& supercell, const Charges& charges);
  /// Energy of the whole supercell, eV.
  [[nodiscard]] double energy_ev(std::span<const std::uint8_t> occupation) const;
  /// The same times `factor`, as terms.
  void add_terms(LatticePolynomial::Builder& builder, double factor) const;

 private:
  const Supercell& supercell_;
  Eigen::MatrixXd matrix_;                   ///< of all sites
  Eigen::VectorXd base_;                     ///< charges with the first species on every varied site
  std::vector<std::vector<double>> change_;  ///< [varied site][occupant]: charge - base charge
  Eigen::VectorXd field_;                    ///< matrix * base
};

}  // namespace hullscan
