/// @file
/// Carries a whole campaign out: survey the space, compute the end members, then rounds of fit, score, select, compute.
/// What comes next is the CampaignReactor's to say. Everything it knows it reads from the store, so it can be killed
/// and begun again at any place.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <tuple>
#include <vector>

#include "scheduler/decisions/campaign_reactor.hpp"
#include "scheduler/decisions/hull_outlook.hpp"
#include "scheduler/decisions/results.hpp"
#include "scheduler/decisions/selection.hpp"
#include "scheduler/decisions/stages.hpp"
#include "scheduler/decisions/start_volume.hpp"
#include "scheduler/decisions/stored_outlook.hpp"
#include "scheduler/pass_loop.hpp"
#include "scheduler/status_board.hpp"
#include "scheduler/task_loop.hpp"
#include "storage/round_record.hpp"
#include "surrogates/surrogate_set.hpp"

namespace hullscan {

struct MasterTools {
  const CampaignView& view;  ///< every stratum, of both stages
  CampaignStore& store;
  MasterLink& link;
  Executor* executor = nullptr;  ///< nullptr: enumerate and score only
  const DftCode* code = nullptr;
  DftSettings settings;
  SurrogateSet surrogates;  ///< empty: selection without a model
  std::filesystem::path directory;
  StopRequested stop;
  StatusBoard& status;
  double quota_s = 4;            ///< of a worker on one unit
  double stretched_quota_s = 0;  ///< the same where there are more workers than the master could follow otherwise
  double lease_s = 120;          ///< silence after which a worker is lost
  std::vector<WorkUnit> units;   ///< of a part: what the passes walk over; otherwise all of the stage
  TaskLimits limits = {};        ///< of the calculations
  bool part = false;             ///< `units` are not the whole space: survey them and no more
  std::vector<HullEntry> references = {};  ///< the report's; they judge the first stage too
  std::uint64_t search_nodes = 0;          ///< of strata that are searched by branch and bound, not generated
  RefiningModels refining = {};            ///< score the best of what `surrogates` have kept
  int threads = 1;                         ///< of this process, where the master itself scores
};

class CampaignMaster {
 public:
  explicit CampaignMaster(MasterTools tools);
  LoopEnd run();

 private:
  LoopEnd run_campaign();
  void show_calculations(const TaskProgress& progress);
  /// What has happened, where the action is one that ends with an event.
  using Answer = std::optional<CampaignEvent>;
  Answer carry_out(const BeginSecondStage& action);
  Answer carry_out(const JudgeEarlierResults& action);
  Answer carry_out(const ShowStage& action);
  Answer carry_out(const RunPass& action);
  Answer carry_out(const BeginRound& action);
  Answer carry_out(const RunCalculations& action);
  Answer carry_out(const FinishRound& action);
  Answer carry_out(const ReviewRounds& action);
  Answer carry_out(const SayStopRuleIsMet& action);
  Answer carry_out(const RunRetries& action);
  /// Judges the first stage and stores what it says, once.
  Answer carry_out(const DecideStage& action);
  Answer carry_out(const EndCampaign& action);
  [[nodiscard]] std::vector<WorkUnit> units() const;
  LoopEnd run_pass(int number, const UseModel& model);
  LoopEnd run_tasks(int round, RunUntil until = RunUntil::kAllEnded);
  /// Tasks of finished rounds that a person wants tried again; they change the hull, not the rounds that were chosen.
  LoopEnd run_retried_tasks();
  [[nodiscard]] UseModel model_after(int round);
  [[nodiscard]] std::vector<double> temperatures_of_pass(int number);
  [[nodiscard]] UseModel current_model() const;
  void back_up();
  void resume_status();
  void show_hull();
  void select_tasks(const BeginRound& begun);
  /// Chooses listed structures that are orbits and are not known yet, whatever round it is.
  void add_listed(std::vector<Prospect>& prospects, std::vector<std::size_t>& chosen,
                  std::span<const TaskRecord> known) const;
  /// A space and the one that judges it share configurations: family, supercell, occupation.
  using ConfigurationKey = std::tuple<std::uint32_t, std::vector<int>, std::vector<std::uint8_t>>;
  [[nodiscard]] ConfigurationKey configuration_key(const Stratum& stratum,
                                                   const std::vector<std::uint8_t>& occupation) const;
  /// Of a stored candidate; no labels are looked at. Nothing for a cell without atoms.
  [[nodiscard]] std::optional<Prospect> prospect_of(Candidate candidate) const;
  [[nodiscard]] std::vector<Prospect> prospects_for(const BeginRound& begun, std::span<const TaskRecord> known) const;
  [[nodiscard]] std::uint64_t draw_of(const Candidate& candidate) const;
  /// Whether the policy or the stop rule asks how far predictions may be off.
  [[nodiscard]] bool asks_for_errors() const;
  // campaign_outlook.cpp.
  struct Weighed {
    double deviation_factor = 1;       ///< by which the models' deviations were multiplied
    std::optional<OpenRest> left_out;  ///< of the prospects, where there were too many
  };
  /// Says at every prospect that a fitted model scored where it stands above the hull and how sure that is.
  /// @param round whose model it is.
  Weighed weigh(std::vector<Prospect>& prospects, int round, std::span<const TaskRecord> known);
  struct LabelsByPrior {
    std::vector<std::string> keys;  ///< of the tasks
    std::vector<Prospect> labels;   ///< what they are the results of
  };
  /// Has the models' priors, where there are any, place the lowest of the prospects and the labels beside them.
  [[nodiscard]] LabelsByPrior place_by_prior(std::vector<Prospect>& prospects, std::span<const TaskRecord> known) const;
  /// Nothing where no prior has placed anything. @param chosen indices into the prospects, @param tasks what they have
  /// become.
  void remember_ranks(int round, const LabelsByPrior& known, std::span<const Prospect> prospects,
                      std::span<const std::size_t> chosen, std::span<const NewTask> tasks);
  [[nodiscard]] std::vector<TestedPrediction> tested_predictions(std::span<const TaskRecord> known,
                                                                 const HullReport& hull) const;
  [[nodiscard]] std::vector<OpenRest> rest_of_strata(int pass, std::span<const Prospect> prospects,
                                                     const HullReport& hull) const;
  /// What the hull may still lack after a round whose model has scored everything: stored and logged, once.
  StoredOutlook outlook_after(int round);
  using StartVolumes = std::map<std::uint32_t, StartVolume>;  ///< by space
  [[nodiscard]] StartVolumes start_volumes(std::span<const TaskRecord> known) const;
  [[nodiscard]] NewTask new_task(const Prospect& prospect, const StartVolumes& volumes) const;
  [[nodiscard]] UseModel fit(int round, std::vector<FitRecord>& report);
  /// The models whose predictions rank what is not calculated: the refining ones where there are any.
  [[nodiscard]] const SurrogateSet& ranking_models() const {
    return tools_.refining.any() ? tools_.refining.models : tools_.surrogates;
  }
  // campaign_refinement.cpp.
  /// Has the refining models score the best of what a pass has kept, where nobody has done so. @returns kStopped if it
  /// was asked to stop in between; then nothing is stored.
  LoopEnd refine(int pass);
  /// The outcomes of the last finished rounds of this stage, the latest last.
  [[nodiscard]] std::vector<RoundOutcome> outcomes_of_last(std::size_t count);
  [[nodiscard]] std::vector<TaskRecord> tasks_before(int round) const;
  // campaign_judging.cpp.
  /// A result that has just come, for the log; the round's end has the last word.
  void judge_newcomer(const std::string& key);
  void judge_newcomers(const std::string& key);
  /// Judges all results among the tasks, and stores what changes. @param by_model also by its leave-one-out residuals.
  void judge(std::vector<TaskRecord>& tasks, bool by_model);
  void judge_by_model(std::vector<TaskRecord>& tasks);
  /// What an older hullscan accepted, or a person decided since: judged, and the last round follows.
  void judge_at_start();
  void settle_checksums();
  void revise(const Round& last);
  void store_judgements(const std::map<std::string, Judgement>& changed);
  void show_set_aside();
  /// Fits the model of one group of spaces, unless it is fitted to these labels already.
  FitReport fit_group(SurrogateSet& models, const std::vector<std::size_t>& group,
                      const std::vector<std::vector<LabelledConfiguration>>& labels);
  /// [spaces of the group] each label once: a space whose results another may learn from shares them.
  [[nodiscard]] std::vector<std::vector<LabelledConfiguration>> labels_of_group(const std::vector<std::size_t>& group,
                                                                                std::span<const TaskRecord> tasks,
                                                                                const HullReport& hull) const;
  [[nodiscard]] std::string name_of(const std::vector<std::size_t>& group) const;
  static HullRecord record_of_hull(const HullReport& hull, std::span<const TaskRecord> known);
  static std::string stored_set_aside(const Round& round);
  /// Ids on the hull of the results up to a round, as they count now. @param known those results.
  [[nodiscard]] std::vector<std::string> vertices_after(const Round& round, std::span<const TaskRecord> known) const;

  MasterTools tools_;
  CampaignView view_;  ///< what this stage searches
  const SelectSpec select_;
  CampaignReactor reactor_;
  std::optional<StageDecision> decision_;  ///< of the first of two stages, once it is made
  PassLoop passes_;
  std::optional<TaskLoop> calculations_;            ///< none without a code
  int pass_ = 0;                                    ///< that is under way
  int round_ = 0;                                   ///< the last that was begun
  std::optional<std::pair<int, UseModel>> fitted_;  ///< the model after the round of this number, until its pass begins
  std::string words_on_left_lattices_;              ///< last said
  std::map<const Surrogate*, std::pair<std::string, FitReport>> fits_;  ///< model -> labels and report of its last fit
  std::chrono::steady_clock::time_point last_backup_;
  std::chrono::steady_clock::duration backup_took_{};
  int converged_at_backup_ = 0;
};

}  // namespace hullscan
