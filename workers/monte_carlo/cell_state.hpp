/// @file
/// One occupation of a periodic cell with the field of every site carried along: what another occupant of a site would
/// cost is one look-up, and only a change that is made costs the neighbours.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "workers/monte_carlo/cell_interactions.hpp"

namespace hullscan {

/// Energy of the whole cell, eV, of a model that is no polynomial. @param occupation in the cell's numbering.
using WholeCellEnergy = std::function<double(std::span<const std::uint8_t>)>;

class CellState {
 public:
  /// Every site has its sublattice's first species. @param whole_cell empty: the interactions give the energy.
  explicit CellState(std::shared_ptr<const CellInteractions> interactions, WholeCellEnergy whole_cell = {});

  [[nodiscard]] const CellInteractions& interactions() const { return *interactions_; }
  [[nodiscard]] std::span<const std::uint8_t> occupation() const { return occupation_; }
  [[nodiscard]] std::uint8_t occupant(std::size_t site) const { return occupation_[site]; }
  /// eV of the cell. After many changes it has their rounding; `set` takes it away.
  [[nodiscard]] double energy_ev() const { return energy_; }
  /// [sublattice][species] sites.
  [[nodiscard]] const std::vector<std::vector<std::int64_t>>& counts() const { return counts_; }

  /// Fields and energy anew, from the occupation alone. @param occupation [site_count].
  void set(std::span<const std::uint8_t> occupation);

  /// Energy, eV, that the occupant `to` on a site would add.
  [[nodiscard]] double change_ev(std::size_t site, std::uint8_t to) const {
    if (whole_cell_) return whole_cell_change(site, to);
    const std::size_t basis = site % interactions_->basis_;
    return change_ev(site, basis, to);
  }
  /// The same of two different sites at once.
  [[nodiscard]] double change_ev(std::size_t a, std::uint8_t to_a, std::size_t b, std::uint8_t to_b) const;
  /// @param change_ev what `change_ev` says of it.
  void apply(std::size_t site, std::uint8_t to, double change_ev);
  /// Both sites of a change that was tried together.
  void apply(std::size_t a, std::uint8_t to_a, std::size_t b, std::uint8_t to_b, double change_ev);

 private:
  friend class Walker;
  [[nodiscard]] double change_ev(std::size_t site, std::size_t basis, std::uint8_t to) const {
    const double* const field = fields_.data() + site * stride_;
    const std::uint8_t from = occupation_[site];
    double change = (to != 0 ? field[to - 1] : 0.0) - (from != 0 ? field[from - 1] : 0.0);
    if (charged_) {
      const std::vector<double>& charge = interactions_->charge_[basis];
      const double more = charge[to] - charge[from];
      change += more * (potential_[site] + 0.5 * more * self_[basis]);
    }
    return change;
  }
  [[nodiscard]] double whole_cell_change(std::size_t site, std::uint8_t to) const;
  [[nodiscard]] double together_ev(std::size_t a, std::uint8_t to_a, std::size_t b, std::uint8_t to_b) const;
  void update(std::size_t site, std::uint8_t to);
  void update_larger_clusters(std::size_t site, std::size_t basis, const std::int32_t* offset, std::uint8_t from,
                              std::uint8_t to);
  void update_potential(std::size_t site, std::size_t basis, double charge);

  std::shared_ptr<const CellInteractions> interactions_;
  WholeCellEnergy whole_cell_;
  std::size_t stride_ = 1;
  bool charged_ = false;
  double energy_ = 0;
  mutable std::vector<std::uint8_t> occupation_;  ///< changed for the time of a trial where the model is whole-cell
  std::vector<double> fields_;                    ///< [site * stride + occupant - 1], eV; without electrostatics
  std::vector<double> potential_;                 ///< [site], eV per e; empty without electrostatics
  std::vector<double> self_;                      ///< [basis], eV per e^2
  std::vector<std::vector<std::int64_t>> counts_;
};

}  // namespace hullscan
