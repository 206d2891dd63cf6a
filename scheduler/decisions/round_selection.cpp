#include "scheduler/decisions/round_selection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

namespace hullscan {

std::vector<std::size_t> choose_round(RoundKind kind, std::span<const Prospect> prospects, const SelectSpec& select,
                                      std::size_t known) {
  if (kind == RoundKind::kEndMembers) return select_end_members(prospects);
  if (kind == RoundKind::kByPolicy)
    return find_policy(select.policy)(prospects, static_cast<std::size_t>(select.per_round));
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
