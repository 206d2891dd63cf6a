#include "campaign/report/report_entries.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>

#include "campaign/import/import_files.hpp"
#include "campaign/judgements.hpp"
#include "campaign/tasks_ahead.hpp"
#include "core/lattice_departure.hpp"
#include "dft_adapters/dft_code.hpp"
#include "enumerator/files/space_group_symbols.hpp"
#include "enumerator/space/configuration_symmetry.hpp"
#include "scheduler/decisions/energy_remarks.hpp"
#include "scheduler/decisions/results.hpp"
#include "scheduler/decisions/soundness.hpp"
#include "scheduler/decisions/stages.hpp"
#include "scheduler/decisions/task_steps.hpp"
#include "storage/campaign_facts.hpp"

namespace hullscan {
namespace {

/// Entries of converged tasks; keeps the symmetry of every supercell that it has met.
class EntryMaker {
 public:
  EntryMaker(const CampaignView& view, const std::vector<SearchSpace>& spaces, const Strata& strata)
      : view_(view), spaces_(spaces), strata_(strata) {}

  /// @param departure of the task's result.
  ReportEntry entry_of(TaskRecord& task, const std::optional<LatticeDeparture>& departure) {
    const Stratum& stratum = task.task.stratum;
    DftConverged& converged = task.result->converged;
    ReportEntry entry;
    entry.id = entry_id(view_, task);
    entry.space = view_.spaces[stratum.space].name;
    entry.matrix = view_.supercell(stratum).matrix();
    entry.composition = converged.structure.composition();
    entry.degeneracy = task.task.degeneracy;
    auto symmetry =
        symmetries_.try_emplace({stratum.space, stratum.supercell}, spaces_[stratum.space], stratum.supercell).first;
    const std::uint64_t group = view_.view(stratum).group_order, orbit = task.task.degeneracy;
    // A marked path's degeneracy is of path and colouring together.
    const bool known = view_.campaign->spaces[stratum.space].markers.empty() && orbit > 0 && group % orbit == 0;
    entry.space_group_number = symmetry->second.space_group_number(task.task.occupation, known ? group / orbit : 0);
    symbols_.try_emplace(*entry.space_group_number);
    entry.counts = strata_.at(stratum).named_counts();
    entry.energy_ev = converged.energy_ev;
    for (const AttemptRecord& attempt : task.attempts) {
      if (attempt.number == task.result->attempt) entry.directory = attempt.directory;
    }
    entry.pulay_correction_ev_per_atom = pulay_correction_ev_per_atom(task);
    if (task.round == kImportedRound) {
      entry.remarks = import_remarks(task);
    } else if (const DftCode* code = find_dft_code(task.task.settings.code)) {
      entry.remarks = energy_remarks(*code, task);
    }
    entry.predicted_ev_per_atom = task.task.predicted_ev_per_atom;
    entry.round = task.round;
    entry.revision = task.revision;
    entry.attempts = static_cast<int>(task.attempts.size());
    const auto rounded = [](double value) { return std::round(value * 1e6) / 1e6; };
    if (departure) entry.displacement_angstrom = rounded(departure->rms_displacement_angstrom);
    if (departure) entry.shear_strain = rounded(departure->shear_strain);
    entry.left_lattice = left_lattice(departure);
    entry.structure = std::move(converged.structure);
    entry.keys = std::move(converged.hull_keys);
    return entry;
  }

  /// Of every space group that an entry had.
  [[nodiscard]] std::map<int, std::string> space_group_symbols() const {
    std::map<int, std::string> symbols = symbols_;
    for (auto& [number, symbol] : symbols) symbol = symbol_of_number(number);
    return symbols;
  }

 private:
  const CampaignView& view_;
  const std::vector<SearchSpace>& spaces_;
  const Strata& strata_;
  std::map<int, std::string> symbols_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, ConfigurationSymmetry> symmetries_;
};

/// Results of one and the same orbit: asked for as that, or relaxed into it.
class ResultsOfOrbits {
 public:
  ResultsOfOrbits(const CampaignView& view, std::vector<ReportEntry>& entries) : view_(view), entries_(entries) {}

  /// @param i entry. @param reached orbit_of_result.
  void add(std::size_t i, const TaskRecord& task, const std::optional<OrbitReached>& reached) {
    const Orbit asked{task.task.stratum, task.task.occupation};
    asked_[asked].push_back(i);
    if (!reached) {
      entries_[i].remarks.push_back(
          "it has left its lattice and lies on no other of the campaign: it is on the hull as what it became, and no "
          "model learns from it");
      return;
    }
    Orbit orbit{reached->stratum, reached->occupation};
    if (orbit == asked) return;
    entries_[i].became = {view_.spaces[orbit.first.space].name, view_.view(orbit.first).formula, reached->degeneracy};
    became_.emplace_back(i, std::move(orbit));
  }

  /// Says at each entry which of its orbit's results is the lowest.
  void settle() {
    for (const auto& [orbit, of_it] : asked_) {
      const std::size_t lowest = *std::min_element(
          of_it.begin(), of_it.end(), [&](std::size_t a, std::size_t b) { return per_atom(a) < per_atom(b); });
      for (const std::size_t i : of_it) {
        if (i == lowest) continue;
        entries_[i].repeats = true;
        stands_behind(i, lowest);
      }
    }
    for (const auto& [i, orbit] : became_) {
      const ReportEntry::Became& became = *entries_[i].became;
      entries_[i].remarks.push_back(
          fmt::format("its relaxation ended as another configuration, {} of space {} with "
                      "degeneracy {}, and it counts as a result of that one",
                      became.formula, became.space, became.degeneracy));
      const auto found = asked_.find(orbit);
      if (found == asked_.end()) continue;
      for (const std::size_t other : found->second) {
        if (entries_[other].repeats || entries_[other].became) continue;
        per_atom(other) <= per_atom(i) ? stands_behind(i, other) : stands_behind(other, i);
      }
    }
  }

 private:
  using Orbit = std::pair<Stratum, std::vector<std::uint8_t>>;

  [[nodiscard]] double per_atom(std::size_t i) const {
    return entries_[i].energy_ev / static_cast<double>(entries_[i].composition.atom_count());
  }

  void stands_behind(std::size_t i, std::size_t lower) {
    entries_[i].lower_result = entries_[lower].id;
    entries_[i].remarks.push_back(
        fmt::format("{} is a result of the same configuration and lower by {:.3g} meV/atom; "
                    "that one counts for the configuration",
                    entries_[lower].id, 1e3 * (per_atom(i) - per_atom(lower))));
  }

  const CampaignView& view_;
  std::vector<ReportEntry>& entries_;
  std::map<Orbit, std::vector<std::size_t>> asked_;
  std::vector<std::pair<std::size_t, Orbit>> became_;
};

ReportSetAside set_aside_of(const CampaignView& view, const TaskRecord& task) {
  const Judgement& last = task.judgements.back();
  return {entry_id(view, task),
          view.spaces[task.task.stratum.space].name,
          task.task.structure.composition(),
          task.result->converged.energy_ev,
          task.standing() == Standing::kExcluded ? "excluded" : "suspect",
          last.who,
          last.why,
          moment_text(last.at)};
}

void note_moments(const TaskRecord& task, std::optional<Instant>& last) {
  const auto note = [&](Instant at) { last = std::max(last.value_or(at), at); };
  for (const AttemptRecord& attempt : task.attempts) note(attempt.ended.value_or(attempt.prepared));
  for (const Judgement& judgement : task.judgements) note(judgement.at);
}

ReportFailure failure_of(const CampaignView& view, const TaskRecord& task) {
  return {entry_id(view, task),
          view.spaces[task.task.stratum.space].name,
          task.task.structure.composition(),
          static_cast<int>(task.attempts.size()),
          std::string(name_of(task.state)),
          task.attempts.empty() ? "" : task.attempts.back().outcome};
}

}  // namespace

TasksSeen add_tasks(const CampaignView& view, const std::vector<SearchSpace>& spaces, const Strata& strata,
                    const CampaignStore& store, ReportContent& content) {
  EntryMaker maker(view, spaces, strata);
  ResultsOfOrbits of_orbits(view, content.entries);
  TasksSeen seen;
  std::vector<std::string> faults;
  const auto pass = store.current_pass();
  const bool ranked = pass && pass->number > survey_pass(store) && pass->finished;
  const auto counts = store.task_counts();
  if (const auto found = counts.find(TaskState::kConverged); found != counts.end())
    content.entries.reserve(static_cast<std::size_t>(found->second));
  const PriorRanks by_prior = latest_of_rounds(store, recall_prior_ranks).value_or(PriorRanks{});
  content.ranked_by_prior = by_prior.looked_at;
  each_task_ahead(store, [&](TaskRecord&& task) {
    note_moments(task, seen.last);
    const std::size_t before = faults.size();
    add_faults(view, task, faults);
    if (faults.size() > before) return;
    const Stratum& stratum = task.task.stratum;
    if (ranked) seen.asked.emplace(std::pair{stratum, task.task.occupation}, task.state);
    if (content.settings.empty()) content.settings = task.task.settings.values;
    if (task.result && !task.counts()) {
      content.set_aside.push_back(set_aside_of(view, task));
    } else if (task.result) {
      const auto departure = lattice_departure(task.task.structure, task.result->converged.structure);
      const auto orbit = orbit_of_result(view, task, departure);
      content.entries.push_back(maker.entry_of(task, departure));
      if (const auto rank = by_prior.ranks.find(task.task.key); rank != by_prior.ranks.end())
        content.entries.back().prior_rank = rank->second;
      of_orbits.add(content.entries.size() - 1, task, orbit);
      if (orbit) seen.judges.insert(judge_of(view, orbit->stratum.space));
    } else if (is_final(task.state)) {
      content.failures.push_back(failure_of(view, task));
    }
  });
  require_none(faults);
  of_orbits.settle();
  content.space_group_symbols = maker.space_group_symbols();
  return seen;
}

}  // namespace hullscan
