/// @file
/// What a campaign does next: its rounds, its stages and its stop rule, a pure function of what has happened so far.
/// CampaignMaster carries the actions out. Each may be repeated: what was done before is found in the store.
#pragma once

#include <optional>
#include <set>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "core/campaign/campaign.hpp"
#include "scheduler/decisions/round_selection.hpp"

namespace hullscan {

/// What does not change while a campaign runs.
struct CampaignPlan {
  bool part = false;                   ///< of a campaign: it is surveyed and no more
  bool calculates = false;             ///< there is a code; otherwise the space is surveyed and scored
  bool fits = false;                   ///< models are fitted to the labels
  bool scores_without_labels = false;  ///< the models need none
  bool stages = false;                 ///< what the first spaces teach decides how the others are searched
  SelectSpec select = {};
};

/// Whether the space is walked over once without a model. Not where a model scores it from the beginning and nothing is
/// calculated: then one pass counts and scores.
bool begins_with_survey(const CampaignPlan& plan);

/// What the stop rule sees of a finished round.
struct RoundOutcome {
  std::vector<std::string> vertices;  ///< ids on the hull of the results up to it, in a fixed order
  std::vector<std::optional<double>> loo_rmse_mev_per_atom;  ///< of each model that was fitted; none if not finite
  /// HullOutlook::possible_error_ev_per_atom at the rule's deviations; none where no model knows its error.
  std::optional<double> possible_hull_error_mev_per_atom = {};
};

/// How many of the last finished rounds the rule compares; 0: there is no rule.
int rounds_compared(const StopRule& rule);
/// Whether the hull has stayed the same for as many rounds as the rule wants, and every model is as good as it wants.
/// @param finished the latest last. @returns false where the rule asks for nothing.
bool stop_rule_met(const StopRule& rule, std::span<const RoundOutcome> finished);

// Events.
struct CampaignOpened {
  int first = 0;  ///< number of the first pass and round of the campaign file as it is now
  std::optional<int>
      second_stage;  ///< number of its first pass, where the first stage was judged in an earlier process
  std::set<int> finished_rounds;
};
struct PassEnded {
  int pass = 0;
};
struct CalculationsEnded {
  int round = 0;
};
struct RoundsReviewed {
  std::vector<RoundOutcome> outcomes;  ///< the latest last
};
struct RetriesEnded {};
struct StageDecided {
  int first_pass = 0;  ///< of the second stage
};
/// Somebody asked to stop, and the last action was not carried out to its end.
struct WorkStopped {};
using CampaignEvent =
    std::variant<CampaignOpened, PassEnded, CalculationsEnded, RoundsReviewed, RetriesEnded, StageDecided, WorkStopped>;

// Actions, in the order they must be done. The last of those that handle() returns is answered by an event, the others
// are not.
struct BeginSecondStage {};  ///< as it was decided
/// Judges what an earlier process accepted, with what people have decided since.
struct JudgeEarlierResults {};
struct ShowStage {};
enum class PassModel {
  kNone,       ///< the survey: every orbit is counted, candidates are drawn at random
  kAsGiven,    ///< needs no labels
  kAfterRound  ///< fitted to the labels of the round of the pass's number
};
struct RunPass {  ///< PassEnded
  int pass = 0;
  PassModel model = PassModel::kNone;
};
struct BeginRound {
  int round = 0;
  RoundKind kind = RoundKind::kEndMembers;
  int pass = 0;           ///< whose candidates are chosen from
  bool by_model = false;  ///< that pass was scored by models that were fitted
};
struct RunCalculations {  ///< CalculationsEnded
  int round = 0;
  bool to_the_end = true;  ///< of all of them; otherwise until one more could be begun
};
struct FinishRound {
  int round = 0;
  bool fit = false;  ///< models are fitted to the labels up to it
};
struct ReviewRounds {  ///< RoundsReviewed
  int rounds = 0;      ///< the last so many finished ones of this stage
};
struct SayStopRuleIsMet {};
/// Calculations of finished rounds that a person wants tried again or that were left under way.
struct RunRetries {};   ///< RetriesEnded
struct DecideStage {};  ///< StageDecided
struct EndCampaign {
  bool stopped = false;  ///< there is more to do
};
using CampaignAction =
    std::variant<BeginSecondStage, JudgeEarlierResults, ShowStage, RunPass, BeginRound, RunCalculations, FinishRound,
                 ReviewRounds, SayStopRuleIsMet, RunRetries, DecideStage, EndCampaign>;

/// A stage: a survey of the space; a round of end members; a round of initial labels, spread without a model; then
/// rounds by the policy, each chosen from the pass that the models fitted before it have scored. Passes and rounds are
/// numbered on from stage to stage; a pass that is scored by fitted models has the number of the round before it.
class CampaignReactor {
 public:
  explicit CampaignReactor(CampaignPlan plan);

  /// @param event CampaignOpened at first; then the answer to the last action. @returns never nothing.
  std::vector<CampaignAction> handle(const CampaignEvent& event);

  /// Number of this stage's survey and of its first round.
  [[nodiscard]] int first() const { return first_; }
  [[nodiscard]] bool fits_after(int round) const;

 private:
  void begin_stage(std::vector<CampaignAction>& actions) const;
  void after_survey(std::vector<CampaignAction>& actions) const;
  void go_on_from(int round, std::vector<CampaignAction>& actions) const;
  void begin_round(int round, std::vector<CampaignAction>& actions) const;
  void end_stage(std::vector<CampaignAction>& actions) const;
  void after_retries(std::vector<CampaignAction>& actions) const;
  [[nodiscard]] bool worth_a_review(int round) const;
  [[nodiscard]] bool undecided() const;
  [[nodiscard]] int end_of_rounds() const;
  [[nodiscard]] int first_unfinished() const;

  /// The first of a stage's rounds that has a model: end members and initial labels are chosen without one.
  static constexpr int kFirstModelRound = 2;

  CampaignPlan plan_;
  int first_ = 0;
  bool stage_decided_ = false;
  std::set<int> finished_;
};

}  // namespace hullscan
