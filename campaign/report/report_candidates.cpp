#include "campaign/report/report_candidates.hpp"

#include <set>
#include <string>
#include <utility>

#include "core/scaled_energy.hpp"
#include "scheduler/decisions/stages.hpp"

namespace hullscan {

std::vector<ReportCandidate> report_candidates(const CampaignView& view, const std::vector<SearchSpace>& spaces,
                                               const CampaignStore& store, const TasksSeen& seen) {
  constexpr std::size_t kOfComposition = 3;
  constexpr std::size_t kStrataWithStructures = 300;
  std::vector<ReportCandidate> all;
  const auto pass = store.current_pass();
  if (!pass || pass->number <= survey_pass(store) || !pass->finished || view.campaign->surrogates.empty()) return all;
  const auto& asked = seen.asked;
  const std::set<std::uint32_t> modelled = scored_spaces(view, seen);
  for (const auto& known : view.strata) {
    const Stratum& stratum = known.stratum;
    if (modelled.count(stratum.space) == 0 || !view.campaign->spaces[stratum.space].markers.empty() ||
        known.composition.atom_count() == 0)
      continue;
    std::size_t taken = 0;
    for (const Candidate& candidate : store.candidates(pass->number, stratum)) {
      const auto found = asked.find(std::pair{stratum, candidate.occupation});
      if (found != asked.end() && found->second == TaskState::kConverged) continue;
      if (++taken > kOfComposition) break;
      ReportCandidate report;
      report.space = view.spaces[stratum.space].name;
      report.composition = known.composition;
      report.degeneracy = candidate.degeneracy;
      report.predicted_ev_per_atom = score_to_ev_per_atom(candidate.score);
      report.state = found == asked.end() ? "not selected" : std::string(name_of(found->second));
      if (view.strata.size() <= kStrataWithStructures)
        report.structure = spaces[stratum.space].supercells()[stratum.supercell]->structure(candidate.occupation);
      all.push_back(std::move(report));
    }
  }
  return all;
}

}  // namespace hullscan
