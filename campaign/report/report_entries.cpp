#include "campaign/report/report_entries.hpp"

#include <cmath>
#include <map>
#include <string>
#include <utility>

#include "campaign/import/import_files.hpp"
#include "campaign/judgements.hpp"
#include "core/lattice_departure.hpp"
#include "dft_adapters/dft_code.hpp"
#include "enumerator/space/configuration_symmetry.hpp"
#include "scheduler/decisions/energy_remarks.hpp"
#include "scheduler/decisions/results.hpp"
#include "scheduler/decisions/soundness.hpp"
#include "scheduler/decisions/stages.hpp"
#include "scheduler/decisions/task_steps.hpp"

namespace hullscan {
namespace {

/// Entries of converged tasks; keeps the symmetry of every supercell that it has met.
class EntryMaker {
 public:
  EntryMaker(const CampaignView& view, const std::vector<SearchSpace>& spaces, const Strata& strata)
      : view_(view), spaces_(spaces), strata_(strata) {}

  ReportEntry entry_of(TaskRecord& task) {
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
    const auto departure = lattice_departure(task.task.structure, converged.structure);
    const auto rounded = [](double value) { return std::round(value * 1e6) / 1e6; };
    if (departure) entry.displacement_angstrom = rounded(departure->rms_displacement_angstrom);
    if (departure) entry.shear_strain = rounded(departure->shear_strain);
    entry.left_lattice = left_lattice(departure);
    entry.structure = std::move(converged.structure);
    entry.keys = std::move(converged.hull_keys);
    return entry;
  }

 private:
  const CampaignView& view_;
  const std::vector<SearchSpace>& spaces_;
  const Strata& strata_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, ConfigurationSymmetry> symmetries_;
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
  TasksSeen seen;
  std::vector<std::string> faults;
  const auto pass = store.current_pass();
  const bool ranked = pass && pass->number > survey_pass(store) && pass->finished;
  const auto counts = store.task_counts();
  if (const auto found = counts.find(TaskState::kConverged); found != counts.end())
    content.entries.reserve(static_cast<std::size_t>(found->second));
  store.each_task({}, [&](TaskRecord&& task) {
    const std::size_t before = faults.size();
    add_faults(view, task, faults);
    if (faults.size() > before) return;
    const Stratum& stratum = task.task.stratum;
    if (ranked) seen.asked.emplace(std::pair{stratum, task.task.occupation}, task.state);
    if (content.settings.empty()) content.settings = task.task.settings.values;
    if (task.result && !task.counts()) {
      content.set_aside.push_back(set_aside_of(view, task));
    } else if (task.result) {
      content.entries.push_back(maker.entry_of(task));
      if (!content.entries.back().left_lattice) seen.judges.insert(judge_of(view, stratum.space));
    } else if (is_final(task.state)) {
      content.failures.push_back(failure_of(view, task));
    }
  });
  require_none(faults);
  return seen;
}

}  // namespace hullscan
