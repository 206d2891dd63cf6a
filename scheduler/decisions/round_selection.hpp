/// @file
/// What a round calculates next, given what is known: the decision that `run` takes and that `replay` tries on energies
/// which are known already.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "analysis/hull/hull.hpp"
#include "core/campaign/campaign.hpp"
#include "core/supercell.hpp"
#include "scheduler/decisions/selection.hpp"
#include "surrogates/surrogate_set.hpp"

namespace hullscan {

/// Kinds of rounds, in the order of a campaign: the end members, then the initial labels without a model, then by the
/// policy.
enum class RoundKind { kEndMembers, kInitial, kByPolicy };

/// @param known calculations chosen by earlier rounds. @returns indices into the prospects, best first.
std::vector<std::size_t> choose_round(RoundKind kind, std::span<const Prospect> prospects, const SelectSpec& select,
                                      std::size_t known);

/// The labels as entries of a hull of formation energies, with which predictions are compared.
std::vector<HullEntry> formation_entries(const HullReport& labelled);

/// Energies above the hull that labels and predictions make together, of every prospect that has a prediction.
/// @param labelled formation energies (formation_entries).
void place_above_hull(std::span<Prospect> prospects, std::vector<HullEntry> labelled);

/// Predictions by fitted models.
/// @param supercell_of the supercell of a stratum. @param asked which prospects get one.
void add_predictions(std::span<Prospect> prospects, const SurrogateSet& models,
                     const std::function<const Supercell&(const Stratum&)>& supercell_of,
                     const std::function<bool(const Prospect&)>& asked);

/// Where the models' priors place what was calculated and the lowest of the prospects by
/// themselves: on a hull of their own energies, so that nothing depends on labels.
/// @param labelled what was calculated. @param supercell_of the supercell of a stratum.
void place_by_prior(std::span<Prospect> prospects, std::span<Prospect> labelled, const SurrogateSet& models,
                    const std::function<const Supercell&(const Stratum&)>& supercell_of);

/// [labelled then prospects] rank by the prior's own hull, 1: the lowest; 0: not placed (place_by_prior).
std::vector<std::uint64_t> ranks_by_prior(std::span<const Prospect> labelled, std::span<const Prospect> prospects);

/// What the models say of the error of every prospect that has a prediction.
/// @param supercell_of the supercell of a stratum.
void add_uncertainties(std::span<Prospect> prospects, const SurrogateSet& models,
                       const std::function<const Supercell&(const Stratum&)>& supercell_of);

}  // namespace hullscan
