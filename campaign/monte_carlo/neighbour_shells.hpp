/// @file
/// Pairs of each sublattice's nearest shells in the cell of a [[monte_carlo]], and Warren-Cowley parameters with errors
/// from the sums of a walk. Pairs of different sublattices are not here.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "analysis/monte_carlo/series_statistics.hpp"
#include "core/json.hpp"
#include "core/parent_crystal.hpp"
#include "core/supercell.hpp"
#include "workers/monte_carlo/cell_state.hpp"

namespace hullscan {

struct NeighbourShell {
  std::size_t sublattice = 0;
  int number = 1;  ///< from 1, by distance
  double distance_angstrom = 0;
  std::size_t species = 2;  ///< of the sublattice
  /// The two sites of every pair, from both of its ends, as the cell numbers them.
  std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs;
};

class NeighbourShells {
 public:
  static constexpr int kShells = 4;  ///< of each sublattice with a choice

  /// Distances are those of the ideal crystal; those within 0.01 angstrom are one shell.
  NeighbourShells(const std::shared_ptr<const ParentCrystal>& parent, const SupercellMatrix& cell,
                  const CellInteractions& sites);
  [[nodiscard]] const std::vector<NeighbourShell>& shells() const { return shells_; }

  /// [shell]: sums that begin; columns: species² counts of pairs, the first site's species slowest.
  [[nodiscard]] std::vector<SeriesStatistics> empty_series() const;
  /// One row more of every shell. Cost: the number of pairs.
  void measure(const CellState& state, std::vector<SeriesStatistics>& series) const;

  /// [{"sublattice", "shell", "distance_angstrom", "species": [a, b], "alpha", "error"}] of every pair of unlike
  /// species; null where it is not known. @param first row.
  [[nodiscard]] Json short_range_order(const std::vector<SeriesStatistics>& series, std::int64_t first) const;

 private:
  std::shared_ptr<const ParentCrystal> parent_;
  std::vector<NeighbourShell> shells_;
};

}  // namespace hullscan
