#include "campaign/replay.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "analysis/hull/end_members.hpp"
#include "analysis/hull/hull_levels.hpp"
#include "campaign/resolved_campaign.hpp"
#include "campaign/training_sets.hpp"
#include "core/hash.hpp"
#include "scheduler/decisions/refinement.hpp"
#include "surrogates/surrogate_set.hpp"

namespace hullscan {
namespace {

/// [space] reduced compositions.
std::map<std::size_t, std::vector<Composition>> end_members_of(const std::vector<LabelledStructure>& pool) {
  std::map<std::size_t, std::vector<Composition>> of_space;
  for (const LabelledStructure& entry : pool) of_space[entry.space].push_back(entry.composition);
  for (auto& [space, compositions] : of_space) compositions = choose_end_members(compositions).compositions;
  return of_space;
}

}  // namespace

Replay::Replay(const LabelledStructures& structures, SelectSpec select)
    : structures_(structures), pool_(structures_.kept), select_(std::move(select)) {
  Problems problems;
  models_ = make_set(structures_.campaign, structures_.campaign.surrogates.front(), structures_.parents,
                     structures_.columns.of(0), problems);
  // Several models without it are those that `validate` compares.
  const auto& models = structures_.campaign.surrogates;
  if (models.size() == 2 && models[1].settings.find("keep") != nullptr)
    refining_ = make_refining_models(structures_.campaign, structures_.parents, structures_.columns, problems);
  problems.throw_if_any();
  describe_pool();
}

std::vector<ReplayRound> Replay::run(std::uint64_t seed) {
  for (std::size_t i = 0; i < pool_.size(); ++i) prospects_[i].draw = random_bits(seed, hash64(pool_[i].id));
  is_known_.assign(pool_.size(), false);
  tested_.clear();
  outcomes_.clear();
  std::vector<ReplayRound> rounds(1);
  learn(RoundKind::kEndMembers, rounds.front());
  learn(RoundKind::kInitial, rounds.front());
  for (int number = 0; number < select_.rounds; ++number) {
    const std::vector<std::size_t> open = unknown();
    if (open.empty()) break;
    ReplayRound round;
    predict(open, round);
    learn(RoundKind::kByPolicy, round);
    test_predictions(round);
    rounds.push_back(std::move(round));
  }
  return rounds;
}

void Replay::describe_pool() {
  const std::map<std::size_t, std::vector<Composition>> end_members = end_members_of(pool_);
  const std::vector<std::uint64_t> stabilisers = stabiliser_orders(pool_);
  std::map<const Supercell*, std::uint32_t> supercells;
  for (std::size_t i = 0; i < pool_.size(); ++i) {
    const LabelledStructure& entry = pool_[i];
    const Configuration& configuration = entry.mapping.configuration;
    const auto [known, added] =
        supercells.emplace(configuration.supercell.get(), static_cast<std::uint32_t>(supercells_.size()));
    if (added) supercells_.push_back(configuration.supercell.get());
    Prospect prospect;
    prospect.candidate.stratum = {static_cast<std::uint32_t>(entry.space), known->second,
                                  static_cast<std::uint32_t>(i)};
    prospect.candidate.occupation = configuration.occupation;
    prospect.composition = entry.composition;
    prospect.atoms = entry.composition.atom_count();
    prospect.family = static_cast<std::uint32_t>(entry.space);
    const auto& ends = end_members.at(entry.space);
    prospect.end_member = std::find(ends.begin(), ends.end(), entry.composition.reduced()) != ends.end();
    prospect.stabiliser_order = stabilisers[i];
    prospects_.push_back(std::move(prospect));
  }
}

std::function<const Supercell&(const Stratum&)> Replay::supercell_of() const {
  return [this](const Stratum& stratum) -> const Supercell& { return *supercells_[stratum.supercell]; };
}

std::vector<std::size_t> Replay::unknown() const {
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < pool_.size(); ++i) {
    if (!is_known_[i]) open.push_back(i);
  }
  return open;
}

std::vector<std::size_t> Replay::known() const {
  std::vector<std::size_t> labelled;
  for (std::size_t i = 0; i < pool_.size(); ++i) {
    if (is_known_[i]) labelled.push_back(i);
  }
  return labelled;
}

void Replay::learn(RoundKind kind, ReplayRound& round) {
  const std::vector<std::size_t> open = unknown();
  std::vector<Prospect> offered;
  for (const std::size_t i : open) offered.push_back(prospects_[i]);
  for (const std::size_t choice : choose_round(kind, offered, select_, pool_.size() - open.size())) {
    is_known_[open[choice]] = true;
    round.chosen.push_back(open[choice]);
  }
  const std::vector<std::size_t> labelled = known();
  round.labels = labelled.size();
  round.vertices = static_cast<std::size_t>(
      std::count_if(labelled.begin(), labelled.end(), [&](std::size_t i) { return pool_[i].vertex; }));
  round.hull_error_mev_per_atom = hull_error(labelled);
}

double Replay::hull_error(const std::vector<std::size_t>& labelled) const {
  const std::vector<HullEntry> entries = hull_entries(pool_, labelled);
  HullOptions options = unbounded_hull_options_for(entries);
  const HullReport known = compute_hull(entries, options);
  options.references = HullOptions::References::kEndMembers;
  options.end_members = known.end_members;
  const HullReport all = compute_hull(hull_entries(pool_), options);
  std::vector<Composition> compositions;
  for (const LabelledStructure& label : pool_) compositions.push_back(label.composition);
  const auto reached = hull_levels(known, compositions), lowest = hull_levels(all, compositions);
  double error = 0;
  for (std::size_t i = 0; i < pool_.size(); ++i) {
    if (reached[i] && lowest[i]) error = std::max(error, 1e3 * (*reached[i] - *lowest[i]));
  }
  return error;
}

void Replay::test_predictions(ReplayRound& round) {
  const std::vector<std::size_t> labelled = known();
  const std::vector<HullEntry> entries = hull_entries(pool_, labelled);
  const HullReport hull = compute_hull(entries, unbounded_hull_options_for(entries));
  double count = 0, within = 0;
  for (const std::size_t chosen : round.chosen) {
    const Prospect& asked = prospects_[chosen];
    if (!asked.predicted_formation_energy_ev_per_atom || asked.deviation_ev_per_atom.value_or(0) <= 0) continue;
    const auto at =
        static_cast<std::size_t>(std::lower_bound(labelled.begin(), labelled.end(), chosen) - labelled.begin());
    const double energy = hull.entries[at].formation_energy_ev_per_atom;
    const double deviation = *asked.deviation_ev_per_atom;
    tested_.push_back({*asked.predicted_formation_energy_ev_per_atom, energy, deviation / factor_});
    within += std::abs(energy - *asked.predicted_formation_energy_ev_per_atom) <= 2 * deviation ? 1 : 0;
    ++count;
  }
  if (count > 0) round.within_two_deviations = within / count;
}

void Replay::predict(const std::vector<std::size_t>& open, ReplayRound& round) {
  const std::vector<std::size_t> labelled = known();
  const std::vector<HullEntry> entries = hull_entries(pool_, labelled);
  const HullOptions options = unbounded_hull_options_for(entries);
  const HullReport hull = compute_hull(entries, options);

  std::vector<Prospect> asked;
  for (const std::size_t i : open) asked.push_back(prospects_[i]);
  RoundOutcome outcome;
  for (const HullEntryResult& entry : hull.entries) {
    if (entry.vertex) outcome.vertices.push_back(entry.id);
  }
  outcome.loo_rmse_mev_per_atom = fit_and_predict(labelled, hull, asked);
  place_above_hull(asked, formation_entries(hull));
  if (refining_.any()) refine(asked, hull);
  add_uncertainties(asked, refining_.any() ? refining_.models : models_, supercell_of());
  factor_ = deviation_factor(tested_);
  scale_uncertainties(asked, factor_);
  const std::vector<OpenConfiguration> unknown_ones = open_configurations(hull, asked);
  if (unknown_ones.size() == asked.size()) {
    round.outlook = look_at_hull(unknown_ones, {}, select_.stop.sigmas);
    outcome.possible_hull_error_mev_per_atom = 1e3 * round.outlook->possible_error_ev_per_atom;
  }
  outcomes_.push_back(std::move(outcome));
  round.stop_rule_met = stop_rule_met(select_.stop, outcomes_);
  if (policy_follows_hull(select_.policy)) {
    std::vector<Prospect> calculated;
    for (const std::size_t i : labelled) calculated.push_back(prospects_[i]);
    place_by_prior(asked, calculated, refining_.any() ? refining_.models : models_, supercell_of());
  }
  for (std::size_t k = 0; k < open.size(); ++k) prospects_[open[k]] = asked[k];
  round.rmse_mev_per_atom = error_of(asked, open, hull.end_members, options);
}

std::vector<std::optional<double>> Replay::fit_and_predict(const std::vector<std::size_t>& labelled,
                                                           const HullReport& hull, std::vector<Prospect>& asked) {
  std::vector<std::optional<double>> loo_rmse_mev_per_atom;
  // What ranks counts: the second models' errors where there are any.
  std::set<std::size_t> predicted;
  for (SurrogateSet* models : {&models_, &refining_.models}) {
    for (const auto& group : models->groups()) {
      std::vector<std::vector<LabelledConfiguration>> training;
      for (const std::size_t space : group) training.push_back(training_set(space, labelled, hull));
      if (std::all_of(training.begin(), training.end(), [](const auto& of_space) { return of_space.empty(); }))
        continue;
      const double loo = models->fit(group, training).loo_rmse_mev_per_atom;
      if (models == &models_) predicted.insert(group.begin(), group.end());
      if (models == (refining_.any() ? &refining_.models : &models_))
        loo_rmse_mev_per_atom.push_back(std::isfinite(loo) ? std::optional(loo) : std::nullopt);
    }
  }
  add_predictions(asked, models_, supercell_of(),
                  [&](const Prospect& one) { return predicted.contains(one.candidate.stratum.space); });
  return loo_rmse_mev_per_atom;
}

std::vector<LabelledConfiguration> Replay::training_set(std::size_t space, const std::vector<std::size_t>& labelled,
                                                        const HullReport& hull) const {
  std::vector<LabelledConfiguration> training;
  for (std::size_t k = 0; k < labelled.size(); ++k) {
    const LabelledStructure& label = pool_[labelled[k]];
    if (label.space != space) continue;
    training.push_back({label.mapping.configuration, hull.entries[k].formation_energy_ev_per_atom, 1.0, label.id,
                        hull.entries[k].e_above_hull_ev_per_atom});
  }
  return training;
}

void Replay::refine(std::vector<Prospect>& asked, const HullReport& hull) {
  std::vector<Prospect> chosen;
  std::vector<std::size_t> indices = choose_to_refine(asked, refining_.keep);
  std::erase_if(indices,
                [&](std::size_t i) { return !refining_.models.space(asked[i].candidate.stratum.space).fitted(); });
  for (const std::size_t i : indices) chosen.push_back(asked[i]);
  add_predictions(chosen, refining_.models, supercell_of(), [](const Prospect&) { return true; });
  for (Prospect& one : asked) {
    one.predicted_formation_energy_ev_per_atom.reset();
    one.predicted_e_above_hull_ev_per_atom.reset();
  }
  for (std::size_t k = 0; k < indices.size(); ++k) asked[indices[k]] = chosen[k];
  place_above_hull(asked, formation_entries(hull));
}

double Replay::error_of(const std::vector<Prospect>& asked, const std::vector<std::size_t>& open,
                        const std::vector<Composition>& end_members, HullOptions options) const {
  // The error is measured against the labels' own references, which differ from the pool's by a plane.
  options.references = HullOptions::References::kEndMembers;
  options.end_members = end_members;
  const HullReport actual = compute_hull(hull_entries(pool_), options);
  double squares = 0, count = 0;
  for (std::size_t k = 0; k < open.size(); ++k) {
    if (!asked[k].predicted_formation_energy_ev_per_atom && refining_.any()) continue;  // not looked at
    const double off = asked[k].predicted_formation_energy_ev_per_atom.value_or(0) -
                       actual.entries[open[k]].formation_energy_ev_per_atom;
    squares += off * off;
    ++count;
  }
  return 1e3 * std::sqrt(squares / std::max(1.0, count));
}

namespace {

MeanReplayRound mean_round(std::span<const std::vector<ReplayRound>> runs, std::size_t number, std::size_t vertices) {
  double labels = 0, found = 0, rmse = 0, count = 0, error = 0, within = 0, with_deviations = 0;
  for (const auto& run : runs) {
    if (number >= run.size()) continue;
    labels += static_cast<double>(run[number].labels);
    found += static_cast<double>(run[number].vertices);
    rmse += run[number].rmse_mev_per_atom.value_or(0);
    error += run[number].hull_error_mev_per_atom;
    within += run[number].within_two_deviations.value_or(0);
    with_deviations += run[number].within_two_deviations ? 1 : 0;
    ++count;
  }
  MeanReplayRound mean;
  mean.labels = labels / count;
  mean.vertices = found / count;
  mean.share = mean.vertices / static_cast<double>(std::max<std::size_t>(1, vertices));
  mean.hull_error_mev_per_atom = error / count;
  if (with_deviations > 0) mean.within_two_deviations = within / with_deviations;
  if (number > 0) mean.rmse_mev_per_atom = rmse / count;
  return mean;
}

}  // namespace

ReplaySummary summarise(std::span<const std::vector<ReplayRound>> runs, std::size_t vertices) {
  ReplaySummary summary;
  summary.vertices = vertices;
  for (std::size_t number = 0; number < runs.front().size(); ++number)
    summary.rounds.push_back(mean_round(runs, number, vertices));
  double sum = 0;
  bool all_found = true;
  for (const auto& run : runs) {
    const auto complete =
        std::find_if(run.begin(), run.end(), [&](const ReplayRound& round) { return round.vertices == vertices; });
    auto& labels = summary.labels_until_all_vertices.emplace_back();
    if (complete != run.end()) labels = complete->labels;
    // The rule is asked before a round is chosen, when the one before it is what is known.
    const auto stop =
        std::find_if(run.begin(), run.end(), [](const ReplayRound& round) { return round.stop_rule_met; });
    auto& stopped = summary.stops.emplace_back();
    if (stop != run.end() && stop != run.begin())
      stopped = {std::prev(stop)->labels, std::prev(stop)->hull_error_mev_per_atom};
    all_found = all_found && labels.has_value();
    sum += static_cast<double>(labels.value_or(0));
  }
  if (all_found) summary.mean_labels_until_all_vertices = sum / static_cast<double>(runs.size());
  return summary;
}

std::size_t vertex_count(const LabelledStructures& structures) {
  return static_cast<std::size_t>(std::count_if(structures.kept.begin(), structures.kept.end(),
                                                [](const LabelledStructure& label) { return label.vertex; }));
}

}  // namespace hullscan
