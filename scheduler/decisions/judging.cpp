#include "scheduler/decisions/judging.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/errors.hpp"
#include "core/hash.hpp"
#include "scheduler/decisions/results.hpp"
#include "scheduler/decisions/task_steps.hpp"
#include "storage/task_archive.hpp"

namespace hullscan {
namespace {

bool left_out_by_person(const TaskRecord& task) {
  return is_decided(task.judgements) && task.standing() == Standing::kExcluded;
}

}  // namespace

std::optional<ResultFacts> facts_of(const CampaignView& view, const TaskRecord& task) {
  if (!task.result || left_out_by_person(task)) return std::nullopt;
  ResultFacts facts = facts_of(entry_id(view, task), judge_of(view, task.task.stratum.space), task.task.structure,
                               task.result->converged, is_decided(task.judgements));
  if (!task.result->as_accepted)
    facts.faults.push_back("its result in the database is not the one that was accepted: the checksum differs");
  return facts;
}

void forget_own_judgements(std::vector<TaskRecord>& tasks) {
  for (TaskRecord& task : tasks) {
    if (!is_decided(task.judgements)) task.judgements.clear();
  }
}

void set_aside(TaskRecord& task, const std::string& why) {
  task.judgements.push_back({{}, JudgementKind::kSuspected, kHullscan, why});
}

void judge_tasks(const CampaignView& view, std::vector<TaskRecord>& tasks) {
  std::vector<ResultFacts> facts;
  std::vector<TaskRecord*> judged;
  for (TaskRecord& task : tasks) {
    if (auto known = facts_of(view, task)) {
      facts.push_back(std::move(*known));
      judged.push_back(&task);
    }
  }
  const std::vector<std::string> why = judge_results(facts);
  for (std::size_t i = 0; i < why.size(); ++i) {
    if (!why[i].empty()) set_aside(*judged[i], why[i]);
  }
}

std::map<std::string, Judgement> changes(std::span<const TaskRecord> before, std::span<const TaskRecord> after,
                                         bool words_too) {
  std::map<std::string, Judgement> changed;
  for (std::size_t i = 0; i < after.size(); ++i) {
    const TaskRecord &was = before[i], &is = after[i];
    if (!was.result || is_decided(was.judgements)) continue;
    const bool suspect = is.standing() == Standing::kSuspect, was_suspect = was.standing() == Standing::kSuspect;
    if (suspect && (!was_suspect || (words_too && was.judgements.back().why != is.judgements.back().why)))
      changed[is.task.key] = is.judgements.back();
    if (!suspect && was_suspect) {
      changed[is.task.key] = {{}, JudgementKind::kReleased, kHullscan, "what is known by now supports it"};
    }
  }
  return changed;
}

std::string name_of_set_aside(std::span<const TaskRecord> tasks) {
  std::vector<std::string> keys;
  for (const TaskRecord& task : tasks) {
    if (task.result && !task.counts()) keys.push_back(task.task.key);
  }
  std::sort(keys.begin(), keys.end());
  std::string text;
  for (const std::string& key : keys) text += key + "\n";
  return hash128_hex(text);
}

namespace {

/// What the files of an attempt say, where they are there and it converged.
std::optional<DftConverged> converged_in(const std::filesystem::path& campaign_directory, const TaskRecord& task,
                                         int attempt, const DftCode& code) {
  try {
    const AttemptFiles files(campaign_directory / "tasks" / task.task.key, attempt);
    if (!files.found()) return std::nullopt;
    const DftOutcome outcome = code.read_outputs(files.directory());
    const auto* converged = std::get_if<DftConverged>(&outcome);
    return converged == nullptr ? std::nullopt : std::optional(*converged);
  } catch (const StorageError&) {
    return std::nullopt;  // its archive is damaged: `verify` names it
  }
}

}  // namespace

std::string difference_from_files(const TaskRecord& task, const std::filesystem::path& campaign_directory,
                                  const DftCode& code) {
  // What a later version reads from the same digits may differ in the last of them.
  constexpr double kSameEv = 1e-6, kSameAngstrom = 1e-6, kSameFraction = 1e-6;
  if (!task.result) return "";
  const auto last = converged_in(campaign_directory, task, task.result->attempt, code);
  if (!last) return "";
  std::vector<DoneStep> steps = done_steps(task);  // whose structure a closing single point has
  for (DoneStep& step : steps) {
    if (const auto read = converged_in(campaign_directory, task, step.attempt, code)) step.structure = read->structure;
  }
  const DftConverged joint = joined(*last, steps);
  const DftConverged* read = &joint;
  const DftConverged& held = task.result->converged;
  if (!(std::abs(read->energy_ev - held.energy_ev) <= kSameEv))
    return fmt::format("its energy is stored as {:.8f} eV, and its files say {:.8f}", held.energy_ev, read->energy_ev);
  if (read->structure.species != held.structure.species) return "its stored structure has other atoms than its files";
  if (!((read->structure.lattice.rows() - held.structure.lattice.rows()).cwiseAbs().maxCoeff() <= kSameAngstrom))
    return "its stored cell differs from that in its files";
  for (std::size_t i = 0; i < held.structure.positions.size(); ++i) {
    if (!((read->structure.positions[i].x - held.structure.positions[i].x).cwiseAbs().maxCoeff() <= kSameFraction))
      return fmt::format("the stored position of atom {} differs from that in its files", i + 1);
  }
  return "";
}

}  // namespace hullscan
