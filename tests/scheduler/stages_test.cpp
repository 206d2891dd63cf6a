/// @file
/// What the first of two stages decides. Energies of cells are chosen by hand, so that every cost is a subtraction: a
/// sublattice M of Cd (or Zn) and one X of S (or Se, Te), with the elements as references at 0.

#include "scheduler/decisions/stages.hpp"

#include <catch2/catch.hpp>

#include "core/scaled_energy.hpp"
#include "storage/campaign_facts.hpp"
#include "storage/campaign_store.hpp"

namespace hullscan {
namespace {

constexpr std::uint32_t kJudge = 0, kRestricted = 1;
using Types = std::map<std::string, std::int64_t>;

CountRule taking(const char* symbol, bool rest) {
  CountRule rule;
  rule.species = Species::from_symbol(symbol);
  rule.rest = rest;
  return rule;
}

/// "simple" judges "mixed"; the restricted species are M.Zn, X.Se and X.Te, in this order.
class TwoStages {
 public:
  explicit TwoStages(const RestrictSpec& rule) {
    SpaceSpec space;
    space.name = "simple";
    space.sublattices.resize(2);
    space.sublattices[0].name = "M";
    space.sublattices[0].species = {taking("Cd", true), taking("Zn", false)};
    space.sublattices[1].name = "X";
    space.sublattices[1].species = {taking("S", true), taking("Se", false), taking("Te", false)};
    campaign.spaces = {space, space};
    campaign.spaces[kRestricted].name = "mixed";
    campaign.spaces[kRestricted].restricted = rule;
    view.campaign = &campaign;
    view.spaces.resize(2);
    view.spaces[kJudge].name = "simple";
    view.spaces[kRestricted].name = "mixed";
    for (std::uint32_t space_index : {kJudge, kRestricted}) {
      add(space_index, "CdS", {{"M.Cd", 1}, {"X.S", 1}});
      add(space_index, "CdSe", {{"M.Cd", 1}, {"X.Se", 1}});
      add(space_index, "CdTe", {{"M.Cd", 1}, {"X.Te", 1}});
      add(space_index, "Cd2SSe", {{"M.Cd", 2}, {"X.S", 1}, {"X.Se", 1}});
      add(space_index, "Cd4S2Se2", {{"M.Cd", 4}, {"X.S", 2}, {"X.Se", 2}});
      add(space_index, "Cd2STe", {{"M.Cd", 2}, {"X.S", 1}, {"X.Te", 1}});
      add(space_index, "CdZnS2", {{"M.Cd", 1}, {"M.Zn", 1}, {"X.S", 2}});
    }
  }
  TwoStages(const TwoStages&) = delete;
  TwoStages& operator=(const TwoStages&) = delete;

  Campaign campaign;
  CampaignView view;

  Stratum stratum(const std::string& formula, std::uint32_t space = kJudge) const {
    for (const StratumView& one : view.strata) {
      if (one.stratum.space == space && one.formula == formula) return one.stratum;
    }
    throw std::runtime_error("no stratum " + formula);
  }

  void calculated(const std::string& formula, double energy_ev, std::uint32_t space = kJudge,
                  std::uint8_t configuration = 0) {
    std::vector<Species> atoms;
    const Composition composition = Composition::from_formula(formula);
    for (const auto& [species, count] : composition.counts())
      atoms.insert(atoms.end(), static_cast<std::size_t>(count), species);
    const Structure cell{Lattice::from_parameters(5, 5, 5, 90, 90, 90), atoms, std::vector<Fractional>(atoms.size())};
    const DftConverged converged{"scf", energy_ev, cell, {}, {}, {}, {}, "", {{"functional", "PBE"}}};
    TaskRecord record{{"", stratum(formula, space), {configuration}, 1, formula, {}, cell, {}},
                      0,
                      TaskState::kConverged,
                      {},
                      TaskResult{1, converged}};
    record.short_id = std::to_string(tasks.size());
    tasks.push_back(record);
  }
  void predicted(const std::string& formula, double formation_ev_per_atom, std::uint8_t configuration = 0) {
    candidates.push_back({stratum(formula), {configuration}, 1, score_from_ev_per_atom(formation_ev_per_atom)});
  }
  void elements_at_zero() {
    for (const char* symbol : {"Cd", "Zn", "S", "Se", "Te"})
      references.push_back({symbol, Composition::from_formula(symbol), 0, {}});
  }

  std::vector<TaskRecord> tasks;
  std::vector<Candidate> candidates;
  std::vector<HullEntry> references;

  StageDecision decide(bool unlabelled_scores = false) const {
    return decide_stage(view, tasks, candidates, unlabelled_scores, references, 7);
  }
  JudgedSpecies judged(const std::string& type, bool unlabelled_scores = false) const {
    const StageDecision decision = decide(unlabelled_scores);
    for (const JudgedSpecies& one : decision.spaces.at(0).types) {
      if (one.type == type) return one;
    }
    throw std::runtime_error("not judged: " + type);
  }

 private:
  void add(std::uint32_t space, const std::string& formula, const Types& types) {
    StratumView one;
    one.stratum = {space, 0, static_cast<std::uint32_t>(view.strata.size())};
    one.composition = Composition::from_formula(formula);
    one.formula = formula;
    one.types = types;
    view.strata.push_back(one);
  }
};

RestrictSpec keeping(std::optional<int> keep, std::optional<double> within_ev_per_site = {}) {
  return {"simple", keep, within_ev_per_site, {}};
}

std::vector<std::string> formulas_of(const CampaignView& view, std::uint32_t space) {
  std::vector<std::string> formulas;
  for (const StratumView& stratum : view.strata) {
    if (stratum.stratum.space == space) formulas.push_back(stratum.formula);
  }
  return formulas;
}

SpaceDecision refusing(const std::string& type) {
  SpaceDecision decision{kRestricted, "mixed", "simple", "", {}};
  decision.types.resize(1);
  decision.types[0].type = type;
  decision.types[0].kept = false;
  return decision;
}

}  // namespace

TEST_CASE("a species costs what its best cell lies above the hull, divided by its sites there", "[scheduler][stages]") {
  TwoStages campaign(keeping(1));
  campaign.elements_at_zero();
  campaign.calculated("CdS", -2);
  campaign.calculated("Cd2SSe", -1.7);    // CdS + Cd + Se are at -2: 0.3 above, one Se
  campaign.calculated("Cd4S2Se2", -3.6);  // 2 CdS + 2 Cd + 2 Se are at -4: 0.4 above, two Se
  campaign.calculated("Cd2STe", -1.5);    // 0.5 above, one Te
  campaign.calculated("CdZnS2", -2.6);    // below CdS + Zn + S

  const StageDecision decision = campaign.decide();

  CHECK(decision.first_pass == 7);
  REQUIRE(decision.spaces.size() == 1);
  const SpaceDecision& mixed = decision.spaces[0];
  CHECK((mixed.space == kRestricted && mixed.name == "mixed" && mixed.by == "simple"));
  CHECK(mixed.rule == "the lowest 1 of each sublattice");
  REQUIRE(mixed.types.size() == 3);  // Cd and S take the rest: they are always there
  CHECK(mixed.types[0].type == "M.Zn");
  CHECK(mixed.types[0].cost_ev_per_site.value() == Approx(0).margin(1e-9));
  CHECK(mixed.types[1].type == "X.Se");
  CHECK(mixed.types[1].cost_ev_per_site.value() == Approx(0.2));
  CHECK(mixed.types[1].formula == "Cd4S2Se2");
  CHECK(mixed.types[1].calculated);
  CHECK(mixed.types[2].type == "X.Te");
  CHECK(mixed.types[2].cost_ev_per_site.value() == Approx(0.5));
  CHECK((mixed.types[0].kept && mixed.types[1].kept && !mixed.types[2].kept));
}

TEST_CASE("of several calculations of one composition the lowest judges", "[scheduler][stages]") {
  TwoStages campaign(keeping(1));
  campaign.elements_at_zero();
  campaign.calculated("CdS", -2);
  campaign.calculated("Cd2SSe", -1.7, kJudge, 0);
  campaign.calculated("Cd2SSe", -1.9, kJudge, 1);
  campaign.calculated("Cd2SSe", -1.8, kJudge, 2);

  CHECK(campaign.judged("X.Se").cost_ev_per_site.value() == Approx(0.1));

  campaign.tasks[2].judgements.push_back({{}, JudgementKind::kSuspected, "hullscan", "too low"});
  CHECK(campaign.judged("X.Se").cost_ev_per_site.value() == Approx(0.2));
}

TEST_CASE("a prediction counts against the end members of what is calculated", "[scheduler][stages]") {
  TwoStages campaign(keeping(1));
  campaign.elements_at_zero();
  campaign.calculated("CdS", -2);
  campaign.calculated("CdSe", 0.4);  // above Cd + Se
  campaign.predicted("Cd2SSe", -0.02);
  // CdS and CdSe together are at -1.6, four atoms take that down by 0.08, and CdS + Cd + Se are at -2.
  const JudgedSpecies selenium = campaign.judged("X.Se");
  CHECK(selenium.cost_ev_per_site.value() == Approx(0.32));
  CHECK(selenium.formula == "Cd2SSe");
  CHECK_FALSE(selenium.calculated);

  // Of that very configuration there is a calculation then, which the prediction does not outdo.
  campaign.calculated("Cd2SSe", -1.65);
  CHECK(campaign.judged("X.Se").cost_ev_per_site.value() == Approx(0.35));
  CHECK(campaign.judged("X.Se").calculated);
  // CdTe has no energy, so a formation energy of its compounds means nothing.
  campaign.predicted("Cd2STe", -0.5);
  CHECK_FALSE(campaign.judged("X.Te").cost_ev_per_site.has_value());
}

TEST_CASE("predictions for a space without results count if the model needs none", "[scheduler][stages]") {
  TwoStages campaign(keeping(1));
  campaign.elements_at_zero();
  campaign.predicted("CdS", -1);
  campaign.predicted("Cd2SSe", -0.4);  // of four atoms: -1.6, where CdS + Cd + Se are at -2

  CHECK_FALSE(campaign.judged("X.Se", false).cost_ev_per_site.has_value());
  CHECK(campaign.judged("X.Se", true).cost_ev_per_site.value() == Approx(0.4));
}

TEST_CASE("a species that is at extreme points of the compositions only is kept and not judged",
          "[scheduler][stages]") {
  TwoStages campaign(keeping(1));
  campaign.calculated("CdS", -2);
  campaign.calculated("CdSe", -1);
  campaign.calculated("CdTe", 5);
  CHECK(campaign.judged("X.Se").unopposed);
  CHECK_FALSE(campaign.judged("X.Se").cost_ev_per_site.has_value());
  CHECK(campaign.judged("X.Te").kept);
  CHECK_FALSE(campaign.judged("M.Zn").unopposed);  // nothing has an energy

  campaign.calculated("Cd2SSe", -2.8);  // CdS + CdSe are at -3
  CHECK_FALSE(campaign.judged("X.Se").unopposed);
  CHECK(campaign.judged("X.Se").cost_ev_per_site.value() == Approx(0.2));
}

TEST_CASE("references of other settings and formation energies do not judge", "[scheduler][stages]") {
  TwoStages campaign(keeping(1));
  campaign.calculated("CdS", -2);
  campaign.calculated("CdSe", -1);
  const auto judged_against = [&](const std::map<std::string, std::string>& keys) {
    campaign.references.clear();
    campaign.elements_at_zero();
    for (HullEntry& reference : campaign.references) reference.keys = keys;
    return campaign.judged("X.Se").cost_ev_per_site.has_value();
  };

  CHECK(judged_against({{"functional", "PBE"}}));
  CHECK(judged_against({}));
  CHECK_FALSE(judged_against({{"functional", "PBEsol"}}));
  CHECK_FALSE(judged_against({{"energies", "formation energies"}}));
}

TEST_CASE("results of a restricted space are competing phases and judge nothing", "[scheduler][stages]") {
  // They are there before the decision: imported, or of a second stage that a changed file takes back.
  TwoStages campaign(keeping(1));
  campaign.elements_at_zero();
  campaign.calculated("CdS", -2);
  campaign.calculated("Cd2SSe", -1.7);
  campaign.calculated("Cd4S2Se2", -4.2, kRestricted);  // Cd2SSe at -2.1
  campaign.calculated("Cd2STe", -1.5, kRestricted);

  CHECK(campaign.judged("X.Se").cost_ev_per_site.value() == Approx(0.4));
  CHECK(campaign.judged("X.Se").formula == "Cd2SSe");
  CHECK_FALSE(campaign.judged("X.Te").cost_ev_per_site.has_value());
}

TEST_CASE("a limit in energy refuses all above it, and a number those beyond it", "[scheduler][stages]") {
  const auto kept = [](const RestrictSpec& rule, double selenium, double tellurium) {
    TwoStages campaign(rule);
    campaign.elements_at_zero();
    campaign.calculated("CdS", -2);
    campaign.calculated("Cd2SSe", -2 + selenium);
    campaign.calculated("Cd2STe", -2 + tellurium);
    return std::pair(campaign.judged("X.Se").kept, campaign.judged("X.Te").kept);
  };

  CHECK(kept(keeping({}, 0.25), 0.25, 0.26) == std::pair(true, false));
  CHECK(kept(keeping({}, 0.25), 0.3, 0.4) == std::pair(false, false));
  CHECK(kept(keeping(1), 0.4, 0.3) == std::pair(false, true));
  CHECK(kept(keeping(2), 0.4, 0.3) == std::pair(true, true));
  CHECK(kept(keeping(1, 0.35), 0.4, 0.3) == std::pair(false, true));
  CHECK(kept(keeping(1, 0.25), 0.4, 0.3) == std::pair(false, false));
  // Of two that cost the same, the one that the campaign names first.
  CHECK(kept(keeping(1), 0.3, 0.3) == std::pair(true, false));
}

TEST_CASE("before the decision only the judging spaces are searched, then all without what was refused",
          "[scheduler][stages]") {
  TwoStages campaign(keeping(1));
  const StageDecision decision{7, {refusing("X.Te")}};

  CHECK(has_stages(campaign.campaign));
  const CampaignView first = strata_of_stage(campaign.view, std::nullopt);
  CHECK(formulas_of(first, kJudge).size() == 7);
  CHECK(formulas_of(first, kRestricted).empty());
  const CampaignView second = strata_of_stage(campaign.view, decision);
  CHECK(formulas_of(second, kJudge).size() == 7);
  CHECK(formulas_of(second, kRestricted) == std::vector<std::string>{"CdS", "CdSe", "Cd2SSe", "Cd4S2Se2", "CdZnS2"});

  campaign.campaign.spaces[kRestricted].restricted.reset();
  CHECK_FALSE(has_stages(campaign.campaign));
  CHECK(formulas_of(strata_of_stage(campaign.view, decision), kRestricted).size() == 7);
}

TEST_CASE("the end members of a stage are those of the compositions that it has", "[scheduler][stages]") {
  TwoStages campaign(keeping(1));
  const CampaignView second = strata_of_stage(campaign.view, StageDecision{7, {refusing("X.Se")}});

  std::set<std::string> ends;
  for (const StratumView& stratum : second.strata) {
    if (stratum.stratum.space == kRestricted && stratum.end_member) ends.insert(stratum.formula);
  }
  // CdS, CdTe, Cd2STe and CdZnS2 are left; Cd2STe lies between the first two.
  CHECK(ends == std::set<std::string>{"CdS", "CdTe", "CdZnS2"});
}

TEST_CASE("a decision is read as it was written, and a damaged one is refused", "[scheduler][stages]") {
  TwoStages campaign(keeping(1, 0.25));
  campaign.elements_at_zero();
  campaign.calculated("CdS", -2);
  campaign.calculated("Cd2SSe", -1.7);
  const StageDecision decision = campaign.decide();
  const std::string text = to_json_text(decision);

  const StageDecision read = parse_stage_decision(text);

  CHECK(to_json_text(read) == text);
  REQUIRE(read.spaces.at(0).types.size() == 3);
  CHECK(read.first_pass == 7);
  CHECK(read.spaces[0].rule == "the lowest 1 of each sublattice, at most 250 meV per site above the hull");
  CHECK_FALSE(read.spaces[0].types[0].cost_ev_per_site.has_value());
  CHECK(read.spaces[0].types[1].cost_ev_per_site == decision.spaces[0].types[1].cost_ev_per_site);
  CHECK_FALSE(read.spaces[0].types[1].kept);
  CHECK_THROWS_AS(parse_stage_decision(text.substr(0, text.size() / 2)), StorageError);
  CHECK_THROWS_AS(parse_stage_decision("{\"first_pass\": 7}"), StorageError);
  CHECK_THROWS_AS(parse_stage_decision("{\"first_pass\": \"7\", \"spaces\": []}"), StorageError);
}

TEST_CASE("a stored decision says where the second stage's survey is", "[scheduler][stages]") {
  CampaignStore store = CampaignStore::in_memory({"Cd", "6f1c", "", "{}", "0.1.0"});
  CHECK_FALSE(stored_decision(store).has_value());
  CHECK(survey_pass(store) == 0);

  remember_stage_decision(store, to_json_text(StageDecision{7, {refusing("X.Te")}}));
  CHECK(stored_decision(store)->spaces.at(0).types.at(0).type == "X.Te");
  CHECK(survey_pass(store) == 7);
}

TEST_CASE("a person reads why each species is kept or refused", "[scheduler][stages]") {
  SpaceDecision decision{kRestricted, "mixed", "simple", "the lowest 1 of each sublattice", {}};
  decision.types = {{"X.Se", 0.2, true, false, "Cd4S2Se2", true},
                    {"X.Te", 0.4567, false, false, "Cd2STe", false},
                    {"M.Zn", {}, false, false, "", true},
                    {"M.Hg", {}, false, true, "", true}};

  CHECK(decision_lines(decision) ==
        std::vector<std::string>{
            "second stage, mixed: species judged by simple, kept: the lowest 1 of each sublattice",
            "  X.Se kept: 200.0 meV per site above the hull (Cd4S2Se2, calculated)",
            "  X.Te refused: 456.7 meV per site above the hull (Cd2STe, predicted)",
            "  M.Zn kept, not judged: no configuration with it has an energy",
            "  M.Hg kept, not judged: no mix of other phases makes the compositions that have it; competing phases in "
            "report.references would"});
}

}  // namespace hullscan
