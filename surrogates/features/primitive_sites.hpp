/// @file
/// The varied sites of the infinite crystal, seen from its primitive cell: how symmetry moves them and where they fall
/// in a supercell. Everything is integer arithmetic once the sites are matched; fixed sites do not appear.
#pragma once

#include <array>
#include <compare>
#include <span>
#include <vector>

#include "core/parent_crystal.hpp"
#include "core/supercell.hpp"

namespace hullscan {

/// A varied site of the infinite crystal.
struct LatticeSite {
  std::array<int, 3> cell{};  ///< primitive cell, in units of the primitive vectors
  int site = 0;               ///< index into PrimitiveSites
  friend auto operator<=>(const LatticeSite&, const LatticeSite&) = default;
};

class PrimitiveSites {
 public:
  /// @throws InputError if an operation does not map the varied sites of a sublattice onto themselves, or if sites that
  ///         a primitive translation joins belong to different sublattices.
  explicit PrimitiveSites(const ParentCrystal& parent);

  [[nodiscard]] int count() const { return static_cast<int>(positions_.size()); }  ///< per primitive cell
  [[nodiscard]] int sublattice(int site) const { return sublattices_[static_cast<std::size_t>(site)]; }
  [[nodiscard]] int operation_count() const { return static_cast<int>(rotations_.size()); }
  [[nodiscard]] LatticeSite image(int operation, const LatticeSite& site) const;
  [[nodiscard]] double distance_angstrom(const LatticeSite& a, const LatticeSite& b) const;
  /// Every other site no farther than `radius_angstrom` from site `site` of cell 0, in ascending order.
  [[nodiscard]] std::vector<LatticeSite> neighbours(int site, double radius_angstrom) const;
  /// Of a site from the nearest other one: there always is one, if only an image of its own.
  [[nodiscard]] double nearest_distance_angstrom(int site) const;
  /// The site of the home reference cell. @param parent_site a varied site, index into ParentCrystal::sites.
  [[nodiscard]] const LatticeSite& of_parent_site(int parent_site) const {
    return of_parent_site_[static_cast<std::size_t>(parent_site)];
  }
  [[nodiscard]] const Eigen::Matrix3i& cell_in_primitive() const { return cell_in_primitive_; }

 private:
  struct Image {
    int site = 0;
    Eigen::Vector3i shift = Eigen::Vector3i::Zero();
  };
  [[nodiscard]] Image nearest(const Eigen::Vector3d& position, int sublattice, double tolerance_angstrom) const;

  Lattice primitive_;
  Eigen::Matrix3i cell_in_primitive_;
  std::vector<Fractional> positions_;  ///< in the primitive cell
  std::vector<int> sublattices_;
  std::vector<LatticeSite> of_parent_site_;
  std::vector<Eigen::Matrix3i> rotations_;
  std::vector<Image> images_;  ///< [operation * count() + site]
};

/// Which varied site of a supercell a site of the infinite crystal is an image of.
class SupercellSites {
 public:
  SupercellSites(const PrimitiveSites& sites, const Supercell& supercell);

  /// One representative of every primitive cell of the supercell.
  [[nodiscard]] const std::vector<std::array<int, 3>>& cells() const { return cells_; }
  /// Index into Supercell::varied_sites() of the site `offset` away from `cell`.
  [[nodiscard]] int varied_index(const std::array<int, 3>& cell, const LatticeSite& offset) const;

 private:
  [[nodiscard]] std::size_t cell_index(std::array<int, 3> cell) const;

  std::size_t site_count_;
  Eigen::Matrix3i hermite_;  ///< rows: upper triangular basis of the supercell's lattice, primitive vectors as unit
  std::vector<std::array<int, 3>> cells_;
  std::vector<int> varied_;  ///< [cell_index * site_count + site]
};

}  // namespace hullscan
