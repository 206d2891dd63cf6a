// What the models know of their own errors, and what the hull may therefore still lack.
#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "analysis/hull/hull_levels.hpp"
#include "core/log.hpp"
#include "core/scaled_energy.hpp"
#include "scheduler/campaign_master.hpp"
#include "scheduler/decisions/refinement.hpp"
#include "scheduler/decisions/round_selection.hpp"
#include "storage/campaign_facts.hpp"

namespace hullscan {
namespace {

/// Prospects whose errors are asked for in a round. Each takes some hundred numbers.
constexpr std::size_t kMostWeighed = 200'000;

}  // namespace

CampaignMaster::Weighed CampaignMaster::weigh(std::vector<Prospect>& prospects, int round,
                                              std::span<const TaskRecord> known) {
  const HullReport hull = hull_of(view_, known);
  const auto supercell_of = [&](const Stratum& stratum) -> const Supercell& { return view_.supercell(stratum); };
  if (policy_uses_draw(select_.policy) || asks_for_errors()) {  // a model that came from the store knows no errors
    std::vector<FitRecord> ignored;
    (void)fit(round, ignored);
    add_predictions(prospects, ranking_models(), supercell_of, [&](const Prospect& one) {  // those of the draw
      return !one.predicted_formation_energy_ev_per_atom &&
             ranking_models().space(one.candidate.stratum.space).fitted();
    });
  }
  place_above_hull(prospects, formation_entries(hull));
  if (!asks_for_errors()) return {};
  std::optional<OpenRest> left_out = leave_out_high_ones(prospects, hull, kMostWeighed);
  add_uncertainties(prospects, ranking_models(), supercell_of);
  const double factor = deviation_factor(tested_predictions(known, hull));
  scale_uncertainties(prospects, factor);
  if (left_out) {
    for (const Prospect& one : prospects)
      left_out->deviation_ev_per_atom =
          std::max(left_out->deviation_ev_per_atom, one.deviation_ev_per_atom.value_or(0));
  }
  return {factor, left_out};
}

CampaignMaster::LabelsByPrior CampaignMaster::place_by_prior(std::vector<Prospect>& prospects,
                                                             std::span<const TaskRecord> known) const {
  LabelsByPrior placed;
  for (const TaskRecord& task : known) {
    if (!is_label(task) || !ranking_models().space(task.task.stratum.space).fitted()) continue;
    Candidate candidate;
    candidate.stratum = task.task.stratum;
    candidate.occupation = task.task.occupation;
    candidate.degeneracy = task.task.degeneracy;
    std::optional<Prospect> label = prospect_of(std::move(candidate));
    if (!label) continue;
    placed.keys.push_back(task.task.key);
    placed.labels.push_back(std::move(*label));
  }
  hullscan::place_by_prior(prospects, placed.labels, ranking_models(),
                           [&](const Stratum& stratum) -> const Supercell& { return view_.supercell(stratum); });
  return placed;
}

void CampaignMaster::remember_ranks(int round, const LabelsByPrior& known, std::span<const Prospect> prospects,
                                    std::span<const std::size_t> chosen, std::span<const NewTask> tasks) {
  const std::vector<std::uint64_t> ranks = ranks_by_prior(known.labels, prospects);
  PriorRanks remembered;
  for (const std::uint64_t rank : ranks) remembered.looked_at += rank > 0 ? 1 : 0;
  if (remembered.looked_at == 0) return;
  const auto add = [&](const std::string& key, std::uint64_t rank) {
    if (rank > 0) remembered.ranks.emplace(key, rank);
  };
  for (std::size_t k = 0; k < known.keys.size(); ++k) add(known.keys[k], ranks[k]);
  for (std::size_t k = 0; k < chosen.size(); ++k) add(tasks[k].key, ranks[known.keys.size() + chosen[k]]);
  remember_prior_ranks(tools_.store, round, remembered);
}

std::vector<TestedPrediction> CampaignMaster::tested_predictions(std::span<const TaskRecord> known,
                                                                 const HullReport& hull) const {
  std::map<std::string, double> formation;
  for (const HullEntryResult& entry : hull.entries) formation[entry.id] = entry.formation_energy_ev_per_atom;
  std::map<int, std::map<std::string, double>> deviations;  // round -> key
  std::map<std::pair<int, std::string>, TestedPrediction> tested;
  for (const TaskRecord& task : known) {
    if (!task.counts() || !task.task.predicted_ev_per_atom) continue;
    const auto [of_round, first] = deviations.try_emplace(task.round);
    if (first)
      of_round->second = recall_round_deviations(tools_.store, task.round).value_or(std::map<std::string, double>{});
    const auto deviation = of_round->second.find(task.task.key);
    if (deviation == of_round->second.end()) continue;
    const auto orbit = orbit_of_result(view_, task);
    if (!orbit || orbit->stratum != task.task.stratum || orbit->occupation != task.task.occupation) continue;
    tested.emplace(
        std::pair(task.round, task.task.key),
        TestedPrediction{*task.task.predicted_ev_per_atom, formation.at(entry_id(view_, task)), deviation->second});
  }
  std::vector<TestedPrediction> in_order;
  for (const auto& [when, one] : tested) in_order.push_back(one);
  return in_order;
}

std::vector<OpenRest> CampaignMaster::rest_of_strata(int pass, std::span<const Prospect> prospects,
                                                     const HullReport& hull) const {
  struct Kept {
    double count = 0, highest_ev_per_atom = -1e300, largest_deviation = 0;
  };
  std::map<Stratum, Kept> kept;
  double largest_deviation = 0;  // of any, for strata whose kept ones are all calculated
  for (const Candidate& candidate : PassCandidates(tools_.store, pass).all()) {
    Kept& of_stratum = kept[candidate.stratum];
    ++of_stratum.count;
    of_stratum.highest_ev_per_atom = std::max(of_stratum.highest_ev_per_atom, score_to_ev_per_atom(candidate.score));
  }
  for (const Prospect& prospect : prospects) {
    const double deviation = prospect.deviation_ev_per_atom.value_or(0);
    double& largest = kept[prospect.candidate.stratum].largest_deviation;
    largest = std::max(largest, deviation);
    largest_deviation = std::max(largest_deviation, deviation);
  }
  std::vector<Composition> compositions;
  std::vector<OpenRest> rest;
  for (const StratumView& stratum : view_.strata) {
    const auto found = kept.find(stratum.stratum);
    if (found == kept.end() || found->second.count == 0 || stratum.composition.atom_count() == 0) continue;
    // At least so many orbits, where they were not counted.
    const double orbits =
        (stratum.inequivalent ? *stratum.inequivalent : BigInteger(stratum.total / stratum.group_order))
            .convert_to<double>();
    if (orbits <= found->second.count) continue;
    const double deviation = found->second.largest_deviation > 0 ? found->second.largest_deviation : largest_deviation;
    compositions.push_back(stratum.composition);
    rest.push_back({orbits - found->second.count, found->second.highest_ev_per_atom, deviation});
  }
  const auto levels = hull_levels(hull, compositions);
  for (std::size_t i = 0; i < rest.size(); ++i) rest[i].above_ev_per_atom -= levels[i].value_or(0);
  return rest;
}

StoredOutlook CampaignMaster::outlook_after(int round) {
  if (const auto stored = recall_hull_outlook(tools_.store, round)) return parse_outlook(*stored);
  const std::vector<TaskRecord> known = tasks_before(round + 1);
  const BeginRound next{round + 1, RoundKind::kByPolicy, round, true};
  std::vector<Prospect> prospects = prospects_for(next, known);
  StoredOutlook stored;
  stored.round = round;
  stored.sigmas = select_.stop.sigmas;
  const Weighed weighed = weigh(prospects, round, known);
  stored.deviation_factor = weighed.deviation_factor;
  const HullReport hull = hull_of(view_, known);
  stored.calculated = hull.entries.size();
  const std::vector<OpenConfiguration> open = open_configurations(hull, prospects);
  if (!open.empty() || prospects.empty()) {
    std::vector<OpenRest> rest = rest_of_strata(round, prospects, hull);
    if (weighed.left_out) rest.push_back(*weighed.left_out);
    const HullOutlook outlook = look_at_hull(open, rest, stored.sigmas);
    stored.looked_at = outlook.looked_at;
    stored.bounded = outlook.bounded;
    stored.possible_error_mev_per_atom = 1e3 * outlook.possible_error_ev_per_atom;
    stored.expected_missing = outlook.expected_missing;
    stored.probability_complete = outlook.probability_complete;
    for (const std::size_t i : outlook.likeliest) {
      const auto one = std::find_if(open.begin(), open.end(), [&](const auto& each) { return each.prospect == i; });
      const StratumView& stratum = view_.view(prospects[i].candidate.stratum);
      stored.likeliest.push_back({view_.spaces[stratum.stratum.space].name, stratum.formula,
                                  1e3 * one->above_ev_per_atom, 1e3 * one->deviation_ev_per_atom});
    }
  }
  remember_hull_outlook(tools_.store, round, to_json_text(stored));
  log_info(fmt::format("after round {}: {}", round, outlook_text(stored)));
  return stored;
}

}  // namespace hullscan
