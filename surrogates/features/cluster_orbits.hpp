/// @file
/// Symmetry orbits of decorated clusters, and how often each occurs in a configuration. Orbits come from the symmetry
/// operations of the parent crystal, never from distances: two pairs of one length need not be equivalent.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "surrogates/features/primitive_sites.hpp"

namespace hullscan {

/// Largest distance between two sites of a cluster, Å; 0 = no clusters of that size.
struct ClusterCutoffs {
  double pairs_angstrom = 0;
  double triplets_angstrom = 0;
  double quadruplets_angstrom = 0;
  friend bool operator==(const ClusterCutoffs&, const ClusterCutoffs&) = default;
};

/// Sites with an occupant on each, up to symmetry. Occupants never are a sublattice's first species: an indicator basis
/// with that species left out is complete.
struct DecoratedOrbit {
  std::vector<LatticeSite> sites;       ///< of one member, ascending, the first in cell 0
  std::vector<std::uint8_t> occupants;  ///< of the same member, index into `allowed`, >= 1
  double diameter_angstrom = 0;         ///< largest distance between two sites; 0 for a point
  int multiplicity = 0;                 ///< members per primitive cell
};

/// Sites of one cluster and what each way to decorate them belongs to. One of every class of lattice translations.
struct SiteCluster {
  std::vector<LatticeSite> sites;  ///< ascending, the first in cell 0
  std::vector<int> orbit_of;       ///< orbit of a decoration; mixed radix over (occupant - 1), last site fastest
};

class ClusterOrbits {
 public:
  /// Members of an orbit are made by the operations from one member within the cutoff, so an orbit is complete even if
  /// rounding puts another member outside.
  /// @throws InputError if more than `kMostClusters` decorated clusters per primitive cell would arise.
  ClusterOrbits(std::shared_ptr<const ParentCrystal> parent, const ClusterCutoffs& cutoffs);
  static constexpr std::size_t kMostClusters = 500'000;

  [[nodiscard]] const ParentCrystal& parent() const { return *parent_; }
  [[nodiscard]] const std::shared_ptr<const ParentCrystal>& parent_pointer() const { return parent_; }
  [[nodiscard]] const PrimitiveSites& sites() const { return sites_; }
  /// By number of sites, diameter, then sites and occupants. Points come first.
  [[nodiscard]] const std::vector<DecoratedOrbit>& orbits() const { return orbits_; }
  [[nodiscard]] std::size_t point_count() const;
  [[nodiscard]] const std::vector<SiteCluster>& clusters() const { return clusters_; }
  /// How many members of every orbit a configuration realises in one period of its supercell. A cluster that wraps
  /// around counts as it does in the infinite crystal, a site may pair with its own image.
  [[nodiscard]] std::vector<std::int64_t> counts(const Configuration& configuration) const;
  /// "pair Ni-Ni 2.83 Å (6 per cell)".
  [[nodiscard]] std::string description(std::size_t orbit) const;
  /// A hash of the orbits' members in order; equal exactly where coefficients mean the same.
  [[nodiscard]] std::uint64_t fingerprint() const;

 private:
  std::shared_ptr<const ParentCrystal> parent_;
  PrimitiveSites sites_;
  std::vector<DecoratedOrbit> orbits_;
  std::vector<SiteCluster> clusters_;
};

/// Primitive cells in one period of a supercell.
int primitive_cell_count(const Supercell& supercell);

}  // namespace hullscan
