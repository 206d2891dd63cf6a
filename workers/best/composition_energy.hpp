/// @file
/// The energy of one composition in the form the search for its lowest configurations works with: every site has
/// options, the species that occur on it, the background first; a state is a site with another option than that.
/// Internal to workers.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "enumerator/orbits/group_action.hpp"
#include "enumerator/orbits/search_order.hpp"
#include "surrogates/lattice/branch_scorer.hpp"

namespace hullscan::detail {

/// An option of every site, [site_count].
using SiteOptions = std::vector<std::uint8_t>;

struct CompositionEnergy {
  struct Triplet {
    std::array<std::uint16_t, 3> states;  ///< ascending, of three sites
    double ev;
  };

  CompositionEnergy(const GroupAction& group_action, const CompositionCounts& counts, const BranchTables& tables);

  [[nodiscard]] std::size_t site_count() const { return species.size(); }
  [[nodiscard]] std::size_t state_count() const { return site_of.size(); }
  [[nodiscard]] std::size_t option_count(std::size_t site) const { return species[site].size(); }
  /// @param option > 0
  [[nodiscard]] std::size_t state(std::size_t site, std::size_t option) const { return first_state[site] + option - 1; }
  [[nodiscard]] std::size_t option_of(std::size_t state) const { return state - first_state[site_of[state]] + 1; }
  [[nodiscard]] std::size_t sublattice(std::size_t site) const {
    return static_cast<std::size_t>(action.sublattice_of_site()[site]);
  }
  [[nodiscard]] std::size_t image(std::size_t element, std::size_t state) const {
    return first_state[action.group().element(element)[site_of[state]]] + state - first_state[site_of[state]];
  }
  [[nodiscard]] double pair_ev(std::size_t a, std::size_t b) const { return pairs[a * state_count() + b]; }
  [[nodiscard]] std::vector<std::uint8_t> occupation(std::span<const std::uint8_t> options) const;

  const GroupAction& action;
  std::vector<std::vector<std::uint8_t>> species;  ///< [site][option]
  std::vector<std::vector<int>> count;             ///< [sublattice][option]
  std::vector<std::size_t> first_state;            ///< [site], of option 1
  std::vector<std::uint16_t> site_of;              ///< [state]
  double constant_ev = 0;
  std::vector<double> linear_ev;  ///< [state]
  std::vector<double> pairs;      ///< [state * state_count + state], symmetric, 0 within a site
  std::vector<Triplet> triplets;
};

}  // namespace hullscan::detail
