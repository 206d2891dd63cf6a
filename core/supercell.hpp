/// @file
/// A supercell of the parent crystal and the configurations (occupations) it can hold.
/// The group that acts on a supercell's sites is the enumerator's, not this file's.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/parent_crystal.hpp"
#include "core/structure.hpp"

namespace hullscan {

using SupercellMatrix = Eigen::Matrix3i;  ///< rows: supercell vectors in units of the reference cell's vectors

struct SupercellSite {
  int parent_site = 0;   ///< index into ParentCrystal::sites
  Eigen::Vector3i cell;  ///< which reference cell, in units of its vectors
  Fractional position;   ///< in the supercell, [0, 1)
};

class Supercell {
 public:
  /// @throws InputError if the matrix is singular.
  Supercell(std::shared_ptr<const ParentCrystal> parent, const SupercellMatrix& matrix);

  [[nodiscard]] const ParentCrystal& parent() const { return *parent_; }
  [[nodiscard]] const SupercellMatrix& matrix() const { return matrix_; }
  [[nodiscard]] int volume_factor() const;  ///< |det|
  [[nodiscard]] const Lattice& lattice() const { return lattice_; }
  /// Parent sites in their order; of one parent site, cells in lexicographic order.
  [[nodiscard]] const std::vector<SupercellSite>& sites() const { return sites_; }
  /// Indices into sites() of the sites that sublattices vary: the order of every occupation.
  [[nodiscard]] const std::vector<int>& varied_sites() const { return varied_; }
  /// Sublattice of the i-th varied site.
  [[nodiscard]] int sublattice_of(int varied_index) const;
  /// Number of sites of a sublattice in this supercell.
  [[nodiscard]] int sublattice_site_count(int sublattice) const;

  /// @param occupation [varied_sites().size()]: index into the sublattice's `allowed`.
  /// @returns atoms in site order, vacancies left out.
  [[nodiscard]] Structure structure(std::span<const std::uint8_t> occupation) const;
  /// Fixed sites included, vacancies counted.
  [[nodiscard]] Composition composition(std::span<const std::uint8_t> occupation) const;

 private:
  std::shared_ptr<const ParentCrystal> parent_;
  SupercellMatrix matrix_;
  Lattice lattice_;
  std::vector<SupercellSite> sites_;
  std::vector<int> varied_;
};

struct Configuration {
  std::shared_ptr<const Supercell> supercell;
  std::vector<std::uint8_t> occupation;  ///< [varied_sites().size()]; index into `allowed` of the site's sublattice
};

}  // namespace hullscan
