/// @file
/// A [[monte_carlo]] of a campaign file where its space is known: the cell, what its compositions must keep, and the
/// conditions that are visited.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/campaign/campaign.hpp"
#include "enumerator/space/search_space.hpp"
#include "workers/monte_carlo/walker.hpp"

namespace hullscan {

/// Conditions that are visited one after the other, each from where the last ended.
struct MonteCarloChain {
  std::vector<std::pair<std::string, double>> chemical_potentials_ev;  ///< as written; semi-grand
  std::vector<std::vector<double>> potentials_ev;                      ///< [sublattice][species]
  std::vector<std::vector<std::int64_t>> counts;                       ///< [sublattice][species] that it begins with
};

struct MonteCarloPlan {
  const MonteCarloSpec* spec = nullptr;
  std::size_t space = 0;
  SupercellMatrix cell;
  std::int64_t reference_cells = 1;
  std::vector<std::int64_t> sublattice_sites;
  std::int64_t fixed_atoms = 0;
  std::vector<CountLimit> limits;
  std::vector<MonteCarloChain> chains;

  [[nodiscard]] std::int64_t varied_sites() const;
  [[nodiscard]] std::int64_t atoms(const ParentCrystal& parent,
                                   const std::vector<std::vector<std::int64_t>>& counts) const;
};

/// Supercells of the phases on the hull, by space: what a cell that nobody has chosen should hold.
using HullPhases = std::map<std::string, std::vector<SupercellMatrix>>;

/// @param spec, spaces must outlive the plan. What is wrong goes to `problems`, at its line.
/// @returns nothing if there was a problem.
std::optional<MonteCarloPlan> make_monte_carlo_plan(const MonteCarloSpec& spec, const std::vector<SearchSpace>& spaces,
                                                    Problems& problems, const HullPhases& phases = {});

/// What the counts of a cell must keep for a space's rules, scaled from the space's own supercell: counts written as
/// numbers are of that one (of the largest of a volume range) and become shares; a list of counts becomes the range
/// between its ends. Equalities stay equalities.
std::vector<CountLimit> count_limits(const SpaceSpec& spec, const ParentCrystal& parent, std::int64_t reference_cells,
                                     std::int64_t own_reference_cells, const SourcePosition& where, Problems& problems);

/// The smallest n such that n times every translation of the reference cell is one of the supercell's: a cell whose
/// edges are multiples of n holds the supercell in each of its orientations.
std::int64_t exponent_of(const SupercellMatrix& supercell);

/// The smallest cell of at least `varied_sites` whose edges are about equal and multiples of `step` times the reference
/// cell's (any multiple of the space's supercell where that is one matrix).
SupercellMatrix near_cubic_cell(const SearchSpace& space, std::int64_t varied_sites, std::int64_t step = 2);

}  // namespace hullscan
