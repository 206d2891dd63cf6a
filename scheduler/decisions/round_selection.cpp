#include "scheduler/decisions/round_selection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

namespace hullscan {

std::vector<std::size_t> choose_round(RoundKind kind, std::span<const Prospect> prospects, const SelectSpec& select,
                                      std::size_t known) {
  if (kind == RoundKind::kEndMembers) return select_end_members(prospects);
  if (kind == RoundKind::kByPolicy) {
    const SelectionPolicy policy = find_policy(select.policy);
    const auto count = static_cast<std::size_t>(select.per_round);
    return policy_follows_hull(select.policy) ? select_with_prior(policy, prospects, count) : policy(prospects, count);
  }
  const auto initial = static_cast<std::size_t>(select.initial);
  const std::size_t left = initial - std::min(known, initial);
  return policy_chooses_initial(select.policy) ? find_policy(select.policy)(prospects, left)
                                               : select_stratified(prospects, left);
}

std::vector<HullEntry> formation_entries(const HullReport& labelled) {
  std::vector<HullEntry> entries;
  for (const HullEntryResult& entry : labelled.entries) {
    entries.push_back({entry.id,
                       entry.composition,
                       entry.formation_energy_ev_per_atom * static_cast<double>(entry.composition.atom_count()),
                       {}});
  }
  return entries;
}

void place_above_hull(std::span<Prospect> prospects, std::vector<HullEntry> labelled) {
  std::vector<HullEntry> entries = std::move(labelled);
  std::vector<std::pair<std::size_t, std::size_t>> predicted;  // entry, prospect
  for (std::size_t i = 0; i < prospects.size(); ++i) {
    const auto energy = prospects[i].predicted_formation_energy_ev_per_atom;
    if (!energy) continue;
    predicted.emplace_back(entries.size(), i);
    entries.push_back({fmt::format("prospect {}", i),
                       prospects[i].composition,
                       *energy * static_cast<double>(prospects[i].atoms),
                       {}});
  }
  if (predicted.empty()) return;
  const HullReport hull = compute_hull(entries, unbounded_hull_options_for(entries));
  for (const auto& [entry, prospect] : predicted) {
    prospects[prospect].predicted_e_above_hull_ev_per_atom = hull.entries[entry].e_above_hull_ev_per_atom;
  }
}

namespace {

/// Prospects of one supercell, for which a model is asked at once.
struct OfSupercell {
  std::vector<std::size_t> members;
  std::vector<std::uint8_t> occupations;  ///< packed
};

/// @param asked whether a prospect is among them.
std::map<std::pair<std::uint32_t, std::uint32_t>, OfSupercell> by_supercell(
    std::span<const Prospect> prospects, const std::function<bool(const Prospect&)>& asked) {
  std::map<std::pair<std::uint32_t, std::uint32_t>, OfSupercell> groups;
  for (std::size_t i = 0; i < prospects.size(); ++i) {
    if (!asked(prospects[i])) continue;
    const Candidate& candidate = prospects[i].candidate;
    OfSupercell& group = groups[{candidate.stratum.space, candidate.stratum.supercell}];
    group.members.push_back(i);
    group.occupations.insert(group.occupations.end(), candidate.occupation.begin(), candidate.occupation.end());
  }
  return groups;
}

/// A potential takes some ten milliseconds for each, where no pass of this process has asked for it.
constexpr std::size_t kMostByPrior = 2000;

/// @returns the energy above the hull, eV/atom, that so many of the prospects have at most.
double lowest_predictions(std::span<const Prospect> prospects, std::size_t count) {
  std::vector<double> high;
  for (const Prospect& one : prospects) {
    if (one.predicted_e_above_hull_ev_per_atom) high.push_back(*one.predicted_e_above_hull_ev_per_atom);
  }
  if (high.size() <= count) return high.empty() ? 0 : *std::max_element(high.begin(), high.end());
  std::nth_element(high.begin(), high.begin() + static_cast<std::ptrdiff_t>(count - 1), high.end());
  return high[count - 1];
}

}  // namespace

void add_predictions(std::span<Prospect> prospects, const SurrogateSet& models,
                     const std::function<const Supercell&(const Stratum&)>& supercell_of,
                     const std::function<bool(const Prospect&)>& asked) {
  for (const auto& [where, group] : by_supercell(prospects, asked)) {
    std::vector<double> energies(group.members.size());
    models.space(where.first)
        .predict_batch(supercell_of(prospects[group.members.front()].candidate.stratum), group.occupations, energies);
    for (std::size_t k = 0; k < energies.size(); ++k)
      prospects[group.members[k]].predicted_formation_energy_ev_per_atom = energies[k];
  }
}

void place_by_prior(std::span<Prospect> prospects, std::span<Prospect> labelled, const SurrogateSet& models,
                    const std::function<const Supercell&(const Stratum&)>& supercell_of) {
  std::vector<Prospect*> placed;
  std::vector<HullEntry> entries;
  const auto ask = [&](std::span<Prospect> all, const std::function<bool(const Prospect&)>& asked) {
    for (const auto& [where, group] : by_supercell(all, asked)) {
      const Supercell& supercell = supercell_of(all[group.members.front()].candidate.stratum);
      const auto [energies, leads] = models.space(where.first).prior_opinion(supercell, group.occupations);
      for (std::size_t k = 0; k < energies.size(); ++k) {
        if (!std::isfinite(energies[k])) continue;
        Prospect& one = all[group.members[k]];
        one.prior_leads = leads;
        entries.push_back(
            {fmt::format("{}", entries.size()), one.composition, energies[k] * static_cast<double>(one.atoms), {}});
        placed.push_back(&one);
      }
    }
  };
  ask(labelled, [](const Prospect&) { return true; });
  if (placed.empty()) return;
  const double most = lowest_predictions(prospects, kMostByPrior);
  ask(prospects, [&](const Prospect& one) { return one.predicted_e_above_hull_ev_per_atom.value_or(1e9) <= most; });
  const HullReport hull = compute_hull(entries, unbounded_hull_options_for(entries));
  for (std::size_t k = 0; k < placed.size(); ++k)
    placed[k]->prior_e_above_hull_ev_per_atom = hull.entries[k].e_above_hull_ev_per_atom;
}

std::vector<std::uint64_t> ranks_by_prior(std::span<const Prospect> labelled, std::span<const Prospect> prospects) {
  std::vector<std::pair<double, std::size_t>> placed;
  std::size_t count = 0;
  for (const auto all : {labelled, prospects}) {
    for (const Prospect& one : all) {
      if (one.prior_e_above_hull_ev_per_atom) placed.emplace_back(*one.prior_e_above_hull_ev_per_atom, count);
      ++count;
    }
  }
  std::sort(placed.begin(), placed.end());
  std::vector<std::uint64_t> ranks(count, 0);
  for (std::size_t k = 0; k < placed.size(); ++k) ranks[placed[k].second] = k + 1;
  return ranks;
}

void add_uncertainties(std::span<Prospect> prospects, const SurrogateSet& models,
                       const std::function<const Supercell&(const Stratum&)>& supercell_of) {
  const auto groups = by_supercell(
      prospects, [](const Prospect& one) { return one.predicted_formation_energy_ev_per_atom.has_value(); });
  for (const auto& [where, group] : groups) {
    const Supercell& supercell = supercell_of(prospects[group.members.front()].candidate.stratum);
    std::vector<Uncertainty> uncertainties = models.space(where.first).uncertainties(supercell, group.occupations);
    for (std::size_t k = 0; k < uncertainties.size(); ++k) {
      prospects[group.members[k]].deviation_ev_per_atom = uncertainties[k].deviation_ev_per_atom;
      prospects[group.members[k]].uncertainty_factor = std::move(uncertainties[k].factor);
    }
  }
}

}  // namespace hullscan
