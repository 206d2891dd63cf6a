/// @file
/// The energy of the infinite crystal as a table of interactions that every lattice translation leaves alone: what a
/// fitted polynomial model says before any supercell is chosen. A cell of any size is made from it without a term for
/// each of its sites.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "surrogates/features/ewald.hpp"
#include "surrogates/features/primitive_sites.hpp"
#include "surrogates/surrogate.hpp"

namespace hullscan {

/// E = constant * primitive cells + sum over translations and clusters of the energy of the cluster's decoration
/// + factor * Ewald energy.
struct CrystalInteractions {
  /// One of every class of translations; occupant 0 on any of its sites gives no energy.
  struct Cluster {
    std::vector<LatticeSite> sites;   ///< 1 to 4, distinct in the infinite crystal
    std::vector<double> energies_ev;  ///< of a decoration: mixed radix over (occupant - 1), last site fastest
  };
  struct Electrostatics {
    double factor = 1;
    Charges charges;
  };

  std::shared_ptr<const ParentCrystal> parent;
  PrimitiveSites sites;
  double constant_ev = 0;  ///< per primitive cell
  std::vector<Cluster> clusters;
  std::optional<Electrostatics> electrostatics = {};

  /// Occupants that a primitive site may have.
  [[nodiscard]] int occupants(int site) const {
    return static_cast<int>(parent->sublattices[static_cast<std::size_t>(sites.sublattice(site))].allowed.size());
  }
};

/// @returns nothing where the model is no polynomial of the occupation that holds for any supercell.
/// @throws InputError before the first fit.
std::optional<CrystalInteractions> crystal_interactions(const Surrogate& model);

}  // namespace hullscan
