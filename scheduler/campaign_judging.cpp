// CampaignMaster: when results are judged, and what follows from it.
//
// A round ends with a judgement of all results so far, as a function of them and of what people decided: whoever is
// killed and goes on, or gets the results in another order, comes to the same. In between only the results of the round
// under way are judged, so that nothing which a selection rested on changes after it.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <set>

#include "core/log.hpp"
#include "scheduler/campaign_master.hpp"
#include "scheduler/decisions/judging.hpp"
#include "storage/campaign_facts.hpp"
#include "storage/instant_now.hpp"
#include "surrogates/spaces_together.hpp"

namespace hullscan {
namespace {

/// Version of the tests: a campaign that was judged by another version is judged anew.
constexpr const char* kRules = "1";

/// Up to so many results all are compared at each new one; beyond it at the end of the round.
constexpr int kFewResults = 300;
constexpr int kMostRefits = 10;

}  // namespace

void CampaignMaster::store_judgements(const std::map<std::string, Judgement>& changed) {
  for (const auto& [key, judgement] : changed) {
    const auto task = tools_.store.task(key);
    tools_.store.judge(key, {instant_now(), judgement.kind, judgement.who, judgement.why});
    // The same with other numbers: recorded, not said again.
    if (task && task->standing() == Standing::kSuspect && judgement.kind == JudgementKind::kSuspected) continue;
    const std::string id = task ? task->short_id : key;
    const std::string name = fmt::format("{} ({})", task ? task->task.formula : "", id);
    if (judgement.kind == JudgementKind::kSuspected) {
      log_warning(fmt::format("{} is set aside and does not count: {}. If it is right, run `hullscan accept {} {}`",
                              name, judgement.why, tools_.directory.string(), id));
    } else {
      log_info(fmt::format("{} counts again: {}", name, judgement.why));
    }
  }
  if (!changed.empty()) show_set_aside();
}

void CampaignMaster::show_set_aside() {
  const auto [suspect, excluded] = tools_.store.set_aside_counts();
  tools_.status.set_aside(suspect, excluded);
}

void CampaignMaster::judge_newcomer(const std::string& key) {
  const auto counts = tools_.store.task_counts();
  const auto converged = counts.find(TaskState::kConverged);
  if (converged == counts.end() || converged->second <= kFewResults) return judge_newcomers(key);
  const auto task = tools_.store.task(key);
  if (!task || is_decided(task->judgements)) return;
  const auto facts = facts_of(view_, *task);
  if (!facts || facts->faults.empty()) return;
  const std::string why = judge_results(std::span(&*facts, 1)).front();
  std::map<std::string, Judgement> changed;
  changed[key] = {{}, JudgementKind::kSuspected, kHullscan, why};
  store_judgements(changed);
}

void CampaignMaster::judge_newcomers(const std::string& key) {
  const std::vector<TaskRecord> before = tools_.store.tasks({.round = {}, .states = {TaskState::kConverged}});
  std::vector<TaskRecord> after = before;
  forget_own_judgements(after);
  judge_tasks(view_, after);
  auto changed = changes(before, after, false);
  std::set<std::string> of_this_round;
  for (const TaskRecord& task : before) {
    if (task.round >= round_ || task.task.key == key) of_this_round.insert(task.task.key);
  }
  std::erase_if(changed, [&](const auto& change) { return of_this_round.count(change.first) == 0; });
  store_judgements(changed);
}

void CampaignMaster::judge(std::vector<TaskRecord>& tasks, bool by_model) {
  const std::vector<TaskRecord> before = tasks;
  forget_own_judgements(tasks);
  judge_tasks(view_, tasks);
  if (by_model) judge_by_model(tasks);
  store_judgements(changes(before, tasks, true));
}

void CampaignMaster::judge_by_model(std::vector<TaskRecord>& tasks) {
  std::map<std::string, TaskRecord*> of_id;
  for (TaskRecord& task : tasks) of_id[entry_id(view_, task)] = &task;
  for (const auto& group : tools_.surrogates.groups()) {
    for (int refit = 0; refit < kMostRefits; ++refit) {
      const HullReport hull = hull_of(view_, tasks);
      const auto of_spaces = labels_of_group(group, tasks, hull);
      std::vector<LabelledConfiguration> labels;
      for (const auto& of_space : of_spaces) labels.insert(labels.end(), of_space.begin(), of_space.end());
      if (labels.empty()) break;
      const FitReport fitted = fit_group(tools_.surrogates, group, of_spaces);
      const std::vector<double>& residuals = fitted.loo_residuals_ev_per_atom;
      if (residuals.size() != labels.size()) break;  // this kind of model does not know them
      std::vector<std::size_t> far = far_from_model(residuals, fitted.rank);
      std::erase_if(far, [&](std::size_t i) { return is_decided(of_id.at(labels[i].id)->judgements); });
      if (far.empty()) break;
      double worst = 0;
      for (const std::size_t i : far) worst = std::max(worst, std::abs(residuals[i]));
      for (const std::size_t i : far) {
        // A wrong label makes its neighbours look wrong: the worst go first.
        if (std::abs(residuals[i]) < 0.5 * worst) continue;
        set_aside(
            *of_id.at(labels[i].id),
            fmt::format("its formation energy is {:.4g} eV/atom, and the model of {} from the other {} labels "
                        "expects {:.4g} (leave-one-out error {:.2g})",
                        labels[i].formation_energy_ev_per_atom, name_of(group), labels.size() - 1,
                        labels[i].formation_energy_ev_per_atom - residuals[i], 1e-3 * fitted.loo_rmse_mev_per_atom));
      }
    }
  }
}

FitReport CampaignMaster::fit_group(SurrogateSet& models, const std::vector<std::size_t>& group,
                                    const std::vector<std::vector<LabelledConfiguration>>& labels) {
  std::string text;
  for (const auto& of_space : labels) {
    for (const LabelledConfiguration& label : of_space)
      text += fmt::format("{} {} {}\n", label.id, label.formation_energy_ev_per_atom, label.e_above_hull_ev_per_atom);
  }
  auto& [labels_of_fit, report] = fits_[&models.space(group.front())];
  if (labels_of_fit != text) {
    labels_of_fit.clear();
    report = models.fit(group, labels);
    labels_of_fit = std::move(text);
  }
  return report;
}

std::vector<std::vector<LabelledConfiguration>> CampaignMaster::labels_of_group(const std::vector<std::size_t>& group,
                                                                                std::span<const TaskRecord> tasks,
                                                                                const HullReport& hull) const {
  std::vector<std::vector<LabelledConfiguration>> labels;
  std::set<std::string> known;
  for (const std::size_t space : group) {
    labels.push_back(labels_of(view_, static_cast<std::uint32_t>(space), tasks, hull));
    if (group.size() < 2) continue;
    std::erase_if(labels.back(), [&](const LabelledConfiguration& label) { return !known.insert(label.id).second; });
  }
  return labels;
}

std::string CampaignMaster::name_of(const std::vector<std::size_t>& group) const {
  return name_of_fit(group, view_.campaign->spaces);
}

void CampaignMaster::judge_at_start() {
  settle_checksums();
  const std::vector<Round> rounds = tools_.store.rounds();
  const bool under_way = !rounds.empty() && !rounds.back().finished;
  const bool judged_before = recall_judging_rules(tools_.store) == std::optional<std::string>(kRules);
  if (under_way && judged_before) {
    round_ = rounds.back().number;
    judge_newcomers("");
  } else {
    std::vector<TaskRecord> all = tools_.store.tasks();
    judge(all, !under_way && !rounds.empty() && reactor_.fits_after(rounds.back().number));
    if (!judged_before) remember_judging_rules(tools_.store, kRules);
    if (!under_way && !rounds.empty()) revise(rounds.back());
  }
  show_set_aside();
}

void CampaignMaster::settle_checksums() {
  // An older hullscan stored no checksums: what the files say is what was accepted, where they can be read.
  std::vector<std::string> compared;
  std::map<std::string, std::string> differ;
  for (const TaskRecord& task : tools_.store.tasks({.round = {}, .states = {TaskState::kConverged}})) {
    if (!task.result || !task.result->checksum.empty()) continue;
    std::string difference = difference_from_files(task, tools_.directory, *tools_.code);
    if (!difference.empty() && !is_decided(task.judgements)) differ[task.task.key] = std::move(difference);
    compared.push_back(task.task.key);
  }
  // Where most differ it is this hullscan that reads otherwise, not the database that is damaged.
  const bool reads_otherwise = differ.size() > 2 && 2 * differ.size() > compared.size();
  if (reads_otherwise) {
    log_warning(
        fmt::format("{} of {} results are stored with other values than this hullscan reads from their files; they "
                    "stay as they were accepted",
                    differ.size(), compared.size()));
  }
  for (const auto& [key, difference] : differ) {
    if (reads_otherwise) break;
    const auto task = tools_.store.task(key);
    log_warning(fmt::format("{}: {}; it does not count. To let it count, run hullscan accept",
                            task ? task->short_id : key, difference));
    tools_.store.judge(key, {instant_now(), JudgementKind::kExcluded, kHullscan, difference});
  }
  for (const std::string& key : compared) tools_.store.settle_checksum(key);
}

void CampaignMaster::revise(const Round& last) {
  if (last.number < reactor_.first()) return;
  const std::vector<TaskRecord> known = tasks_before(last.number + 1);
  const bool as_before = name_of_set_aside(known) == stored_set_aside(last);
  const bool fit_again = recall_fit_again(tools_.store);
  if (as_before && !fit_again) return;
  log_info(fmt::format("{} since round {} ended: its fit and all that depends on it are made again",
                       as_before ? "the campaign file has changed" : "the results that count have changed",
                       last.number));
  const HullReport hull = hull_of(view_, known);
  std::vector<FitRecord> fits;
  if (reactor_.fits_after(last.number)) {
    const UseModel model = fit(last.number, fits);
    const auto pass = tools_.store.current_pass();
    // First the pass: a process that ends here begins with both again.
    if (pass && pass->number == last.number && pass->model_hash != model.model_hash)
      tools_.store.begin_pass_again(last.number, model.model_hash, model.serialised);
  }
  tools_.store.revise_round(last.number, to_json_text(fits), to_json_text(record_of_hull(hull, known)));
  if (fit_again) forget_fit_again(tools_.store);
}

HullRecord CampaignMaster::record_of_hull(const HullReport& hull, std::span<const TaskRecord> known) {
  HullRecord record{hull.entries.size(), {}, name_of_set_aside(known)};
  for (const HullEntryResult& entry : hull.entries) {
    if (entry.vertex) record.vertices.push_back(entry.id);
  }
  return record;
}

std::string CampaignMaster::stored_set_aside(const Round& round) {
  return hull_record(round).set_aside.value_or(name_of_set_aside({}));
}

std::vector<std::string> CampaignMaster::vertices_after(const Round& round, std::span<const TaskRecord> known) const {
  if (name_of_set_aside(known) == stored_set_aside(round)) return hull_record(round).vertices;
  return record_of_hull(hull_of(view_, known), known).vertices;
}

}  // namespace hullscan
