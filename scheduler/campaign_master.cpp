#include "scheduler/campaign_master.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "core/dft_identity.hpp"
#include "core/hash.hpp"
#include "core/scaled_energy.hpp"
#include "scheduler/decisions/candidates_to_keep.hpp"
#include "scheduler/decisions/refinement.hpp"
#include "scheduler/decisions/round_selection.hpp"
#include "scheduler/decisions/start_volume.hpp"
#include "storage/campaign_backup.hpp"
#include "storage/campaign_facts.hpp"
#include "storage/durable_file.hpp"

namespace hullscan {
namespace {

/// Results that are lost with the database are at most so old, or 50 times as old as it takes to copy the database.
constexpr auto kBackupInterval = std::chrono::seconds(60);
constexpr int kBackupShare = 50;

/// Of the survey's draw, offered to what explores: a larger one would say no more, and takes memory.
constexpr double kMostDrawn = 100'000;

/// Finished, and no hull can be drawn.
class AllFailed : public Error {
 public:
  using Error::Error;
  [[nodiscard]] ExitCode exit_code() const noexcept override { return ExitCode::kSomeFailed; }
};

FitRecord fit_record(const std::string& space, const std::string& kind, const FitReport& fitted) {
  const auto finite = [](double value) { return std::isfinite(value) ? std::optional(value) : std::nullopt; };
  FitRecord record{.space = space,
                   .kind = kind,
                   .labels = static_cast<std::int64_t>(fitted.labels),
                   .features = static_cast<std::int64_t>(fitted.features),
                   .rank = fitted.rank,
                   .rmse_mev_per_atom = finite(fitted.rmse_mev_per_atom),
                   .loo_rmse_mev_per_atom = finite(fitted.loo_rmse_mev_per_atom),
                   .regularisation = finite(fitted.regularisation),
                   .coefficients = {},
                   .warnings = fitted.warnings};
  for (const FittedCoefficient& one : fitted.coefficients)
    record.coefficients.push_back({one.cluster, one.sites, one.multiplicity, finite(one.energy_ev)});
  return record;
}

CampaignPlan plan_of(const MasterTools& tools) {
  const Campaign& campaign = *tools.view.campaign;
  return {.part = tools.part,
          .calculates = tools.code != nullptr && tools.executor != nullptr,
          .fits = tools.surrogates.space_count() != 0,
          .scores_without_labels = tools.surrogates.fitted(),
          .stages = has_stages(campaign),
          .select = campaign.select.value_or(SelectSpec{})};
}

std::string description_of(RoundKind kind, const SelectSpec& select) {
  switch (kind) {
    case RoundKind::kEndMembers:
      return "end members";
    case RoundKind::kInitial:
      return "initial, stratified";
    case RoundKind::kByPolicy:
      break;
  }
  return select.policy;
}

/// Identity of a structure to 1e-6 Å and 1e-6 in fractions, in the order of its atoms.
std::string structure_text(const Structure& structure) {
  std::string text;
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) text += fmt::format("{:.6f} ", structure.lattice.rows()(i, j) + 0.0);
  }
  for (std::size_t i = 0; i < structure.atom_count(); ++i) {
    const Eigen::Vector3d& x = structure.positions[i].x;
    text += fmt::format("\n{} {:.6f} {:.6f} {:.6f}", structure.species[i].symbol(), x[0] + 0.0, x[1] + 0.0, x[2] + 0.0);
  }
  return text;
}

/// End members that an earlier campaign file had calculated are not calculated again.
void leave_out_known_compositions(std::vector<Prospect>& prospects, std::span<const TaskRecord> known,
                                  const CampaignView& view) {
  std::set<std::pair<std::uint32_t, Composition>> compositions;
  for (const TaskRecord& task : known) {
    if (task.counts() || !is_final(task.state))
      compositions.emplace(view.spaces[task.task.stratum.space].family, task.task.structure.composition().reduced());
  }
  std::erase_if(prospects, [&](const Prospect& one) {
    return compositions.count({one.family, one.composition.reduced()}) != 0;
  });
}

std::string task_key(const Structure& structure, const DftSettings& identity) {
  return hash128_hex(structure_text(structure) + identity_lines(identity));
}

}  // namespace

CampaignMaster::CampaignMaster(MasterTools tools)
    : tools_(std::move(tools)),
      view_(strata_of_stage(tools_.view, std::nullopt)),
      select_(view_.campaign->select.value_or(SelectSpec{})),
      reactor_(plan_of(tools_)),
      passes_(view_, tools_.store, tools_.link, tools_.lease_s, tools_.stop, [this](const PassProgress& progress) {
        tools_.status.pass(pass_, progress);
        if (calculations_) calculations_->look();
      }) {
  if (tools_.code == nullptr || tools_.executor == nullptr) return;
  calculations_.emplace(
      *tools_.code, tools_.store, *tools_.executor, tools_.directory, tools_.limits, tools_.stop,
      [this](const TaskProgress& progress) { show_calculations(progress); },
      [this](const std::string& key) { judge_newcomer(key); });
}

LoopEnd CampaignMaster::run() {
  const LoopEnd end = run_campaign();
  if (end == LoopEnd::kStopped && calculations_) {
    calculations_->leave();
    tools_.status.count_tasks(tools_.store.task_counts());
  }
  return end;
}

LoopEnd CampaignMaster::run_campaign() {
  decision_ = stored_decision(tools_.store);
  CampaignOpened opened;
  opened.first = tools_.store.revision().first;
  if (decision_) opened.second_stage = decision_->first_pass;
  for (const Round& round : tools_.store.rounds()) {
    if (round.finished) opened.finished_rounds.insert(round.number);
  }
  CampaignEvent event = std::move(opened);
  while (true) {
    Answer answer;
    for (const CampaignAction& action : reactor_.handle(event)) {
      if (const auto* end = std::get_if<EndCampaign>(&action))
        return end->stopped ? LoopEnd::kStopped : LoopEnd::kFinished;
      answer = std::visit([this](const auto& one) { return carry_out(one); }, action);
    }
    event = std::move(answer).value();
  }
}

CampaignMaster::Answer CampaignMaster::carry_out(const JudgeEarlierResults& /*action*/) {
  judge_at_start();
  return std::nullopt;
}

CampaignMaster::Answer CampaignMaster::carry_out(const ShowStage& /*action*/) {
  BigInteger labelled = 0;
  for (const StratumView& stratum : view_.strata) labelled += stratum.total;
  tools_.status.labelled_total(labelled.str());
  resume_status();
  return std::nullopt;
}

CampaignMaster::Answer CampaignMaster::carry_out(const RunPass& action) {
  UseModel model;
  if (action.model == PassModel::kAsGiven) model = current_model();
  if (action.model == PassModel::kAfterRound) model = model_after(action.pass);
  if (run_pass(action.pass, model) == LoopEnd::kStopped) return WorkStopped{};
  if (action.model != PassModel::kNone && refine(action.pass) == LoopEnd::kStopped) return WorkStopped{};
  if (action.model == PassModel::kAfterRound && asks_for_errors()) (void)outlook_after(action.pass);
  return PassEnded{action.pass};
}

CampaignMaster::Answer CampaignMaster::carry_out(const BeginRound& action) {
  tools_.store.begin_round(action.round, description_of(action.kind, select_));
  select_tasks(action);
  return std::nullopt;
}

CampaignMaster::Answer CampaignMaster::carry_out(const RunCalculations& action) {
  const LoopEnd end = run_tasks(action.round, action.to_the_end ? RunUntil::kAllEnded : RunUntil::kSlotIdle);
  return end == LoopEnd::kStopped ? CampaignEvent(WorkStopped{}) : CalculationsEnded{action.round};
}

CampaignMaster::Answer CampaignMaster::carry_out(const ReviewRounds& action) {
  return RoundsReviewed{outcomes_of_last(static_cast<std::size_t>(action.rounds))};
}

CampaignMaster::Answer CampaignMaster::carry_out(const SayStopRuleIsMet& /*action*/) {
  log_info("the stop rule is met");
  return std::nullopt;
}

CampaignMaster::Answer CampaignMaster::carry_out(const RunRetries& /*action*/) {
  return run_retried_tasks() == LoopEnd::kStopped ? CampaignEvent(WorkStopped{}) : RetriesEnded{};
}

CampaignMaster::Answer CampaignMaster::carry_out(const EndCampaign& /*action*/) { return std::nullopt; }

CampaignMaster::Answer CampaignMaster::carry_out(const DecideStage& /*action*/) {
  const auto pass = tools_.store.current_pass();
  const auto rounds = tools_.store.rounds();
  int last = pass ? pass->number : 0;
  for (const Round& round : rounds) last = std::max(last, round.number);
  const bool scored = pass && pass->number > 0;
  StageDecision decision =
      decide_stage(tools_.view, tools_.store.tasks(),
                   scored ? PassCandidates(tools_.store, pass->number).all() : std::vector<Candidate>{},
                   tools_.code == nullptr, tools_.references, last + 1);
  // From here on nothing changes it: a later run finds it, whatever became of the references or of the rounds.
  remember_stage_decision(tools_.store, to_json_text(decision));
  back_up();
  for (const SpaceDecision& space : decision.spaces) {
    for (const std::string& line : decision_lines(space)) log_info(line);
  }
  decision_ = std::move(decision);
  return StageDecided{decision_->first_pass};
}

CampaignMaster::Answer CampaignMaster::carry_out(const BeginSecondStage& /*action*/) {
  const StageDecision& decision = *decision_;
  view_ = strata_of_stage(tools_.view, decision);
  for (const SpaceDecision& space : decision.spaces) {
    const bool any = std::any_of(view_.strata.begin(), view_.strata.end(),
                                 [&](const StratumView& stratum) { return stratum.stratum.space == space.space; });
    if (!any) log_warning(fmt::format("{}: no composition is left without the species that were refused", space.name));
  }
  write_durably(tools_.directory / kStageFile, to_json_text(decision) + "\n");
  return std::nullopt;
}

std::vector<WorkUnit> CampaignMaster::units() const {
  if (tools_.part) return tools_.units;
  std::vector<WorkUnit> whole;
  for (const StratumView& stratum : view_.strata) whole.push_back({0, stratum.stratum, {}, {}});
  return whole;
}

UseModel CampaignMaster::current_model() const {
  UseModel model;
  model.serialised = tools_.surrogates.serialise();
  model.model_hash = tools_.surrogates.hash();
  return model;
}

void CampaignMaster::resume_status() {
  PassProgress progress;
  double orbits = 0;
  if (const auto pass = tools_.store.current_pass()) {
    for (const auto& [stratum, totals] : tools_.store.unit_totals(pass->number)) {
      progress.units_done += totals.done;
      progress.units_total += totals.total;
    }
    for (const auto& [stratum, totals] : tools_.store.unit_totals(counted_pass(tools_.store)))
      orbits += totals.orbits.convert_to<double>();
  }
  tools_.status.resume(progress, orbits, tools_.store.task_counts());
  show_hull();
}

void CampaignMaster::show_hull() {
  const auto converged = tools_.store.tasks({.round = {}, .states = {TaskState::kConverged}});
  if (const HullReport hull = hull_of(view_, converged); !hull.entries.empty()) tools_.status.hull(hull);
}

UseModel CampaignMaster::model_after(int round) {
  if (tools_.store.pass_complete(round)) return {};
  if (const auto begun = tools_.store.current_pass(); begun && begun->number == round) {
    return {static_cast<std::uint32_t>(round), begun->model_hash, begun->model};
  }
  if (fitted_ && fitted_->first == round) return std::move(std::exchange(fitted_, {})->second);
  std::vector<FitRecord> report;
  return fit(round, report);
}

LoopEnd CampaignMaster::run_retried_tasks() {
  for (const Round& round : tools_.store.rounds()) {
    const std::vector<int> open = tools_.store.rounds_with_open_tasks();
    if (!round.finished || std::find(open.begin(), open.end(), round.number) == open.end()) continue;
    if (run_tasks(round.number) == LoopEnd::kStopped) return LoopEnd::kStopped;
    std::vector<TaskRecord> all = tools_.store.tasks();
    judge(all, reactor_.fits_after(tools_.store.rounds().back().number));
    show_hull();
  }
  return LoopEnd::kFinished;
}

LoopEnd CampaignMaster::run_tasks(int round, RunUntil until) {
  round_ = round;
  return calculations_->run(round, until);
}

void CampaignMaster::show_calculations(const TaskProgress& progress) {
  tools_.status.tasks(round_, progress, select_.initial + select_.per_round * select_.rounds);
  const auto found = progress.states.find(TaskState::kConverged);
  const int converged = found == progress.states.end() ? 0 : found->second;
  const auto age = std::chrono::steady_clock::now() - last_backup_;
  if (converged == converged_at_backup_ || age < kBackupInterval || age < kBackupShare * backup_took_) return;
  converged_at_backup_ = converged;
  back_up();
}

LoopEnd CampaignMaster::run_pass(int number, const UseModel& model) {
  if (tools_.store.pass_complete(number)) return LoopEnd::kFinished;
  PassOrder order;
  order.model = model;
  order.model.pass = static_cast<std::uint32_t>(number);
  order.model.temperatures_kelvin = temperatures_of_pass(number);
  order.quota_s = tools_.quota_s;
  order.stretched_quota_s = tools_.stretched_quota_s;
  order.keep_best = candidates_to_keep(tools_.view);
  order.write_shards = view_.campaign->run.keep == "all";
  order.workers = tools_.link.worker_count();
  order.search_nodes = tools_.search_nodes;
  for (const StratumView& stratum : view_.strata) {
    if (stratum.by_branch_and_bound) order.by_branch_and_bound.insert(stratum.stratum);
  }
  // The model is kept outside the database too: with it and the shards a lost database can be made again.
  if (!model.serialised.empty()) keep_model(tools_.directory, number, model.model_hash, model.serialised);
  pass_ = number;
  const LoopEnd end = passes_.run(number, order, units(), !tools_.part);
  if (end == LoopEnd::kFinished) back_up();
  return end;
}

std::vector<double> CampaignMaster::temperatures_of_pass(int number) {
  // Sums of one pass are of the same temperatures, whatever became of the campaign file meanwhile.
  if (auto begun = recall_pass_temperatures(tools_.store, number)) return std::move(*begun);
  const std::vector<double>& asked = view_.campaign->report.temperatures_kelvin;
  remember_pass_temperatures(tools_.store, number, asked);
  return asked;
}

void CampaignMaster::back_up() {
  const auto begun = std::chrono::steady_clock::now();
  tools_.store.back_up(tools_.directory / kBackupFile);
  last_backup_ = std::chrono::steady_clock::now();
  backup_took_ = last_backup_ - begun;
}

std::vector<TaskRecord> CampaignMaster::tasks_before(int round) const {
  std::vector<TaskRecord> records = tools_.store.tasks();
  std::erase_if(records, [&](const TaskRecord& record) { return record.round >= round; });
  return records;
}

void CampaignMaster::select_tasks(const BeginRound& begun) {
  const int number = begun.round;
  // Chosen by an earlier process: what is known by now might choose otherwise.
  if (tools_.store.has_tasks(number)) return;
  // Only what was known before this round counts, so a repeated selection is the same selection.
  const std::vector<TaskRecord> known = tasks_before(number);
  std::vector<Prospect> prospects = prospects_for(begun, known);
  if (begun.kind == RoundKind::kEndMembers) leave_out_known_compositions(prospects, known, view_);
  const double factor = begun.by_model ? weigh(prospects, number - 1, known).deviation_factor : 1;
  LabelsByPrior by_prior;
  if (begun.by_model && policy_follows_hull(select_.policy)) by_prior = place_by_prior(prospects, known);
  std::vector<std::size_t> chosen = choose_round(begun.kind, prospects, select_, known.size());
  add_listed(prospects, chosen, known);
  std::vector<NewTask> tasks;
  const StartVolumes volumes = start_volumes(known);
  std::map<std::string, double> deviations;
  for (const std::size_t index : chosen) {
    tasks.push_back(new_task(prospects[index], volumes));
    const double deviation = prospects[index].deviation_ev_per_atom.value_or(0) / factor;
    if (deviation > 0) deviations.emplace(tasks.back().key, deviation);
  }
  if (!deviations.empty()) {
    keep_deviations(tools_.directory, number, deviations);
    remember_round_deviations(tools_.store, number, deviations);
  }
  remember_ranks(number, by_prior, prospects, chosen, tasks);
  tools_.store.add_tasks(number, tasks);
  log_info(fmt::format("round {} ({}): {} calculation{}", number, description_of(begun.kind, select_), tasks.size(),
                       tasks.size() == 1 ? "" : "s"));
}

void CampaignMaster::add_listed(std::vector<Prospect>& prospects, std::vector<std::size_t>& chosen,
                                std::span<const TaskRecord> known) const {
  std::set<ConfigurationKey> have;
  for (const TaskRecord& task : known) have.insert(configuration_key(task.task.stratum, task.task.occupation));
  for (const std::size_t i : chosen)
    have.insert(configuration_key(prospects[i].candidate.stratum, prospects[i].candidate.occupation));
  for (const ListedOrbit& listed : view_.campaign->listed_orbits) {
    const Candidate& one = listed.candidate;
    if (!have.insert(configuration_key(one.stratum, one.occupation)).second) continue;
    const auto offered = std::find_if(prospects.begin(), prospects.end(), [&](const Prospect& prospect) {
      return prospect.candidate.stratum == one.stratum && prospect.candidate.occupation == one.occupation;
    });
    if (offered != prospects.end()) {
      chosen.push_back(static_cast<std::size_t>(offered - prospects.begin()));
    } else if (auto prospect = prospect_of(one)) {
      chosen.push_back(prospects.size());
      prospects.push_back(std::move(*prospect));
    }
  }
}

CampaignMaster::ConfigurationKey CampaignMaster::configuration_key(const Stratum& stratum,
                                                                   const std::vector<std::uint8_t>& occupation) const {
  const SupercellMatrix& matrix = view_.supercell(stratum).matrix();
  return {judge_of(view_, stratum.space), std::vector<int>(matrix.data(), matrix.data() + matrix.size()), occupation};
}

std::optional<Prospect> CampaignMaster::prospect_of(Candidate candidate) const {
  Prospect prospect;
  const StratumView& stratum = view_.view(candidate.stratum);
  prospect.composition = stratum.composition;
  prospect.atoms = stratum.composition.atom_count();
  if (prospect.atoms == 0) return std::nullopt;
  prospect.end_member = stratum.end_member;
  prospect.family = view_.spaces[candidate.stratum.space].family;
  prospect.stabiliser_order = stratum.group_order / std::max<std::uint64_t>(1, candidate.degeneracy);
  prospect.draw = draw_of(candidate);
  prospect.candidate = std::move(candidate);
  return prospect;
}

std::vector<Prospect> CampaignMaster::prospects_for(const BeginRound& begun, std::span<const TaskRecord> known) const {
  std::set<ConfigurationKey> labelled;
  for (const TaskRecord& task : known) labelled.insert(configuration_key(task.task.stratum, task.task.occupation));
  const std::set<std::uint32_t> modelled = modelled_spaces(view_, known);  // those whose scores are energies
  std::vector<Prospect> prospects;
  std::map<std::pair<Stratum, std::vector<std::uint8_t>>, std::size_t> scored;
  const auto add = [&](Candidate& candidate, bool by_model, bool drawn) {
    if (labelled.count(configuration_key(candidate.stratum, candidate.occupation)) != 0) return;
    std::optional<Prospect> prospect = prospect_of(std::move(candidate));
    if (!prospect) return;
    prospect->drawn = drawn;
    if (by_model && modelled.count(prospect->candidate.stratum.space) != 0)
      prospect->predicted_formation_energy_ev_per_atom = score_to_ev_per_atom(prospect->candidate.score);
    prospects.push_back(std::move(*prospect));
  };
  std::vector<Candidate> kept =
      begun.by_model ? PassCandidates(tools_.store, begun.pass).all() : tools_.store.candidates(begun.pass);
  for (Candidate& candidate : kept) add(candidate, begun.by_model, !begun.by_model);
  if (!begun.by_model || !policy_uses_draw(select_.policy)) return prospects;
  // A pass with a model keeps the lowest of every composition; what explores wants the draw that the survey kept.
  for (std::size_t i = 0; i < prospects.size(); ++i)
    scored.emplace(std::pair(prospects[i].candidate.stratum, prospects[i].candidate.occupation), i);
  std::vector<Candidate> draw = tools_.store.candidates(reactor_.first());
  const double most =
      tools_.refining.any() ? std::min(kMostDrawn, static_cast<double>(tools_.refining.keep)) : kMostDrawn;
  const double share = std::min(1.0, most / static_cast<double>(std::max<std::size_t>(1, draw.size())));
  for (Candidate& candidate : draw) {
    if (share < 1 && static_cast<double>(draw_of(candidate)) * 0x1p-64 >= share) continue;
    const auto known_one = scored.find({candidate.stratum, candidate.occupation});
    if (known_one == scored.end()) {
      add(candidate, false, true);
    } else {
      prospects[known_one->second].drawn = true;
    }
  }
  return prospects;
}

std::uint64_t CampaignMaster::draw_of(const Candidate& candidate) const {
  std::vector<std::uint64_t> words{candidate.stratum.space, candidate.stratum.supercell,
                                   candidate.stratum.index_in_supercell};
  words.insert(words.end(), candidate.occupation.begin(), candidate.occupation.end());
  return random_bits(view_.campaign->seed, words);
}

bool CampaignMaster::asks_for_errors() const {
  return policy_needs_uncertainty(select_.policy) || select_.stop.hull_error_mev_per_atom.has_value();
}

CampaignMaster::StartVolumes CampaignMaster::start_volumes(std::span<const TaskRecord> known) const {
  if (!tools_.code->relaxes_cell(tools_.settings)) return {};
  std::map<std::uint32_t, std::vector<Structure>> relaxed;
  for (const TaskRecord& task : known) {
    if (is_label(task)) relaxed[task.task.stratum.space].push_back(task.result->converged.structure);
  }
  StartVolumes volumes;
  for (const auto& [space, structures] : relaxed) volumes.emplace(space, StartVolume::learned_from(structures));
  return volumes;
}

NewTask CampaignMaster::new_task(const Prospect& prospect, const StartVolumes& volumes) const {
  Structure structure = view_.supercell(prospect.candidate.stratum).structure(prospect.candidate.occupation);
  const auto volume = volumes.find(prospect.candidate.stratum.space);
  if (volume != volumes.end()) structure = volume->second.applied_to(structure);
  NewTask task{
      .key = task_key(structure, tools_.code->identity(tools_.settings)),
      .stratum = prospect.candidate.stratum,
      .occupation = prospect.candidate.occupation,
      .degeneracy = prospect.candidate.degeneracy,
      .formula = prospect.composition.formula(view_.spaces[prospect.candidate.stratum.space].parent->formula_order()),
      .predicted_ev_per_atom = prospect.predicted_formation_energy_ev_per_atom,
      .structure = structure,
      .settings = tools_.settings};
  return task;
}

CampaignMaster::Answer CampaignMaster::carry_out(const FinishRound& action) {
  const int number = action.round;
  std::vector<TaskRecord> known = tasks_before(number + 1);
  const bool any =
      std::any_of(known.begin(), known.end(), [](const TaskRecord& task) { return task.result.has_value(); });
  if (!any)
    throw AllFailed("no calculation has succeeded; see hullscan tasks " + tools_.directory.string() + " --failed");
  judge(known, action.fit);
  const HullReport hull = hull_of(view_, known);
  show_hull();
  std::vector<FitRecord> fits;
  if (action.fit) fitted_.emplace(number, fit(number, fits));
  tools_.store.finish_round(number, to_json_text(fits), to_json_text(record_of_hull(hull, known)));
  if (action.fit) forget_fit_again(tools_.store);
  back_up();
  return std::nullopt;
}

UseModel CampaignMaster::fit(int round, std::vector<FitRecord>& report) {
  const std::vector<TaskRecord> known = tasks_before(round + 1);
  const HullReport hull = hull_of(view_, known);
  report.clear();
  if (tools_.surrogates.space_count() > 0) {
    std::string words = words_on_left_lattices(view_, known);
    if (!words.empty() && words != words_on_left_lattices_) log_warning(words);
    words_on_left_lattices_ = std::move(words);
  }
  std::vector<std::pair<std::size_t, FitRecord>> records;  // and the first space of each
  for (SurrogateSet* models : {&tools_.surrogates, &tools_.refining.models}) {
    for (const auto& group : models->groups()) {
      const auto labels = labels_of_group(group, known, hull);
      const std::string name = name_of(group);
      // A structure of a list that has a model to itself: there is nothing to be learnt.
      const bool nothing_to_learn = group.size() == 1 && !view_.campaign->spaces[group.front()].list.empty();
      if (std::all_of(labels.begin(), labels.end(), [](const auto& of_space) { return of_space.empty(); })) {
        if (models == &tools_.surrogates && !nothing_to_learn)
          log_warning(fmt::format("{}: it has no label yet, so its configurations are drawn at random", name));
        continue;
      }
      const FitReport fitted = fit_group(*models, group, labels);
      if (nothing_to_learn) continue;
      records.emplace_back(group.front(), fit_record(name, models->space(group.front()).kind(), fitted));
    }
  }
  std::stable_sort(records.begin(), records.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (auto& [space, record] : records) report.push_back(std::move(record));
  return current_model();
}

std::vector<RoundOutcome> CampaignMaster::outcomes_of_last(std::size_t count) {
  std::vector<Round> rounds = tools_.store.rounds();
  std::erase_if(rounds, [&](const Round& round) { return !round.finished || round.number < reactor_.first(); });
  std::vector<TaskRecord> known = tools_.store.tasks();
  std::vector<RoundOutcome> outcomes;
  for (auto round = rounds.rbegin(); round != rounds.rend() && outcomes.size() < count; ++round) {
    std::erase_if(known, [&](const TaskRecord& task) { return task.round > round->number; });
    RoundOutcome outcome{vertices_after(*round, known), {}};
    if (select_.stop.hull_error_mev_per_atom && reactor_.fits_after(round->number))
      outcome.possible_hull_error_mev_per_atom = outlook_after(round->number).possible_error_mev_per_atom;
    for (const FitRecord& fit : fit_records(*round)) {
      if (!tools_.refining.any() || fit.kind == ranking_models().space(0).kind())
        outcome.loo_rmse_mev_per_atom.push_back(fit.loo_rmse_mev_per_atom);
    }
    outcomes.push_back(std::move(outcome));
  }
  std::reverse(outcomes.begin(), outcomes.end());
  return outcomes;
}

}  // namespace hullscan
