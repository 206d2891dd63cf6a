/// @file
/// Campaigns of two stages: what the first spaces have taught decides with which species the others are searched.
/// Pure functions of what is known, and the text in which the decision is kept.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "analysis/hull/hull.hpp"
#include "scheduler/campaign_view.hpp"
#include "storage/records.hpp"

namespace hullscan {

class CampaignStore;

/// The decision beside the database, for a person and for rebuild-ledger.
inline constexpr const char* kStageFile = "stage.json";

/// One species of one sublattice, and what it costs: the energy of a cell above the hull, divided by the sites that the
/// species takes in it, in the configuration where that is least. Compositions that no mix of the others makes (extreme
/// points) are on the hull by themselves and judge nothing.
struct JudgedSpecies {
  std::string type;                        ///< "X.Se"
  std::optional<double> cost_ev_per_site;  ///< none: nothing judges it; such a species is kept
  bool calculated = false;                 ///< the lowest was calculated, not predicted
  bool unopposed = false;                  ///< it has energies, but at extreme points of the compositions only
  std::string formula;                     ///< of the lowest
  bool kept = true;
};

struct SpaceDecision {
  std::uint32_t space = 0;
  std::string name, by, rule;
  std::vector<JudgedSpecies> types;  ///< those that take no rest, in the campaign's order
};

struct StageDecision {
  int first_pass = 0;                 ///< of the second stage: its survey; its first round has the same number
  std::vector<SpaceDecision> spaces;  ///< those that the campaign restricts
};

bool has_stages(const Campaign& campaign);

/// The strata of the stage under way: before the decision those of spaces without `restrict`, then also those of the
/// others that hold no species that was refused.
CampaignView strata_of_stage(const CampaignView& all, const std::optional<StageDecision>& decision);

/// What the finished first stage says. The hull is that of the calculated, the predicted and the references together;
/// references whose settings differ are left out. Results of a restricted space (imported, or of a second stage that a
/// changed file takes back) lie on it too and judge nothing.
/// @param all every stratum. @param predicted candidates of the last pass that a model has scored; of spaces without
/// labels only where `unlabelled_scores` (the model needed none).
StageDecision decide_stage(const CampaignView& all, std::span<const TaskRecord> tasks,
                           std::span<const Candidate> predicted, bool unlabelled_scores,
                           std::span<const HullEntry> references, int first_pass);

std::string to_json_text(const StageDecision& decision);
/// @throws StorageError if it is damaged.
StageDecision parse_stage_decision(const std::string& text);
std::optional<StageDecision> stored_decision(const CampaignStore& store);

/// Number of the survey of what is searched now: the second stage's once it is decided, else that of the campaign
/// file's present revision. Later passes are scored by a model.
int survey_pass(const CampaignStore& store);
/// The pass that has counted the orbits: the survey, or the first pass of a model where the campaign has no survey
/// (begins_with_survey).
int counted_pass(const CampaignStore& store);

/// For the log and a person: one line a species.
std::vector<std::string> decision_lines(const SpaceDecision& decision);

}  // namespace hullscan
