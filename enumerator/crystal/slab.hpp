/// @file
/// Surfaces of a crystal: which lattice planes are distinct, how a slab ends, where an adsorbate can sit.
#pragma once

#include <Eigen/Core>
#include <string>
#include <vector>

#include "core/parent_crystal.hpp"
#include "core/structure.hpp"

namespace hullscan {

struct MillerClass {
  Eigen::Vector3i hkl;          ///< of the reference cell; the member with the fewest minus signs, then the largest
  int members = 0;              ///< planes that symmetry makes of it, both sides counted
  double spacing_angstrom = 0;  ///< of the lattice planes of the primitive lattice
};

/// Indices without a common divisor, up to `largest` in absolute value, one of every class under the point group;
/// sorted by sum of squares, then as they are read.
std::vector<MillerClass> distinct_miller_indices(const ParentCrystal& parent, int largest);

/// The crystal as seen from one of its planes: u and v span the plane's lattice, w leads to the next plane.
class Surface {
 public:
  /// @param hkl of the reference cell. @throws InputError if it is zero.
  Surface(const ParentCrystal& parent, const Eigen::Vector3i& hkl);

  /// Atomic planes in one spacing that a cut can leave outermost, one of every class under the symmetry that keeps the
  /// normal. A plane holds atoms whose heights differ by at most 0.1 Å from one to the next.
  [[nodiscard]] const std::vector<int>& terminations() const { return terminations_; }
  [[nodiscard]] int planes_per_spacing() const { return static_cast<int>(planes_.size()); }
  [[nodiscard]] double spacing_angstrom() const { return spacing_; }
  [[nodiscard]] double area_square_angstrom() const;  ///< of the 1 x 1 cell

  struct Slab {
    Structure structure;      ///< 1 x 1; a and b in the surface, c along the normal; the vacuum above
    double top_angstrom = 0;  ///< height of the outermost atom
  };
  /// @param termination one of terminations(). @param planes atomic planes, > 0. @param vacuum_angstrom > 0.
  [[nodiscard]] Slab slab(int termination, int planes, double vacuum_angstrom) const;

  struct AdsorptionSite {
    std::string name;     ///< "top1", "bridge1", "hollow2": kind and number of the class
    int neighbours = 0;   ///< surface atoms that are nearest: 1, 2, 3 and more
    int orbit = 0;        ///< sites of one orbit are equivalent
    Fractional position;  ///< in the slab's cell, at bond_angstrom from its neighbours (at least 0.5 Å above them)
  };
  /// Sites of the top of a slab: on atoms, between two that are neighbours in the surface's Voronoi diagram, and at its
  /// vertices. Surface atoms are those within `depth_angstrom` of the outermost. Every site of the 1 x 1 cell, by
  /// orbit.
  [[nodiscard]] std::vector<AdsorptionSite> adsorption_sites(int termination, const Slab& slab, double bond_angstrom,
                                                             double depth_angstrom = 0.6) const;

 private:
  struct Atom {
    Species species;
    Eigen::Vector3d y;  ///< along u, v, w
  };
  struct Operation {
    Eigen::Matrix3d rotation;  ///< along u, v, w; keeps the third coordinate but for the translation
    Eigen::Vector3d translation;
  };
  [[nodiscard]] std::vector<Atom> atoms_of_slab(int termination, int planes) const;

  std::vector<Atom> atoms_;                       ///< of one primitive cell, third coordinate in [0, 1)
  std::vector<std::vector<std::size_t>> planes_;  ///< [plane, ascending height] atoms
  std::vector<double> plane_height_;              ///< third coordinate of its highest atom
  std::vector<int> terminations_;
  std::vector<Operation> operations_;
  Eigen::Vector3d u_, v_, w_;  ///< Å, u along x, v in the xy plane, spacing along z
  double spacing_ = 0;
};

}  // namespace hullscan
