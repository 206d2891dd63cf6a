#include "scheduler/decisions/campaign_reactor.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace hullscan {
namespace {

template <class... Handlers>
struct HandlersOfEvents : Handlers... {
  using Handlers::operator()...;
};
template <class... Handlers>
HandlersOfEvents(Handlers...) -> HandlersOfEvents<Handlers...>;

bool hull_is_stable(int rounds, std::span<const RoundOutcome> finished) {
  const auto compared = static_cast<std::size_t>(rounds) + 1;
  if (finished.size() < compared) return false;
  const auto last = finished.last(compared);
  return std::all_of(last.begin(), last.end(),
                     [&](const RoundOutcome& outcome) { return outcome.vertices == last.back().vertices; });
}

bool models_are_good(double most_mev_per_atom, const RoundOutcome& outcome) {
  const auto& errors = outcome.loo_rmse_mev_per_atom;
  return !errors.empty() && std::all_of(errors.begin(), errors.end(), [&](const std::optional<double>& error) {
    return error && *error <= most_mev_per_atom;
  });
}

/// Twice in a row: what was chosen after the first time may have shown that the model is less sure than it thought.
constexpr std::size_t kRoundsSure = 2;

bool hull_is_sure(double most_mev_per_atom, std::span<const RoundOutcome> finished) {
  if (finished.size() < kRoundsSure) return false;
  const auto last = finished.last(kRoundsSure);
  return std::all_of(last.begin(), last.end(), [&](const RoundOutcome& outcome) {
    const auto& possible = outcome.possible_hull_error_mev_per_atom;
    return possible && *possible <= most_mev_per_atom;
  });
}

}  // namespace

int rounds_compared(const StopRule& rule) {
  int rounds = rule.rmse_mev_per_atom ? 1 : 0;
  if (rule.hull_error_mev_per_atom) rounds = static_cast<int>(kRoundsSure);
  return std::max(rounds, rule.vertices_stable_rounds ? *rule.vertices_stable_rounds + 1 : 0);
}

bool stop_rule_met(const StopRule& rule, std::span<const RoundOutcome> finished) {
  if (finished.empty() || rounds_compared(rule) == 0) return false;
  if (rule.vertices_stable_rounds && !hull_is_stable(*rule.vertices_stable_rounds, finished)) return false;
  if (rule.rmse_mev_per_atom && !models_are_good(*rule.rmse_mev_per_atom, finished.back())) return false;
  return !rule.hull_error_mev_per_atom || hull_is_sure(*rule.hull_error_mev_per_atom, finished);
}

CampaignReactor::CampaignReactor(CampaignPlan plan) : plan_(std::move(plan)) {}

std::vector<CampaignAction> CampaignReactor::handle(const CampaignEvent& event) {
  std::vector<CampaignAction> actions;
  std::visit(HandlersOfEvents{[&](const CampaignOpened& opened) {
                                first_ = opened.second_stage.value_or(opened.first);
                                stage_decided_ = opened.second_stage.has_value();
                                finished_ = opened.finished_rounds;
                                if (opened.second_stage) actions.emplace_back(BeginSecondStage{});
                                if (plan_.calculates) actions.emplace_back(JudgeEarlierResults{});
                                begin_stage(actions);
                              },
                              [&](const PassEnded& ended) {
                                if (ended.pass == first_) return after_survey(actions);
                                plan_.calculates ? go_on_from(ended.pass + 1, actions) : end_stage(actions);
                              },
                              [&](const CalculationsEnded& ended) {
                                actions.emplace_back(FinishRound{ended.round, fits_after(ended.round)});
                                finished_.insert(ended.round);
                                go_on_from(ended.round, actions);
                              },
                              [&](const RoundsReviewed& reviewed) {
                                if (!stop_rule_met(plan_.select.stop, reviewed.outcomes))
                                  return begin_round(first_unfinished(), actions);
                                actions.emplace_back(SayStopRuleIsMet{});
                                end_stage(actions);
                              },
                              [&](const RetriesEnded&) { after_retries(actions); },
                              [&](const StageDecided& decided) {
                                first_ = decided.first_pass;
                                stage_decided_ = true;
                                actions.emplace_back(BeginSecondStage{});
                                begin_stage(actions);
                              },
                              [&](const WorkStopped&) { actions.emplace_back(EndCampaign{true}); }},
             event);
  return actions;
}

bool begins_with_survey(const CampaignPlan& plan) {
  return plan.part || plan.calculates || plan.stages || !plan.scores_without_labels;
}

bool CampaignReactor::fits_after(int round) const { return plan_.fits && round - first_ + 1 >= kFirstModelRound; }

void CampaignReactor::begin_stage(std::vector<CampaignAction>& actions) const {
  actions.emplace_back(ShowStage{});
  begins_with_survey(plan_) ? actions.emplace_back(RunPass{first_, PassModel::kNone})
                            : actions.emplace_back(RunPass{first_ + 1, PassModel::kAsGiven});
}

void CampaignReactor::after_survey(std::vector<CampaignAction>& actions) const {
  if (plan_.part) {
    actions.emplace_back(EndCampaign{});
  } else if (plan_.calculates) {
    go_on_from(first_, actions);
  } else if (plan_.scores_without_labels) {
    actions.emplace_back(RunPass{first_ + 1, PassModel::kAsGiven});
  } else {
    end_stage(actions);
  }
}

void CampaignReactor::go_on_from(int round, std::vector<CampaignAction>& actions) const {
  for (; round < end_of_rounds(); ++round) {
    if (finished_.count(round) == 0) {
      if (!worth_a_review(round)) return begin_round(round, actions);
      actions.emplace_back(ReviewRounds{rounds_compared(plan_.select.stop)});
      return;
    }
    // What the next round was chosen from is known; a model that came later is not asked for it.
    if (fits_after(round) && finished_.count(round + 1) == 0) {
      actions.emplace_back(RunPass{round, PassModel::kAfterRound});
      return;
    }
  }
  end_stage(actions);
}

void CampaignReactor::begin_round(int round, std::vector<CampaignAction>& actions) const {
  const int of_stage = round - first_;
  const bool without_model = of_stage < kFirstModelRound;
  const bool by_model = !without_model && plan_.fits;
  const RoundKind kind = of_stage == 0   ? RoundKind::kEndMembers
                         : without_model ? RoundKind::kInitial
                                         : RoundKind::kByPolicy;
  actions.emplace_back(BeginRound{round, kind, by_model ? round - 1 : first_, by_model});
  // A model wants all labels that the first of its kind can have, and the last report all there are.
  actions.emplace_back(
      RunCalculations{round, !plan_.select.asynchronous || without_model || round + 1 == end_of_rounds()});
}

void CampaignReactor::end_stage(std::vector<CampaignAction>& actions) const {
  // What is still being calculated, or is tried again, has a say in the decision too.
  if (plan_.calculates) {
    actions.emplace_back(RunRetries{});
  } else {
    after_retries(actions);
  }
}

void CampaignReactor::after_retries(std::vector<CampaignAction>& actions) const {
  if (undecided()) {
    actions.emplace_back(DecideStage{});
  } else {
    actions.emplace_back(EndCampaign{});
  }
}

bool CampaignReactor::worth_a_review(int round) const {
  const int compared = rounds_compared(plan_.select.stop);
  const auto finished = std::distance(finished_.lower_bound(first_), finished_.end());
  return compared > 0 && round - first_ > kFirstModelRound && finished >= compared;
}

bool CampaignReactor::undecided() const { return plan_.stages && !stage_decided_; }

int CampaignReactor::end_of_rounds() const {
  const bool no_order = !plan_.fits && policy_needs_prediction(plan_.select.policy);
  return first_ + kFirstModelRound + (no_order ? 0 : plan_.select.rounds);
}

int CampaignReactor::first_unfinished() const {
  int round = first_;
  while (finished_.count(round) != 0) ++round;
  return round;
}

}  // namespace hullscan
