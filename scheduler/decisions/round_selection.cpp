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
  return select.policy == "all" ? select_all(prospects, left) : select_stratified(prospects, left);
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

void add_uncertainties(std::span<Prospect> prospects, const SurrogateSet& models,
                       const std::function<const Supercell&(const Stratum&)>& supercell_of) {
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::vector<std::size_t>> of_supercell;
  for (std::size_t i = 0; i < prospects.size(); ++i) {
    const Stratum& stratum = prospects[i].candidate.stratum;
    if (prospects[i].predicted_formation_energy_ev_per_atom)
      of_supercell[{stratum.space, stratum.supercell}].push_back(i);
  }
  for (const auto& [where, members] : of_supercell) {
    std::vector<std::uint8_t> occupations;
    for (const std::size_t i : members) {
      const auto& occupation = prospects[i].candidate.occupation;
      occupations.insert(occupations.end(), occupation.begin(), occupation.end());
    }
    const Supercell& supercell = supercell_of(prospects[members.front()].candidate.stratum);
    std::vector<Uncertainty> uncertainties = models.space(where.first).uncertainties(supercell, occupations);
    for (std::size_t k = 0; k < uncertainties.size(); ++k) {
      prospects[members[k]].deviation_ev_per_atom = uncertainties[k].deviation_ev_per_atom;
      prospects[members[k]].uncertainty_factor = std::move(uncertainties[k].factor);
    }
  }
}

}  // namespace hullscan
