/// @file
/// Which candidates are worth a DFT calculation: pure functions of what is known. A policy is added in its own file
/// pair of this shape and with a line in `find_policy`.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/composition.hpp"
#include "core/work_unit.hpp"

namespace hullscan {

/// What a policy sees of a candidate.
struct Prospect {
  Candidate candidate;
  Composition composition;  ///< of the cell, vacancies left out
  std::int64_t atoms = 0;
  bool end_member = false;             ///< an extreme composition of its space
  std::uint64_t stabiliser_order = 1;  ///< operations of the supercell that leave the configuration alone
  std::uint64_t draw = 0;              ///< a uniform random number of this candidate, fixed by the campaign's seed
  std::optional<double> predicted_formation_energy_ev_per_atom;
  std::optional<double> predicted_e_above_hull_ev_per_atom;
  std::optional<double> deviation_ev_per_atom;  ///< of the prediction, where the model knows its error
  std::vector<double> uncertainty_factor;       ///< surrogates: Uncertainty::factor; empty where there is none
  /// Above the hull that the model's prior draws by itself, where it has one and gives it weight.
  std::optional<double> prior_e_above_hull_ev_per_atom = {};
  bool prior_leads = false;  ///< that prior explains most of what is known (PriorOpinion)
  std::uint32_t family = 0;  ///< of its space (SpaceView)
  bool drawn = true;         ///< belongs to the uniform draw of its composition; else it is here for its low prediction
};

/// Every policy: at most `count` indices into `prospects`, best first, without repetition. Only prospects that are
/// not labelled yet are offered. Same input, same answer, whatever the order of the prospects.
using SelectionPolicy = std::vector<std::size_t> (*)(std::span<const Prospect> prospects, std::size_t count);

/// End members, smallest cell first; one prospect of each extreme composition of each space.
std::vector<std::size_t> select_end_members(std::span<const Prospect> prospects);
/// The same share for every reduced composition of every space, small cells first: of each composition first the most
/// symmetric configuration (it is the likely ground state and the cheapest to compute), then a uniform draw. Of the
/// drawn prospects alone, like the next and `select_maximum_variance`, while there are any.
std::vector<std::size_t> select_stratified(std::span<const Prospect> prospects, std::size_t count);
/// A uniform draw over all inequivalent configurations.
std::vector<std::size_t> select_uniform(std::span<const Prospect> prospects, std::size_t count);
/// Smallest predicted energy above the hull of labels and predictions, to 0.1 meV/atom, then the more symmetric; at
/// most half of a batch from one composition of one space while others are left.
std::vector<std::size_t> select_hull_distance(std::span<const Prospect> prospects, std::size_t count);
/// Smallest predicted energy above the hull less kConfidence deviations: what may be stable for all we know.
std::vector<std::size_t> select_lower_confidence_bound(std::span<const Prospect> prospects, std::size_t count);
inline constexpr double kConfidence = 2;
/// Largest variance left after those already chosen would be known (greedy D-optimal design); where models give no
/// factors, the largest deviations. The model's noise is taken as the smallest deviation among the prospects.
std::vector<std::size_t> select_maximum_variance(std::span<const Prospect> prospects, std::size_t count);
/// 60 % by lower confidence bound, 30 % by variance, the rest a uniform draw: finds the hull and keeps the model honest
/// away from it.
std::vector<std::size_t> select_mixed(std::span<const Prospect> prospects, std::size_t count);
/// Everything, in a fixed order.
std::vector<std::size_t> select_all(std::span<const Prospect> prospects, std::size_t count);

/// Two of five by the energy above the prior's own hull, the rest by the policy; by the policy alone where no prior
/// leads. A correction learned from few labels moves what lies within a few meV of the hull; the
/// prior's order does not depend on it.
std::vector<std::size_t> select_with_prior(SelectionPolicy policy, std::span<const Prospect> prospects,
                                           std::size_t count);

/// True for policies that look for the hull by predictions, and so gain from a prior.
bool policy_follows_hull(const std::string& name);
/// True for policies that use Prospect::deviation_ev_per_atom or Prospect::uncertainty_factor.
bool policy_needs_uncertainty(const std::string& name);
/// True for policies that have no order without a model's predictions.
bool policy_needs_prediction(const std::string& name);
/// True for policies that choose among the survey's uniform draw too, not only among the lowest of a pass.
bool policy_uses_draw(const std::string& name);
/// True for policies that choose the labels of the first fit too: those that say what a training set is made of.
bool policy_chooses_initial(const std::string& name);
/// @throws InputError for a name that no policy has.
SelectionPolicy find_policy(const std::string& name);

}  // namespace hullscan
