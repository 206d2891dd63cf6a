#include "campaign/report/make_report.hpp"

#include <algorithm>  // std::max
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "analysis/entries/entries_file.hpp"
#include "campaign/campaign_directory.hpp"
#include "campaign/import/competing_phases.hpp"
#include "campaign/judgements.hpp"
#include "campaign/report/report_candidates.hpp"
#include "campaign/report/report_entries.hpp"
#include "campaign/report/report_learning.hpp"
#include "campaign/report/report_path_models.hpp"
#include "campaign/report/report_paths.hpp"
#include "campaign/report/report_spaces.hpp"
#include "campaign/version.hpp"
#include "enumerator/space/strata.hpp"
#include "scheduler/decisions/search_limits.hpp"
#include "scheduler/decisions/soundness.hpp"

namespace hullscan {
namespace {

/// As the campaign says it, or as its oxidation states do where they name one of the ion.
std::optional<int> ion_charge(const Campaign& campaign) {
  if (campaign.report.ion_charge || !campaign.report.working_ion) return campaign.report.ion_charge;
  std::set<int> states;
  for (const SpaceSpec& space : campaign.spaces) {
    const auto found = space.oxidation.find(*campaign.report.working_ion);
    if (found != space.oxidation.end()) states.insert(found->second.begin(), found->second.end());
  }
  return states.size() == 1 && *states.begin() > 0 ? std::optional(*states.begin()) : std::nullopt;
}

}  // namespace

Report make_report(const CampaignView& all, const std::vector<SearchSpace>& spaces, const CampaignStore& store) {
  CampaignView view = all;
  mark_branch_and_bound(view, search_limits(store));
  const CampaignIdentity identity = store.identity();
  const Strata strata(spaces);
  ReportContent content;
  content.campaign = identity.name;
  content.hullscan_version = kVersion;
  content.campaign_hash = identity.identity;
  content.campaign_text = identity.text;
  if (!view.campaign->surrogates.empty()) content.model = view.campaign->surrogates.front().kind;
  if (view.campaign->surrogates.size() > 1) content.model += ", its best by " + view.campaign->surrogates[1].kind;
  content.model_compares_compositions = model_compares_compositions(view);
  content.near_hull_ev_per_atom = view.campaign->report.near_hull_ev_per_atom;
  std::vector<std::string> faults;
  add_faults_beside_tasks(view, store, faults);
  require_none(faults);
  for (const Revision& revision : store.revisions())
    content.revisions.push_back({revision.number, revision.at ? moment_text(*revision.at) : "", revision.changes});
  if (content.revisions.size() > 1) content.outside = store.outside_count();
  content.rounds = report_rounds(store);
  content.outlook = report_outlook(store);
  content.coefficients = report_coefficients(store);
  content.judgements = report_judgements(store);
  content.paths = report_paths(view, spaces, strata, store);
  content.path_models = report_path_models(*view.campaign, spaces);
  content.temperatures_kelvin = view.campaign->report.temperatures_kelvin;
  content.working_ion = view.campaign->report.working_ion;
  content.ion_charge = ion_charge(*view.campaign);
  content.cuts = view.campaign->report.cuts;
  if (const auto& measured = view.campaign->report.experiment) content.measured = read_measured_points(*measured);
  {
    const TasksSeen seen = add_tasks(view, spaces, strata, store, content);
    std::optional<Instant> last = seen.last;
    for (const Revision& revision : store.revisions())
      if (revision.at) last = std::max(last.value_or(*revision.at), *revision.at);
    if (last) content.changed = moment_text(*last);
    content.spaces = report_spaces(view, spaces, strata, store, seen);
    content.candidates = report_candidates(view, spaces, store, seen);
  }
  if (view.campaign->report.references) {
    for (HullEntry& entry : read_entries(*view.campaign->report.references)) {
      content.references.push_back({std::move(entry), original_name(*view.campaign->report.references)});
    }
  }
  for (CompetingPhase& imported : competing_phases(store))
    content.references.push_back({std::move(imported.entry), "imported from " + imported.source});
  return finish_report(std::move(content));
}

}  // namespace hullscan
