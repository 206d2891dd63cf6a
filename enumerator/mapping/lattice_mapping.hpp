/// @file
/// Finds a relaxed structure's place on the parent crystal: which supercell it is, which atom sits on which site, and
/// how far it has gone from there (strain and displacements). The inverse of Supercell::structure.
#pragma once

#include <Eigen/Core>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/lattice_departure.hpp"  // kOffLatticeAngstrom
#include "core/structure.hpp"
#include "core/supercell.hpp"

namespace hullscan {

/// What sits where in a structure that was put on the lattice, whatever supercell it is looked at in.
struct PlacedAtoms {
  Eigen::Matrix3i cells = Eigen::Matrix3i::Identity();  ///< rows: the structure's vectors in primitive vectors
  std::vector<Eigen::Vector3d> site;                    ///< fractional in that cell
  std::vector<Species> occupant;                        ///< [site.size()]
  /// [atoms, in the structure's order] where each one's site is in the structure itself, fractional in that cell: of
  /// its images the one that is next to the atom.
  std::vector<Eigen::Vector3d> place_of_atom = {};
};

struct LatticeMapping {
  Configuration configuration;
  PlacedAtoms atoms;
  /// The stretch from the parent's lattice to the structure's, without the rotation: symmetric; 1 = unstrained.
  Eigen::Matrix3d stretch = Eigen::Matrix3d::Identity();
  /// Rows: the vectors of the cell that `atoms` speaks of, in the structure's own vectors; unimodular.
  Eigen::Matrix3i basis = Eigen::Matrix3i::Identity();
  /// What turns the parent's lattice to the structure's: a row of Cartesian coordinates times it.
  Eigen::Matrix3d rotation = Eigen::Matrix3d::Identity();
  double volume_ratio = 1;               ///< structure to parent, per site
  double shear_strain = 0;               ///< Frobenius norm of stretch / cube root of its determinant - 1
  double rms_displacement_angstrom = 0;  ///< of the atoms from their sites, in the structure's own strained lattice
  double largest_displacement_angstrom = 0;
};

struct NotMapped {
  std::string reason;  ///< "3 Cu atoms, but a supercell of 2 cells holds 2 or 4": for a person
};

struct MappingLimits {
  double largest_shear_strain = 0.35;
  double largest_linear_scale = 1.4;  ///< and its inverse: cube root of the volume ratio
};

/// The occupation of a supercell that repeats the structure: index into `allowed` of each varied site's sublattice.
/// @param operation of the primitive crystal, in primitive fractional coordinates: the structure is turned by it first.
/// @pre the supercell's vectors are vectors of the turned structure's lattice.
std::vector<std::uint8_t> occupation_in(const Supercell& supercell, const PlacedAtoms& placed,
                                        const SymmetryOperation& operation = {});

class LatticeMapper {
 public:
  explicit LatticeMapper(std::shared_ptr<const ParentCrystal> parent, MappingLimits limits = {});

  /// The structure may be rotated, strained, given by another basis of its lattice, its atoms in any order and their
  /// origin anywhere. Among all ways to put it on the lattice, the one with the smallest
  /// (shear strain * cube root of the volume per site)^2 + rms^2 is taken. Equal supercells are shared between calls.
  /// The lattice is matched by metric as in Thomas, Natarajan & Van der Ven, npj Comput. Mater. 7, 164 (2021), section
  /// "Mapping"; atoms by the Hungarian method where the nearest site is not free. How much vacuum a layer has does not
  /// count. In large cells the search ends where it has cost about a second. Not shared between threads.
  [[nodiscard]] std::variant<LatticeMapping, NotMapped> map(const Structure& structure);

  /// What map() maps: where the parent crystal is a layer, the structure with as much vacuum as the parent has
  /// (with_height_of); else the structure. The mapping speaks of it.
  [[nodiscard]] Structure as_mapped(const Structure& structure) const;

  [[nodiscard]] const ParentCrystal& parent() const { return *parent_; }

 private:
  struct Site {
    Eigen::Vector3d position;      ///< in the primitive cell, fractional
    std::vector<Species> allowed;  ///< a fixed site's species alone
  };
  struct CellSites;
  struct Placed {
    PlacedAtoms atoms;
    double rms_angstrom = 0, largest_angstrom = 0;
  };
  [[nodiscard]] std::vector<int> volume_factors(const Structure& structure, std::string& reason) const;
  [[nodiscard]] std::variant<Placed, NotMapped> place(const Structure& structure, const Eigen::Matrix3d& rows,
                                                      const Eigen::Matrix3i& cells, double most_rms_angstrom) const;
  [[nodiscard]] Configuration configuration_of(const PlacedAtoms& placed);

  std::shared_ptr<const ParentCrystal> parent_;
  MappingLimits limits_;
  Lattice primitive_;
  std::vector<Site> sites_;         ///< of one primitive cell; empty fixed sites left out
  std::optional<Structure> layer_;  ///< all sites of the primitive cell, where they are a layer in vacuum
  std::map<std::vector<int>, std::shared_ptr<const Supercell>> supercells_;
};

}  // namespace hullscan
