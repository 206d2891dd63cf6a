/// @file
/// The parent crystal: the disordered crystal a campaign starts from, with its sublattices and the symmetry that was
/// found from its coordinates.
#pragma once

#include <Eigen/Core>
#include <string>
#include <vector>

#include "core/lattice.hpp"
#include "core/species.hpp"

namespace hullscan {

/// x' = R x + t in fractional coordinates (column vectors).
struct SymmetryOperation {
  Eigen::Matrix3i rotation = Eigen::Matrix3i::Identity();
  Eigen::Vector3d translation = Eigen::Vector3d::Zero();
};

inline constexpr int kFixedSite = -1;

struct ParentSite {
  std::string label;
  char wyckoff_letter = '?';
  Fractional position;          ///< in [0, 1)
  int sublattice = kFixedSite;  ///< index into ParentCrystal::sublattices, or kFixedSite
  Species fixed_species;        ///< meaningful where sublattice == kFixedSite; the vacancy = an empty fixed site
};

/// Sites that share occupants and a count; any union of symmetry orbits.
struct Sublattice {
  std::string name;
  std::vector<Species> allowed;  ///< the order of the campaign file; occupations index into it
  std::vector<int> sites;        ///< indices into ParentCrystal::sites, ascending
};

struct ParentCrystal {
  Lattice lattice;                ///< of the reference cell: as given, or primitive if the campaign asks for it
  std::vector<ParentSite> sites;  ///< of the reference cell
  std::vector<Sublattice> sublattices;
  int space_group_number = 1;
  std::string space_group_symbol = "P1";
  double symprec_angstrom = 1e-3;

  Eigen::Matrix3i cell_in_primitive =
      Eigen::Matrix3i::Identity();  ///< lattice.rows() = cell_in_primitive * primitive rows
  std::vector<SymmetryOperation>
      operations;      ///< of the PRIMITIVE crystal, in primitive fractional coordinates with the
                       ///< same origin; one per coset of the lattice translations; identity first
  std::string source;  ///< the file it was read from

  [[nodiscard]] Lattice primitive_lattice() const;
  /// Species in the order a formula is written: by first appearance over the sites, a sublattice's occupants in its
  /// order.
  [[nodiscard]] std::vector<Species> formula_order() const;
};

}  // namespace hullscan
