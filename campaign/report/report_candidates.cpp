#include "campaign/report/report_candidates.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <variant>

#include "core/scaled_energy.hpp"
#include "scheduler/decisions/refinement.hpp"
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
  const PassCandidates candidates(store, pass->number);
  const std::set<std::uint32_t> modelled = scored_spaces(view, seen);
  for (const auto& known : view.strata) {
    const Stratum& stratum = known.stratum;
    if (modelled.count(stratum.space) == 0 || !view.campaign->spaces[stratum.space].markers.empty() ||
        known.composition.atom_count() == 0)
      continue;
    std::size_t taken = 0;
    for (const Candidate& candidate : candidates.of(stratum)) {
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

bool model_compares_compositions(const CampaignView& view) {
  if (view.campaign->surrogates.empty()) return false;
  const SurrogateSpec& model = view.campaign->surrogates.front();
  if (model.kind == "marked-pair") return false;
  if (model.kind != "electrostatic") return true;
  const Setting* written = model.settings.find("oxidation");
  const auto* table = written != nullptr ? std::get_if<SettingsTable>(&written->value) : nullptr;
  if (table == nullptr) return false;
  std::map<Species, double> charges;
  for (const auto& [symbol, setting] : table->entries) {
    const auto species = Species::parse(symbol);
    if (!species) continue;
    if (const auto* integer = std::get_if<std::int64_t>(&setting.value)) {
      charges[*species] = static_cast<double>(*integer);
    } else if (const auto* number = std::get_if<double>(&setting.value)) {
      charges[*species] = *number;
    }
  }
  return std::all_of(view.strata.begin(), view.strata.end(), [&](const StratumView& stratum) {
    double sum = 0;
    for (const auto& [species, charge] : charges)
      sum += charge * static_cast<double>(stratum.composition.count(species));
    return std::abs(sum) < 1e-6;
  });
}

}  // namespace hullscan
