#include "scheduler/decisions/campaign_reactor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>

namespace hullscan {
namespace {

using Actions = std::vector<CampaignAction>;

/// One campaign with fitted models and two rounds by the policy: rounds 0 to 3.
CampaignPlan fitted_plan() {
  CampaignPlan plan{.calculates = true, .fits = true};
  plan.select.rounds = 2;
  return plan;
}

CampaignPlan plan_with_stop_rule(const StopRule& rule, int rounds = 5) {
  CampaignPlan plan = fitted_plan();
  plan.select.rounds = rounds;
  plan.select.stop = rule;
  return plan;
}

/// An action as a line, so that what a campaign does can be compared as a whole.
std::string line_of(const CampaignAction& action) {
  if (std::holds_alternative<BeginSecondStage>(action)) return "second stage";
  if (std::holds_alternative<JudgeEarlierResults>(action)) return "judge";
  if (std::holds_alternative<ShowStage>(action)) return "show";
  if (const auto* pass = std::get_if<RunPass>(&action)) {
    const char* model = pass->model == PassModel::kNone      ? "no model"
                        : pass->model == PassModel::kAsGiven ? "model as given"
                                                             : "fitted model";
    return fmt::format("pass {}, {}", pass->pass, model);
  }
  if (const auto* round = std::get_if<BeginRound>(&action)) {
    const char* kind = round->kind == RoundKind::kEndMembers ? "end members"
                       : round->kind == RoundKind::kInitial  ? "initial"
                                                             : "policy";
    return fmt::format("round {}, {}, from pass {}{}", round->round, kind, round->pass,
                       round->by_model ? " by model" : "");
  }
  if (const auto* run = std::get_if<RunCalculations>(&action))
    return fmt::format("calculate {}{}", run->round, run->to_the_end ? "" : ", not to the end");
  if (const auto* finish = std::get_if<FinishRound>(&action))
    return fmt::format("finish {}{}", finish->round, finish->fit ? ", fit" : "");
  if (const auto* review = std::get_if<ReviewRounds>(&action)) return fmt::format("review {}", review->rounds);
  if (std::holds_alternative<SayStopRuleIsMet>(action)) return "stop rule is met";
  if (std::holds_alternative<RunRetries>(action)) return "retries";
  if (std::holds_alternative<DecideStage>(action)) return "decide";
  return std::get<EndCampaign>(action).stopped ? "stopped" : "end";
}

std::vector<std::string> lines_of(const Actions& actions) {
  std::vector<std::string> lines;
  for (const CampaignAction& action : actions) lines.push_back(line_of(action));
  return lines;
}

using Lines = std::vector<std::string>;

/// The world around a reactor: every action succeeds. @param outcomes of all rounds, should they be reviewed.
class ObedientWorld {
 public:
  std::vector<RoundOutcome> outcomes = {};
  int second_stage = 100;

  Lines run(CampaignReactor& reactor, const CampaignOpened& opened = {}) {
    Lines lines;
    std::size_t finished = opened.finished_rounds.size();
    CampaignEvent event = opened;
    while (true) {
      const Actions actions = reactor.handle(event);
      REQUIRE_FALSE(actions.empty());
      for (const CampaignAction& action : actions) {
        lines.push_back(line_of(action));
        if (std::holds_alternative<FinishRound>(action)) ++finished;
      }
      const CampaignAction& last = actions.back();
      if (std::holds_alternative<EndCampaign>(last)) return lines;
      event = answer_to(last, finished);
    }
  }

 private:
  CampaignEvent answer_to(const CampaignAction& action, std::size_t finished) const {
    if (const auto* pass = std::get_if<RunPass>(&action)) return PassEnded{pass->pass};
    if (const auto* run = std::get_if<RunCalculations>(&action)) return CalculationsEnded{run->round};
    if (std::holds_alternative<RunRetries>(action)) return RetriesEnded{};
    if (std::holds_alternative<DecideStage>(action)) return StageDecided{second_stage};
    const auto asked = static_cast<std::size_t>(std::get<ReviewRounds>(action).rounds);
    REQUIRE(asked <= finished);
    REQUIRE(finished <= outcomes.size());
    const auto end = outcomes.begin() + static_cast<std::ptrdiff_t>(finished);
    return RoundsReviewed{{end - static_cast<std::ptrdiff_t>(asked), end}};
  }
};

Lines life_of(const CampaignPlan& plan, const CampaignOpened& opened = {}, std::vector<RoundOutcome> outcomes = {}) {
  CampaignReactor reactor(plan);
  ObedientWorld world{std::move(outcomes)};
  return world.run(reactor, opened);
}

bool contains(const Lines& lines, const std::string& line) {
  return std::find(lines.begin(), lines.end(), line) != lines.end();
}

RoundOutcome hull_outcome(std::vector<std::string> vertices) { return {std::move(vertices), {1.0}}; }
RoundOutcome error_outcome(std::vector<std::optional<double>> errors) { return {{"a", "b"}, std::move(errors)}; }

constexpr StopRule kStableForTwo{.vertices_stable_rounds = 2, .rmse_mev_per_atom = {}, .hull_error_mev_per_atom = {}};
constexpr StopRule kErrorBelowFive{.vertices_stable_rounds = {}, .rmse_mev_per_atom = 5, .hull_error_mev_per_atom = {}};
constexpr StopRule kBoth{.vertices_stable_rounds = 2, .rmse_mev_per_atom = 5, .hull_error_mev_per_atom = {}};

}  // namespace

TEST_CASE("a campaign surveys, computes two rounds without a model, then alternates passes and rounds",
          "[scheduler][campaign_reactor]") {
  CHECK(life_of(fitted_plan()) == Lines{"judge",
                                        "show",
                                        "pass 0, no model",  //
                                        "round 0, end members, from pass 0",
                                        "calculate 0",
                                        "finish 0",  //
                                        "round 1, initial, from pass 0",
                                        "calculate 1",
                                        "finish 1, fit",         //
                                        "pass 1, fitted model",  //
                                        "round 2, policy, from pass 1 by model",
                                        "calculate 2",
                                        "finish 2, fit",         //
                                        "pass 2, fitted model",  //
                                        "round 3, policy, from pass 2 by model",
                                        "calculate 3",
                                        "finish 3, fit",  //
                                        "pass 3, fitted model",
                                        "retries",
                                        "end"});
}

TEST_CASE("without models rounds by the policy are chosen from the survey", "[scheduler][campaign_reactor]") {
  CampaignPlan plan = fitted_plan();
  plan.fits = false;
  plan.select.policy = "uniform";

  CHECK(life_of(plan) == Lines{"judge", "show", "pass 0, no model",                             //
                               "round 0, end members, from pass 0", "calculate 0", "finish 0",  //
                               "round 1, initial, from pass 0", "calculate 1", "finish 1",      //
                               "round 2, policy, from pass 0", "calculate 2", "finish 2",       //
                               "round 3, policy, from pass 0", "calculate 3", "finish 3", "retries", "end"});
}

TEST_CASE("without models the distance to the hull gives no order, so the initial round is the last",
          "[scheduler][campaign_reactor]") {
  CampaignPlan plan = fitted_plan();
  plan.fits = false;
  plan.select.policy = "hull-distance";

  const Lines lines = life_of(plan);

  CHECK(contains(lines, "finish 1"));
  CHECK_FALSE(contains(lines, "round 2, policy, from pass 0"));
  CHECK(lines.back() == "end");
}

TEST_CASE("without a code and without a model the survey is all", "[scheduler][campaign_reactor]") {
  CHECK(life_of({}) == Lines{"show", "pass 0, no model", "end"});
}

TEST_CASE("without a code a model that needs no labels counts and scores everything in one pass",
          "[scheduler][campaign_reactor]") {
  CHECK(life_of({.scores_without_labels = true}) == Lines{"show", "pass 1, model as given", "end"});
}

TEST_CASE("a part is surveyed and no more, whatever the campaign has beside", "[scheduler][campaign_reactor]") {
  CampaignPlan plan = fitted_plan();
  plan.part = plan.stages = plan.scores_without_labels = true;

  CHECK(life_of(plan) == Lines{"judge", "show", "pass 0, no model", "end"});
}

TEST_CASE("rounds that are finished are not begun again, and of their passes the last is asked for",
          "[scheduler][campaign_reactor]") {
  CHECK(life_of(fitted_plan(), {.second_stage = {}, .finished_rounds = {0, 1, 2}}) ==
        Lines{"judge", "show", "pass 0, no model", "pass 2, fitted model", "round 3, policy, from pass 2 by model",
              "calculate 3", "finish 3, fit", "pass 3, fitted model", "retries", "end"});
}

TEST_CASE("a campaign that is finished does nothing anew but what a person wants tried again",
          "[scheduler][campaign_reactor]") {
  const Lines lines = life_of(fitted_plan(), {.second_stage = {}, .finished_rounds = {0, 1, 2, 3}});

  for (const std::string& line : lines) {
    CHECK(line.rfind("round", 0) != 0);
    CHECK(line.rfind("finish", 0) != 0);
  }
  CHECK(lines[lines.size() - 2] == "retries");
}

TEST_CASE("fewer rounds in the file than were computed end the campaign without new ones",
          "[scheduler][campaign_reactor]") {
  CampaignPlan plan = fitted_plan();
  plan.select.rounds = 0;

  CHECK(life_of(plan, {.second_stage = {}, .finished_rounds = {0, 1, 2, 3}}) ==
        Lines{"judge", "show", "pass 0, no model", "retries", "end"});
}

TEST_CASE("a revision of the campaign file begins its rounds where the earlier ones end",
          "[scheduler][campaign_reactor]") {
  CampaignReactor reactor(fitted_plan());
  const auto begun = reactor.handle(CampaignOpened{.first = 4, .second_stage = {}, .finished_rounds = {0, 1, 2, 3}});

  CHECK(reactor.first() == 4);
  CHECK(std::get<RunPass>(begun.back()).pass == 4);
  const auto surveyed = reactor.handle(PassEnded{4});
  CHECK(std::get<BeginRound>(surveyed.front()).round == 4);
  CHECK(std::get<BeginRound>(surveyed.front()).kind == RoundKind::kEndMembers);
  CHECK_FALSE(reactor.fits_after(4));
  CHECK(reactor.fits_after(5));
}

TEST_CASE("more rounds in the file go on where the campaign has ended", "[scheduler][campaign_reactor]") {
  CampaignPlan plan = fitted_plan();
  plan.select.rounds = 3;

  CHECK(contains(life_of(plan, {.second_stage = {}, .finished_rounds = {0, 1, 2, 3}}),
                 "round 4, policy, from pass 3 by model"));
}

TEST_CASE("asynchronous rounds wait for all calculations only before the first model and at the end",
          "[scheduler][campaign_reactor]") {
  CampaignPlan plan = fitted_plan();
  plan.select.asynchronous = true;
  plan.select.rounds = 3;

  const Lines lines = life_of(plan);

  CHECK(contains(lines, "calculate 0"));
  CHECK(contains(lines, "calculate 1"));
  CHECK(contains(lines, "calculate 2, not to the end"));
  CHECK(contains(lines, "calculate 3, not to the end"));
  CHECK(contains(lines, "calculate 4"));
}

TEST_CASE("a campaign that is asked to stop ends as stopped, whatever it was doing", "[scheduler][campaign_reactor]") {
  const std::vector<CampaignEvent> until = {CampaignOpened{}, PassEnded{0}, CalculationsEnded{0}, CalculationsEnded{1},
                                            PassEnded{1}};
  for (std::size_t steps = 1; steps <= until.size(); ++steps) {
    CampaignReactor reactor(fitted_plan());
    for (std::size_t step = 0; step < steps; ++step) (void)reactor.handle(until[step]);
    CHECK(lines_of(reactor.handle(WorkStopped{})) == Lines{"stopped"});
  }
}

TEST_CASE("a round whose calculations were stopped is not finished: the next process computes it",
          "[scheduler][campaign_reactor]") {
  CampaignReactor reactor(fitted_plan());
  (void)reactor.handle(CampaignOpened{});
  (void)reactor.handle(PassEnded{0});
  CHECK(lines_of(reactor.handle(WorkStopped{})) == Lines{"stopped"});

  CampaignReactor next(fitted_plan());
  (void)next.handle(CampaignOpened{});
  CHECK(lines_of(next.handle(PassEnded{0})) == Lines{"round 0, end members, from pass 0", "calculate 0"});
}

TEST_CASE("a campaign that is killed after any round does the rest of what it would have done",
          "[scheduler][campaign_reactor]") {
  const Lines whole = life_of(fitted_plan());
  for (int killed_after = 0; killed_after < 4; ++killed_after) {
    CampaignOpened opened;
    for (int round = 0; round <= killed_after; ++round) opened.finished_rounds.insert(round);
    const Lines rest = life_of(fitted_plan(), opened);
    for (const std::string& line : whole) {
      if (line.rfind("finish", 0) != 0) continue;
      const bool done = opened.finished_rounds.count(line[7] - '0') != 0;
      CHECK(contains(rest, line) == !done);
    }
  }
}

// The decision about stages.

TEST_CASE("calculations that are tried again have a say before the first stage is judged",
          "[scheduler][campaign_reactor]") {
  CampaignPlan plan = fitted_plan();
  plan.stages = true;
  plan.select.rounds = 0;

  CHECK(life_of(plan) == Lines{"judge",
                               "show",
                               "pass 0, no model",  //
                               "round 0, end members, from pass 0",
                               "calculate 0",
                               "finish 0",  //
                               "round 1, initial, from pass 0",
                               "calculate 1",
                               "finish 1, fit",  //
                               "pass 1, fitted model",
                               "retries",
                               "decide",  //
                               "second stage",
                               "show",
                               "pass 100, no model",  //
                               "round 100, end members, from pass 100",
                               "calculate 100",
                               "finish 100",  //
                               "round 101, initial, from pass 100",
                               "calculate 101",
                               "finish 101, fit",  //
                               "pass 101, fitted model",
                               "retries",
                               "end"});
}

TEST_CASE("stages without a code are judged by the scores, and nothing is tried again",
          "[scheduler][campaign_reactor]") {
  CHECK(life_of({.scores_without_labels = true, .stages = true}) ==
        Lines{"show", "pass 0, no model", "pass 1, model as given", "decide",  //
              "second stage", "show", "pass 100, no model", "pass 101, model as given", "end"});
}

TEST_CASE("a first stage that an earlier process has judged is not judged again", "[scheduler][campaign_reactor]") {
  CampaignPlan plan = fitted_plan();
  plan.stages = true;

  const Lines lines = life_of(plan, {.second_stage = 4, .finished_rounds = {0, 1, 2, 3, 4, 5}});

  CHECK(lines == Lines{"second stage", "judge", "show", "pass 4, no model", "pass 5, fitted model",  //
                       "round 6, policy, from pass 5 by model", "calculate 6", "finish 6, fit",      //
                       "pass 6, fitted model",                                                       //
                       "round 7, policy, from pass 6 by model", "calculate 7", "finish 7, fit",      //
                       "pass 7, fitted model", "retries", "end"});
}

TEST_CASE("rounds of the first stage do not count in the second", "[scheduler][campaign_reactor]") {
  CampaignPlan plan = plan_with_stop_rule(kErrorBelowFive, 2);
  plan.stages = true;
  CampaignReactor reactor(plan);
  (void)reactor.handle(CampaignOpened{.second_stage = 4, .finished_rounds = {0, 1, 2, 3}});

  CHECK(reactor.first() == 4);
  CHECK_FALSE(reactor.fits_after(4));
  CHECK(reactor.fits_after(5));
  CHECK(lines_of(reactor.handle(PassEnded{4})) == Lines{"round 4, end members, from pass 4", "calculate 4"});
}

TEST_CASE("a stop in the first stage leaves it undecided", "[scheduler][campaign_reactor]") {
  CampaignPlan plan = fitted_plan();
  plan.stages = true;
  CampaignReactor reactor(plan);
  (void)reactor.handle(CampaignOpened{.second_stage = {}, .finished_rounds = {0, 1, 2, 3}});
  CHECK(lines_of(reactor.handle(PassEnded{3})) == Lines{"retries"});

  CHECK(lines_of(reactor.handle(WorkStopped{})) == Lines{"stopped"});
}

// The stop rule in the course of a campaign.

TEST_CASE("a campaign without a stop rule reviews nothing", "[scheduler][campaign_reactor]") {
  CHECK_FALSE(contains(life_of(fitted_plan()), "review 1"));
  CHECK(rounds_compared({}) == 0);
}

TEST_CASE("the first round by a model is computed whatever the rule says", "[scheduler][campaign_reactor]") {
  const std::vector<RoundOutcome> good(10, error_outcome({0.1}));

  const Lines lines = life_of(plan_with_stop_rule(kErrorBelowFive), {}, good);

  CHECK(contains(lines, "finish 2, fit"));
  CHECK_FALSE(contains(lines, "finish 3, fit"));
  CHECK(Lines(lines.end() - 5, lines.end()) ==
        Lines{"pass 2, fitted model", "review 1", "stop rule is met", "retries", "end"});
}

TEST_CASE("a rule of n stable rounds is asked once n + 1 rounds are finished", "[scheduler][campaign_reactor]") {
  StopRule rule;
  rule.vertices_stable_rounds = 4;
  const std::vector<RoundOutcome> same(10, hull_outcome({"a", "b"}));

  const Lines lines = life_of(plan_with_stop_rule(rule), {}, same);

  CHECK(contains(lines, "finish 4, fit"));  // rounds 0 to 4 are five
  CHECK_FALSE(contains(lines, "finish 5, fit"));
  CHECK(std::count(lines.begin(), lines.end(), "review 5") == 1);
}

TEST_CASE("a rule that is not met lets the next round begin", "[scheduler][campaign_reactor]") {
  std::vector<RoundOutcome> changing;
  for (int round = 0; round < 7; ++round) changing.push_back(hull_outcome({"a", fmt::format("b{}", round)}));

  const Lines lines = life_of(plan_with_stop_rule(kStableForTwo), {}, changing);

  CHECK(contains(lines, "finish 6, fit"));
  CHECK_FALSE(contains(lines, "stop rule is met"));
  CHECK(std::count(lines.begin(), lines.end(), "review 3") == 4);  // before rounds 3, 4, 5 and 6
}

TEST_CASE("a campaign that its rule has ended stays ended in a later process", "[scheduler][campaign_reactor]") {
  const std::vector<RoundOutcome> same(10, hull_outcome({"a", "b"}));

  const Lines lines =
      life_of(plan_with_stop_rule(kStableForTwo), {.second_stage = {}, .finished_rounds = {0, 1, 2}}, same);

  CHECK(contains(lines, "stop rule is met"));
  CHECK_FALSE(contains(lines, "finish 3, fit"));
}

TEST_CASE("a round of a later process than the rule ended is not asked about: it is finished",
          "[scheduler][campaign_reactor]") {
  const Lines lines =
      life_of(plan_with_stop_rule(kErrorBelowFive, 2), {.second_stage = {}, .finished_rounds = {0, 1, 2, 3}});

  CHECK_FALSE(contains(lines, "review 1"));
}

// The stop rule itself.

TEST_CASE("a rule that asks for nothing is never met", "[scheduler][stop_rule]") {
  CHECK_FALSE(stop_rule_met({}, std::vector{error_outcome({0.0})}));
}

TEST_CASE("no rule is met before a round is finished", "[scheduler][stop_rule]") {
  for (const StopRule& rule : {kStableForTwo, kErrorBelowFive, kBoth}) CHECK_FALSE(stop_rule_met(rule, {}));
}

TEST_CASE("a hull is stable for two rounds if the last three have the same vertices", "[scheduler][stop_rule]") {
  const RoundOutcome ab = hull_outcome({"a", "b"}), abc = hull_outcome({"a", "b", "c"}), ac = hull_outcome({"a", "c"});

  CHECK(stop_rule_met(kStableForTwo, std::vector{ab, ab, ab}));
  CHECK(stop_rule_met(kStableForTwo, std::vector{abc, ab, ab, ab}));
  CHECK_FALSE(stop_rule_met(kStableForTwo, std::vector{ab, ab}));
  CHECK_FALSE(stop_rule_met(kStableForTwo, std::vector{abc, ab, ab}));
  CHECK_FALSE(stop_rule_met(kStableForTwo, std::vector{ab, abc, ab}));
  CHECK_FALSE(stop_rule_met(kStableForTwo, std::vector{ab, ab, ac}));
}

TEST_CASE("the error of the last round alone decides, and its limit is still good", "[scheduler][stop_rule]") {
  CHECK(stop_rule_met(kErrorBelowFive, std::vector{error_outcome({5.0})}));
  CHECK(stop_rule_met(kErrorBelowFive, std::vector{error_outcome({50.0}), error_outcome({4.0})}));
  CHECK_FALSE(stop_rule_met(kErrorBelowFive, std::vector{error_outcome({4.0}), error_outcome({5.1})}));
}

TEST_CASE("a hull is sure when twice in a row nothing can lie further below it than the rule allows",
          "[scheduler][campaign]") {
  constexpr StopRule kSureToFive{
      .vertices_stable_rounds = {}, .rmse_mev_per_atom = {}, .hull_error_mev_per_atom = 5, .sigmas = 2};
  const auto outcome = [](std::optional<double> possible) {
    RoundOutcome one{{"a", "b"}, {1.0}};
    one.possible_hull_error_mev_per_atom = possible;
    return one;
  };

  CHECK(rounds_compared(kSureToFive) == 2);
  CHECK(stop_rule_met(kSureToFive, std::vector{outcome(40), outcome(4), outcome(5)}));
  CHECK_FALSE(stop_rule_met(kSureToFive, std::vector{outcome(5)}));
  CHECK_FALSE(stop_rule_met(kSureToFive, std::vector{outcome(40), outcome(5)}));
  CHECK_FALSE(stop_rule_met(kSureToFive, std::vector{outcome(1), outcome(5.1)}));
  CHECK_FALSE(stop_rule_met(kSureToFive, std::vector{outcome(std::nullopt), outcome(1)}));
}

TEST_CASE("every space's model must be good enough", "[scheduler][stop_rule]") {
  CHECK(stop_rule_met(kErrorBelowFive, std::vector{error_outcome({1.0, 4.9})}));
  CHECK_FALSE(stop_rule_met(kErrorBelowFive, std::vector{error_outcome({1.0, 5.1})}));
}

TEST_CASE("a model of unknown error, and no model at all, are not good enough", "[scheduler][stop_rule]") {
  CHECK_FALSE(stop_rule_met(kErrorBelowFive, std::vector{error_outcome({1.0, std::nullopt})}));
  CHECK_FALSE(stop_rule_met(kErrorBelowFive, std::vector{error_outcome({})}));
}

TEST_CASE("of two conditions both must hold", "[scheduler][stop_rule]") {
  const RoundOutcome good = error_outcome({1.0}), bad = error_outcome({9.0});

  CHECK(stop_rule_met(kBoth, std::vector{good, good, good}));
  CHECK_FALSE(stop_rule_met(kBoth, std::vector{good, good, bad}));
  CHECK_FALSE(stop_rule_met(kBoth, std::vector{good, good}));
  CHECK_FALSE(stop_rule_met(kBoth, std::vector{hull_outcome({"z"}), good, good}));
}

}  // namespace hullscan
