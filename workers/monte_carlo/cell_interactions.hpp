/// @file
/// The interactions of a crystal written for one periodic cell: offsets from a site to its neighbours and what changes
/// there, for every place that a site can have relative to the border of the cell. Clusters that meet their own images
/// are merged, so energies are those of the model on the same supercell. No list grows with the cell but coordinates.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/supercell.hpp"
#include "surrogates/lattice/crystal_interactions.hpp"
#include "workers/monte_carlo/cell_translations.hpp"

namespace hullscan {

/// Immutable; shared by the walkers of all threads. Sites are numbered primitive cell by primitive cell.
class CellInteractions {
 public:
  /// @param matrix of the supercell, in units of the reference cell.
  /// @throws InputError if the cell has more than 2^31 - 1 sites.
  CellInteractions(const CrystalInteractions& crystal, const SupercellMatrix& matrix);
  /// The same without any interaction, for models that are no polynomial: sites and occupants only.
  static CellInteractions without_energy(std::shared_ptr<const ParentCrystal> parent, const SupercellMatrix& matrix);

  [[nodiscard]] const ParentCrystal& parent() const { return *parent_; }
  [[nodiscard]] std::size_t site_count() const { return cells_ * basis_; }
  [[nodiscard]] std::size_t primitive_cells() const { return cells_; }
  [[nodiscard]] std::size_t basis() const { return basis_; }  ///< varied sites of a primitive cell
  [[nodiscard]] int sublattice(std::size_t site) const { return sublattice_[site % basis_]; }
  [[nodiscard]] int occupants(std::size_t site) const { return occupants_[site % basis_]; }
  [[nodiscard]] std::size_t neighbours(std::size_t site) const { return pairs_[site % basis_].size(); }
  /// [varied sites of the supercell]: this cell's number of each. The supercell must have the cell's lattice.
  [[nodiscard]] std::vector<std::size_t> numbers_of(const Supercell& supercell) const;
  /// Bytes that the tables and one walker take, about.
  [[nodiscard]] std::size_t table_bytes() const;
  [[nodiscard]] std::size_t walker_bytes() const;

  /// Energies of a site's pairs of varied sites within the interactions; the site's own images are not among them.
  struct Pair {
    std::array<int, 3> shift{};
    int site = 0;                   ///< in the primitive cell
    std::vector<double> energy_ev;  ///< [occupant * occupants there + occupant there]
  };
  [[nodiscard]] const std::vector<Pair>& pairs(std::size_t basis_site) const { return pairs_[basis_site]; }

 private:
  friend class CellState;
  friend class Walker;
  struct Many {  ///< a cluster of three or four sites, seen from one of them
    int others = 0;
    std::array<std::array<int, 3>, 3> shift{};
    std::array<int, 3> site{};
    std::vector<double> energy_ev;  ///< [own occupant][others' occupants], last fastest; zeros for occupant 0
  };
  CellInteractions(std::shared_ptr<const ParentCrystal> parent, const PrimitiveSites& sites,
                   const SupercellMatrix& matrix);
  void add(const CrystalInteractions::Cluster& cluster);
  void add_electrostatics(const CrystalInteractions::Electrostatics& electrostatics, const SupercellMatrix& matrix);
  void write_offsets();
  [[nodiscard]] std::size_t class_of(std::size_t cell) const { return class_[cell]; }
  [[nodiscard]] std::array<int, 3> coordinates(std::size_t cell) const;
  /// Offsets of site's pairs, then of the others of its larger clusters.
  [[nodiscard]] const std::int32_t* offsets(std::size_t cell, std::size_t basis_site) const {
    return offsets_.data() + class_[cell] * offsets_per_class_ + first_offset_[basis_site];
  }
  /// M(a, b) of two sites, eV per e^2; factor included.
  [[nodiscard]] double coulomb(std::size_t a, std::size_t b) const;

  std::shared_ptr<const ParentCrystal> parent_;
  PrimitiveSites sites_;
  CellTranslations translations_;
  std::size_t cells_ = 0, basis_ = 0, stride_ = 1;  ///< stride: fields of a site
  bool binary_ = true;
  double constant_ = 0;  ///< of the cell
  std::vector<int> sublattice_, occupants_;
  std::vector<std::vector<double>> points_;  ///< [basis][occupant]
  std::vector<std::vector<Pair>> pairs_;     ///< [basis]
  std::vector<std::vector<Many>> many_;      ///< [basis]
  /// [basis][(from * occupants + to) * pairs * stride + pair * stride + occupant there - 1]: change of the fields
  std::vector<std::vector<double>> pair_change_;
  std::vector<std::uint32_t> class_;  ///< [cell]
  std::vector<std::int32_t> offsets_;
  std::size_t offsets_per_class_ = 0;
  std::vector<std::size_t> first_offset_;  ///< [basis]

  bool charged_ = false;
  std::vector<std::vector<double>> charge_;  ///< [basis][occupant], e
  std::vector<double> coulomb_;  ///< [basis][cell difference, last axis twice][basis]: eV per e^2, factor included
  std::vector<double> fixed_potential_;  ///< [basis] of the fixed sites, eV per e
  double fixed_energy_ = 0;              ///< of the fixed sites among themselves, of the cell
};

}  // namespace hullscan
