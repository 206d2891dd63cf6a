/// @file
/// The cell of a [[monte_carlo]] with its energies, the species that are counted in it, and what decides its results.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "campaign/monte_carlo/monte_carlo_run.hpp"
#include "campaign/monte_carlo/neighbour_shells.hpp"
#include "workers/monte_carlo/cell_state.hpp"
#include "workers/monte_carlo/local_environments.hpp"

namespace hullscan {

/// One of the species of sublattices with a choice, in order: what is counted.
struct CountedSpecies {
  std::size_t sublattice, species;
  std::string name;  ///< "A.Au"
};

/// The cell as a supercell of the parent, whose varied sites have numbers of their own.
struct NumberedSupercell {
  NumberedSupercell(const std::shared_ptr<const ParentCrystal>& parent, const SupercellMatrix& cell,
                    const CellInteractions& sites)
      : supercell(parent, cell), numbers(sites.numbers_of(supercell)) {}
  /// [varied sites of the supercell]
  [[nodiscard]] std::vector<std::uint8_t> occupation_of(const CellState& state) const {
    std::vector<std::uint8_t> varied;
    for (const std::size_t site : numbers) varied.push_back(state.occupant(site));
    return varied;
  }

  Supercell supercell;
  std::vector<std::size_t> numbers;  ///< [varied site of the supercell]: the cell's number of it
};

/// The neighbourhoods that the model's labels have, and the cell as they are counted in it.
struct KnownNeighbourhoods {
  KnownNeighbourhoods(const std::shared_ptr<const ParentCrystal>& parent, const SupercellMatrix& cell_matrix,
                      const CellInteractions& sites, const std::vector<Configuration>& labels)
      : environments(parent), cell(parent, cell_matrix, sites) {
    for (const Configuration& label : labels) environments.add(*label.supercell, label.occupation);
  }
  [[nodiscard]] LocalEnvironments::Unknown unknown(const CellState& state) const {
    return environments.unknown(cell.supercell, cell.occupation_of(state));
  }

  LocalEnvironments environments;
  NumberedSupercell cell;
};

/// Everything that the chains of one [[monte_carlo]] have in common; it does not change while they walk.
struct MonteCarloCell {
  const ResolvedCampaign& resolved;
  const MonteCarloPlan& plan;
  const MonteCarloOptions& options;
  std::shared_ptr<const CellInteractions> cell;
  WholeCellEnergy whole_cell;
  std::vector<CountedSpecies> counted;
  std::string identity;
  std::filesystem::path folder;                           ///< of the results
  std::shared_ptr<const KnownNeighbourhoods> known = {};  ///< nothing: no labels to compare with
  std::shared_ptr<const NeighbourShells> shells = {};     ///< nothing: the cell is too large for its pairs

  [[nodiscard]] const ParentCrystal& parent() const { return cell->parent(); }
  [[nodiscard]] bool stop_asked() const;  ///< by a signal or the deadline
};

/// Of everything that decides the results of a plan. @pre the models are fitted.
std::string identity_of_plan(const ResolvedCampaign& resolved, const MonteCarloPlan& plan);

/// @throws InputError if the model has no energy for the cell.
MonteCarloCell make_monte_carlo_cell(const ResolvedCampaign& resolved, const MonteCarloPlan& plan,
                                     const MonteCarloOptions& options);

}  // namespace hullscan
