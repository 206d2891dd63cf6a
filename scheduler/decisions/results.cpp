#include "scheduler/decisions/results.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "surrogates/spaces_together.hpp"

namespace hullscan {

std::string entry_id(const CampaignView& view, const TaskRecord& task) {
  return view.spaces[task.task.stratum.space].name + "-" + task.short_id;
}

std::vector<HullEntry> hull_entries(const CampaignView& view, std::span<const TaskRecord> tasks) {
  std::vector<HullEntry> entries;
  for (const TaskRecord& task : tasks) {
    if (!task.counts()) continue;
    const DftConverged& converged = task.result->converged;
    entries.push_back(
        {entry_id(view, task), converged.structure.composition(), converged.energy_ev, converged.hull_keys});
  }
  return entries;
}

HullReport hull_of(const CampaignView& view, std::span<const TaskRecord> tasks) {
  const std::vector<HullEntry> entries = hull_entries(view, tasks);
  if (entries.empty()) return {};
  return compute_hull(entries, unbounded_hull_options_for(entries));
}

bool on_its_lattice(const TaskRecord& task) {
  return !left_lattice(lattice_departure(task.task.structure, task.result->converged.structure));
}

bool is_label(const TaskRecord& task) { return task.counts() && on_its_lattice(task); }

std::optional<OrbitReached> orbit_of_result(const CampaignView& view, const TaskRecord& task,
                                            const std::optional<LatticeDeparture>& departure) {
  const OrbitReached own{task.task.stratum, task.task.occupation, task.task.degeneracy};
  const bool left = left_lattice(departure);
  if (!left && departure->largest_displacement_angstrom <= kHopAngstrom) return own;
  const bool marked = !view.campaign->spaces[task.task.stratum.space].markers.empty();
  if (view.relaxed && !marked) {
    if (auto reached = view.relaxed->orbit_of(task.task.key, task.result->converged.structure)) return reached;
  }
  return left ? std::nullopt : std::optional(own);
}

std::optional<OrbitReached> orbit_of_result(const CampaignView& view, const TaskRecord& task) {
  return orbit_of_result(view, task, lattice_departure(task.task.structure, task.result->converged.structure));
}

std::string words_on_left_lattices(const CampaignView& view, std::span<const TaskRecord> tasks) {
  constexpr std::size_t kMostNamed = 5;
  std::size_t counting = 0, others = 0;
  std::vector<std::string> left;
  for (const TaskRecord& task : tasks) {
    if (!task.counts()) continue;
    ++counting;
    const auto departure = lattice_departure(task.task.structure, task.result->converged.structure);
    const auto orbit = orbit_of_result(view, task, departure);
    if (!orbit) {
      left.push_back(fmt::format("{} ({})", entry_id(view, task),
                                 departure ? fmt::format("{:.2f} Å rms, shear {:.2f}",
                                                         departure->rms_displacement_angstrom, departure->shear_strain)
                                           : "strained beyond recognition"));
    } else if (orbit->stratum != task.task.stratum || orbit->occupation != task.task.occupation) {
      ++others;
    }
  }
  std::string text;
  if (!left.empty()) {
    const std::size_t more = left.size() > kMostNamed ? left.size() - kMostNamed : 0;
    left.resize(left.size() - more);
    text =
        fmt::format("{} of {} results have left their lattice, and no model learns from them: {}{}", left.size() + more,
                    counting, fmt::join(left, ", "), more > 0 ? fmt::format(" and {} more", more) : "");
  }
  if (others > 0)
    text += fmt::format("{}{} of {} results became other configurations, and models learn them as these",
                        text.empty() ? "" : "; ", others, counting);
  return text;
}

std::uint32_t judge_of(const CampaignView& view, std::uint32_t space) {
  const auto& spaces = view.campaign->spaces;
  if (!spaces[space].restricted) return space;
  for (std::uint32_t other = 0; other < spaces.size(); ++other) {
    if (spaces[other].name == spaces[space].restricted->by) return other;
  }
  return space;
}

std::set<std::uint32_t> modelled_spaces(const CampaignView& view, std::span<const TaskRecord> tasks) {
  std::set<std::uint32_t> judges;
  for (const TaskRecord& task : tasks) {
    if (!task.counts()) continue;
    if (const auto orbit = orbit_of_result(view, task)) judges.insert(judge_of(view, orbit->stratum.space));
  }
  return modelled_spaces(view, judges);
}

std::set<std::uint32_t> modelled_spaces(const CampaignView& view, const std::set<std::uint32_t>& judges) {
  std::set<std::uint32_t> spaces;
  for (std::uint32_t space = 0; space < view.spaces.size(); ++space) {
    if (judges.count(judge_of(view, space)) != 0) spaces.insert(space);
  }
  if (view.campaign->surrogates.empty()) return spaces;
  // What one fit is made of is modelled as a whole.
  Problems said_elsewhere;
  const SpacesTogether together =
      spaces_together(view.campaign->surrogates.front(), view.campaign->spaces, said_elsewhere);
  for (const auto& group : together.groups) {
    const auto modelled = [&](std::size_t space) { return spaces.contains(static_cast<std::uint32_t>(space)); };
    if (group.size() < 2 || std::none_of(group.begin(), group.end(), modelled)) continue;
    for (const std::size_t space : group) spaces.insert(static_cast<std::uint32_t>(space));
  }
  return spaces;
}

std::vector<LabelledConfiguration> labels_of(const CampaignView& view, std::uint32_t space,
                                             std::span<const TaskRecord> tasks, const HullReport& hull) {
  std::map<std::string, const HullEntryResult*> results;
  for (const HullEntryResult& entry : hull.entries) results[entry.id] = &entry;
  std::map<Stratum, std::shared_ptr<const Supercell>> of_others;  // their supercells, of this space's parent
  std::map<std::pair<Stratum, std::vector<std::uint8_t>>, std::size_t> of_orbit;
  std::vector<LabelledConfiguration> labels;
  for (const TaskRecord& task : tasks) {
    if (!task.counts()) continue;
    std::optional<OrbitReached> orbit = orbit_of_result(view, task);
    if (!orbit || judge_of(view, orbit->stratum.space) != judge_of(view, space)) continue;
    const Stratum& stratum = orbit->stratum;
    std::shared_ptr<const Supercell> supercell = view.spaces[stratum.space].supercells[stratum.supercell];
    if (stratum.space != space) {
      auto& own = of_others[{stratum.space, stratum.supercell, 0}];
      if (!own) own = std::make_shared<Supercell>(view.spaces[space].parent, supercell->matrix());
      supercell = own;
    }
    const std::string id = entry_id(view, task);
    const HullEntryResult& result = *results.at(id);
    LabelledConfiguration label{{std::move(supercell), orbit->occupation}, result.formation_energy_ev_per_atom, 1.0, id,
                                result.e_above_hull_ev_per_atom,           &task.result->converged.structure};
    const auto [known, first] = of_orbit.try_emplace({stratum, std::move(orbit->occupation)}, labels.size());
    if (first) {
      labels.push_back(std::move(label));
    } else if (label.formation_energy_ev_per_atom < labels[known->second].formation_energy_ev_per_atom) {
      labels[known->second] = std::move(label);
    }
  }
  return labels;
}

}  // namespace hullscan
