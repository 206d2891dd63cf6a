/// @file
/// A walk through the occupations of a cell by the Metropolis rule: flips under chemical potentials, swaps at constant
/// composition, coupled moves that keep linear limits. Draws are counted by seed, walk and sweep, so a walk depends on
/// nothing else: not on threads, nor on where it was stopped and taken up again.
#pragma once

#include <cstdint>
#include <vector>

#include "workers/monte_carlo/cell_state.hpp"
#include "workers/monte_carlo/moves.hpp"

namespace hullscan {

/// A stream of 64-bit draws; the n-th depends on key and n alone. Source: splitmix64, Steele, Lea & Flood, OOPSLA 2014.
class CountedDraws {
 public:
  explicit CountedDraws(std::uint64_t key) : state_(key) {}
  std::uint64_t bits() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15ULL;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31U);
  }
  double unit() { return static_cast<double>(bits() >> 11U) * 0x1p-53; }  ///< in [0, 1)
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(((bits() >> 32U) * bound) >> 32U); }

 private:
  std::uint64_t state_;
};

/// What a walk may change.
struct WalkRules {
  bool compositions_vary = true;   ///< semi-grand; otherwise swaps only
  std::vector<CountLimit> limits;  ///< of the cell; the start must meet them
};

/// Conditions of a piece of a walk.
struct WalkConditions {
  double temperature_kelvin = 300;
  /// [sublattice][species], eV; E - sum of potential * count is what the walk weighs. Empty: all zero.
  std::vector<std::vector<double>> chemical_potentials_ev;
};

/// One row for each sweep: at its end.
struct SweepRecord {
  double energy_ev = 0;
  std::vector<std::vector<std::int64_t>> counts;  ///< [sublattice][species]
};

struct MoveTally {
  std::uint64_t attempted = 0, accepted = 0;
};

class Walker {
 public:
  Walker(CellState state, WalkRules rules);

  [[nodiscard]] const CellState& state() const { return state_; }
  /// Whether compositions can be changed at all without breaking an equality.
  [[nodiscard]] bool composition_can_change() const { return simple_flips_ || !moves_.empty(); }
  /// @throws InputError if the occupation does not meet the limits, naming the first.
  void set(std::span<const std::uint8_t> occupation);

  /// Sweeps of one attempt a varied site. Fields are made anew at the first, so a walk that is taken up between two
  /// calls goes on as it would have.
  /// @param key of the walk. @param first number of the first sweep.
  /// @returns [sweeps]
  std::vector<SweepRecord> walk(const WalkConditions& conditions, std::uint64_t key, std::uint64_t first,
                                std::size_t sweeps);
  [[nodiscard]] const MoveTally& tally() const { return tally_; }
  /// Every single flip or swap that lowers the energy, until none does: the nearest local minimum.
  void quench(const WalkConditions& conditions);

 private:
  void sort_sites();
  void move_site(std::size_t site, std::uint8_t to);  ///< in the lists
  void flip_sweep(CountedDraws& draws, double beta);
  void swap_sweep(CountedDraws& draws, double beta, std::size_t attempts);
  void coupled_sweep(CountedDraws& draws, double beta, std::size_t attempts);
  void try_swap(CountedDraws& draws, double beta);
  void try_coupled(CountedDraws& draws, double beta);
  [[nodiscard]] bool accepted(double cost, CountedDraws& draws) const;
  [[nodiscard]] double potential(std::size_t basis, std::uint8_t species) const {
    return potentials_.empty() ? 0.0 : potentials_[basis * potential_stride_ + species];
  }

  CellState state_;
  WalkRules rules_;
  bool simple_flips_ = false;  ///< no limit at all: any site may take any occupant
  std::vector<CoupledMove> moves_;
  std::vector<std::vector<std::int64_t>> move_changes_;  ///< [move][limit]
  std::vector<std::int64_t> limit_values_;
  std::vector<double> potentials_;  ///< [basis * stride + species]
  std::size_t potential_stride_ = 1;
  std::size_t varied_basis_ = 0;  ///< basis sites with a choice
  /// Sites of each sublattice grouped by occupant, and the place of every site in that list. Swaps and coupled moves.
  std::vector<std::vector<std::uint32_t>> listed_;     ///< [sublattice]
  std::vector<std::vector<std::size_t>> group_begin_;  ///< [sublattice][species + 1]
  std::vector<std::uint32_t> place_;                   ///< [site]
  bool listing_ = false;
  MoveTally tally_;
};

}  // namespace hullscan
