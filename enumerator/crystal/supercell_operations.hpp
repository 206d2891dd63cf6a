/// @file
/// The operations that act on the varied sites of a supercell, without a table of their permutations: a point
/// operation's images and the addition of cells give every other one. A hundred thousand operations on thousands of
/// sites are a few megabytes; supercell_group.hpp is the table where the searches need it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "core/parent_crystal.hpp"
#include "core/supercell.hpp"
#include "enumerator/crystal/detail/integer_lattice.hpp"

namespace hullscan {

/// Immutable; threads may share it. An operation is a pair (point, cell): first the kept operation number `point` of
/// the primitive crystal, then the translation by the primitive cell number `cell`; (0, 0) is the identity.
class SupercellOperations {
 public:
  /// Exact: after the parent's operations are matched to its sites once, everything is integer arithmetic.
  /// @throws InputError if the parent's operations or primitive cell do not fit its varied sites.
  /// Cost: O(point operations * varied sites).
  explicit SupercellOperations(const Supercell& supercell);

  /// Varied sites, in the order of Supercell::varied_sites().
  [[nodiscard]] std::size_t site_count() const { return sublattice_of_site_.size(); }
  [[nodiscard]] std::span<const int> sublattice_of_site() const { return sublattice_of_site_; }
  [[nodiscard]] std::size_t point_count() const { return kept_.size(); }
  [[nodiscard]] std::size_t cell_count() const { return cell_at_.size(); }
  [[nodiscard]] std::size_t count() const { return point_count() * cell_count(); }
  [[nodiscard]] bool is_translation(std::size_t point) const { return kept_[point].rotation.isIdentity(); }
  /// In primitive fractional coordinates, modulo the supercell.
  [[nodiscard]] SymmetryOperation operation(std::size_t point, std::size_t cell) const;

  /// Where an operation takes a site.
  [[nodiscard]] std::uint32_t image(std::size_t point, std::size_t cell, std::size_t site) const {
    const Place& place = place_[point * site_count() + site];
    return site_at_[place.basis_row + sum(place.cell, static_cast<std::uint32_t>(cell))];
  }
  /// The same of all sites; `images` [site_count()].
  void images(std::size_t point, std::size_t cell, std::span<std::uint32_t> images) const;

  /// Number of the cell that two cells add up to, modulo the supercell.
  [[nodiscard]] std::uint32_t sum(std::uint32_t a, std::uint32_t b) const {
    const Cell &u = cell_at_[a], &v = cell_at_[b];
    std::int32_t x = u.x + v.x, y = u.y + v.y, z = u.z + v.z;
    if (z >= h22_) z -= h22_, y -= h21_, x -= h20_;
    while (y < 0) y += h11_, x += h10_;
    while (y >= h11_) y -= h11_, x -= h10_;
    while (x < 0) x += h00_;
    while (x >= h00_) x -= h00_;
    return static_cast<std::uint32_t>((x * h11_ + y) * h22_ + z);
  }

  /// Operations that translations of the crystal make conjugate to (point, cell): they have the same cycles.
  struct Conjugates {
    std::size_t point = 0, cell = 0;
    std::int64_t number = 1;
  };
  /// Every operation is of one of them; for one point operation after the other, the identity first.
  [[nodiscard]] std::vector<Conjugates> conjugates() const;

  /// Cells that are vectors of the reference cell's lattice, or of an image of it under a kept point operation;
  /// ascending, the zero vector first. A configuration that one of the others fixes, or that repeats like it under an
  /// operation of the supercell, has a copy in a smaller supercell of the same reference cell
  /// (docs/decisions/0015-superperiodic.md).
  [[nodiscard]] const std::vector<std::uint32_t>& reference_cells() const { return reference_cells_; }

  /// How many cycles of which length an operation has on every sublattice: [sublattice] length -> number. With a
  /// subgroup of the translations, given by generators: the orbits of the operation and the subgroup together.
  ///
  /// Integer algebra instead of a walk over the sites. If m is the order of the rotation, the m-th power is a
  /// translation, of order o modulo the supercell. A power that fixes a site has an exponent that o divides, so every
  /// length is o * d for a divisor d of m; and the sites that a power fixes are the solutions of a linear congruence.
  /// Cost: independent of the number of cells.
  [[nodiscard]] std::vector<std::map<int, int>> cycles(std::size_t point, std::size_t cell,
                                                       std::span<const std::size_t> subgroup = {}) const;

 private:
  struct Cell {
    std::int32_t x = 0, y = 0, z = 0;
  };
  struct Place {
    std::uint32_t basis_row = 0;  ///< of site_at_
    std::uint32_t cell = 0;
  };
  /// What a point operation does to the sites of the primitive cell: b goes to target[b], in cell offset[b].
  struct OnBasis {
    std::vector<std::size_t> target;
    std::vector<detail::Vector3l> offset;
  };
  /// A power of an operation: cell c of basis site b goes to rotation * c + offset[b] of target[b].
  struct Power {
    detail::Matrix3l rotation = detail::Matrix3l::Identity();
    OnBasis on_basis;
  };
  [[nodiscard]] std::vector<Power> powers_below_translation(std::size_t point, const detail::Vector3l& shift,
                                                            detail::Vector3l& translation) const;
  void find_reference_cells(const detail::Matrix3l& reference);

  detail::Matrix3l hermite_;  ///< supercell in primitive cells
  std::int32_t h00_ = 1, h10_ = 0, h11_ = 1, h20_ = 0, h21_ = 0, h22_ = 1;
  std::vector<int> sublattice_of_site_;
  std::vector<int> sublattice_of_basis_;
  std::vector<OnBasis> on_basis_;        ///< [point]
  std::vector<SymmetryOperation> kept_;  ///< point operations that map the supercell's lattice onto itself
  std::vector<Cell> cell_at_;
  std::vector<Place> place_;            ///< [point][site] of the image before any translation
  std::vector<std::uint32_t> site_at_;  ///< [basis site][cell]
  std::vector<std::uint32_t> reference_cells_;
};

}  // namespace hullscan
