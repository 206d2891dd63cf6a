/// @file
/// The lowest configurations of every composition of a campaign by branch and bound with its first model: proven, or
/// with a bound on everything that was not found.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "campaign/labelled_structures.hpp"
#include "campaign/resolved_campaign.hpp"
#include "campaign/top.hpp"
#include "enumerator/space/strata.hpp"
#include "workers/best_search.hpp"

namespace hullscan {

/// Fits the campaign's first model to labelled structures, space by space; spaces without any keep what they have.
/// @returns warnings of the fits.
std::vector<std::string> fit_to_structures(ResolvedCampaign& resolved, const LabelledStructures& structures);

struct BestRequest {
  std::size_t count = 100;                 ///< configurations of each composition
  double seconds = 60;                     ///< time limit of each composition
  std::vector<std::string> only_formulas;  ///< as SpaceStratum::formula gives them; empty: all
  std::size_t threads = 1;                 ///< what is found and proven does not depend on them
};

struct BestOfComposition {
  SpaceStratum stratum;
  BestSearchResult result;
  double seconds = 0;

  /// 0 if nothing was found.
  [[nodiscard]] double lowest_ev_per_atom() const;
  /// Whether no configuration that is not listed is lower than this one.
  [[nodiscard]] bool is_proven(const Candidate& candidate) const;
  [[nodiscard]] std::size_t proven_count() const;
  /// Between the lowest found and the bound; 0 if proven.
  [[nodiscard]] double gap_ev_per_atom() const;
};

/// eV per atom of a candidate that a search gave.
double energy_ev_per_atom(const Candidate& candidate);

/// In the order of Strata; compositions without an atom are left out.
/// @pre the model is fitted and no space marks anything.
/// @param resolved must outlive the result.
/// @throws InputError if the model has no bound to search a supercell by.
std::vector<BestOfComposition> find_best(const ResolvedCampaign& resolved, const BestRequest& request);

/// The same as ranked structures, of each reduced composition in turn, those of several supercells together; energies
/// above the lowest of the composition in the same space.
TopList ranked_structures(const std::vector<BestOfComposition>& all, double symprec_angstrom);

}  // namespace hullscan
