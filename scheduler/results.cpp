#include "scheduler/results.hpp"

namespace hullscan {

std::string entry_id(const CampaignView& view, const TaskRecord& task) {
  return view.spaces[task.task.stratum.space].name + "-" + task.task.key.substr(0, 8);
}

std::vector<HullEntry> hull_entries(const CampaignView& view, std::span<const TaskRecord> tasks) {
  std::vector<HullEntry> entries;
  for (const TaskRecord& task : tasks) {
    if (!task.result) continue;
    const DftConverged& converged = task.result->converged;
    entries.push_back(
        {entry_id(view, task), converged.structure.composition(), converged.energy_ev, converged.hull_keys});
  }
  return entries;
}

HullReport hull_of(const CampaignView& view, std::span<const TaskRecord> tasks) {
  const std::vector<HullEntry> entries = hull_entries(view, tasks);
  return compute_hull(entries, hull_options_for(entries));
}

std::vector<LabelledConfiguration> labels_of(const CampaignView& view, std::uint32_t space,
                                             std::span<const TaskRecord> tasks, const HullReport& hull) {
  std::map<std::string, double> formation_energies;
  for (const HullEntryResult& entry : hull.entries) formation_energies[entry.id] = entry.formation_energy_ev_per_atom;
  std::vector<LabelledConfiguration> labels;
  for (const TaskRecord& task : tasks) {
    const Stratum& stratum = task.task.stratum;
    if (!task.result || stratum.space != space) continue;
    const std::string id = entry_id(view, task);
    labels.push_back({{view.spaces[space].supercells[stratum.supercell], task.task.occupation},
                      formation_energies.at(id),
                      1.0,
                      id});
  }
  return labels;
}

}  // namespace hullscan
