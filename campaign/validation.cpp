#include "campaign/validation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>  // std::iota
#include <set>

#include "campaign/resolved_campaign.hpp"
#include "campaign/training_sets.hpp"
#include "core/hash.hpp"
#include "surrogates/features/extreme_labels.hpp"
#include "surrogates/models/cluster_expansion.hpp"
#include "surrogates/models/descriptor_model.hpp"
#include "surrogates/models/gaussian_process.hpp"
#include "surrogates/surrogate_set.hpp"

namespace hullscan {
namespace {

using Labels = std::span<const LabelledStructure>;
using LabelList = std::vector<std::size_t>;

struct Predictions {
  std::vector<double> energy_ev_per_atom;
  std::vector<std::optional<double>> deviation_ev_per_atom;
};

/// Predictions of what a split tests, every space by its own model.
class Predictor {
 public:
  Predictor(SurrogateSet& models, Labels structures) : models_(models), structures_(structures) {
    for (const LabelledStructure& label : structures_) labels_.push_back(label.label());
  }

  Predictions predict(const LabelList& training, const LabelList& tests) {
    Predictions result{std::vector<double>(tests.size()), std::vector<std::optional<double>>(tests.size())};
    take_hull_of(training);
    for (const auto& group : models_.groups()) {
      LabelList here;
      for (std::size_t t = 0; t < tests.size(); ++t) {
        if (std::find(group.begin(), group.end(), structures_[tests[t]].space) != group.end()) here.push_back(t);
      }
      if (!here.empty()) predict_group(group, training, tests, here, result);
    }
    return result;
  }

  /// Fits to all labels.
  std::vector<FitReport> fit_all() {
    std::vector<FitReport> reports;
    LabelList all(labels_.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    take_hull_of(all);
    for (const auto& group : models_.groups()) {
      const auto known = of_group(group, all);
      if (known) reports.push_back(models_.fit(group, *known));
    }
    return reports;
  }

 private:
  [[nodiscard]] std::vector<LabelledConfiguration> of_space(std::size_t space, const LabelList& which) const {
    std::vector<LabelledConfiguration> known;
    for (const std::size_t i : which) {
      if (structures_[i].space == space) known.push_back(labels_[i]);
    }
    return known;
  }

  /// [spaces of the group]; nothing where none has a label.
  [[nodiscard]] std::optional<std::vector<std::vector<LabelledConfiguration>>> of_group(
      const std::vector<std::size_t>& group, const LabelList& which) const {
    std::vector<std::vector<LabelledConfiguration>> known;
    bool any = false;
    for (const std::size_t space : group) {
      known.push_back(of_space(space, which));
      any = any || !known.back().empty();
    }
    return any ? std::optional(std::move(known)) : std::nullopt;
  }

  /// @param here the tests that are of this group: indices into `tests`.
  void predict_group(const std::vector<std::size_t>& group, const LabelList& training, const LabelList& tests,
                     const LabelList& here, Predictions& result) {
    const auto known = of_group(group, training);
    if (!known) throw InputError("a split tests a space and leaves no label of that space to learn from");
    (void)models_.fit(group, *known);
    for (const std::size_t space : group) {
      std::vector<const LabelledConfiguration*> asked;
      std::vector<std::size_t> at;
      for (const std::size_t t : here) {
        if (structures_[tests[t]].space != space) continue;
        asked.push_back(&labels_[tests[t]]);
        at.push_back(t);
      }
      const Surrogate& model = models_.space(space);
      const std::vector<double> energies = predict_all(model, asked);
      for (std::size_t i = 0; i < at.size(); ++i) {
        result.energy_ev_per_atom[at[i]] = energies[i];
        result.deviation_ev_per_atom[at[i]] = model.uncertainty_ev_per_atom(asked[i]->configuration);
      }
    }
  }

  /// Distances from the hull of the training labels alone: what is tested must not have a say in the weights.
  void take_hull_of(const LabelList& training) {
    const std::vector<HullEntry> entries = hull_entries(structures_, training);
    const HullReport hull = compute_hull(entries, unbounded_hull_options_for(entries));
    for (std::size_t k = 0; k < training.size(); ++k)
      labels_[training[k]].e_above_hull_ev_per_atom = hull.entries[k].e_above_hull_ev_per_atom;
  }

  SurrogateSet& models_;
  Labels structures_;
  std::vector<LabelledConfiguration> labels_;
};

struct Judged {
  PredictionErrors errors;
  RankingQuality ranking;
};

Judged judge(Labels labels, const LabelList& tests, const std::vector<double>& energies) {
  std::vector<double> actual, above, predicted_above;
  std::vector<bool> vertex;
  for (std::size_t t = 0; t < tests.size(); ++t) {
    const LabelledStructure& label = labels[tests[t]];
    actual.push_back(label.formation_energy_ev_per_atom);
    above.push_back(label.e_above_hull_ev_per_atom);
    predicted_above.push_back(label.e_above_hull_ev_per_atom + energies[t] - label.formation_energy_ev_per_atom);
    vertex.push_back(label.vertex);
  }
  return {prediction_errors(energies, actual), ranking_quality(predicted_above, above, vertex)};
}

LabelList all_but(const LabelList& held_out, std::size_t label_count) {
  std::vector<bool> held(label_count, false);
  for (const std::size_t i : held_out) held[i] = true;
  LabelList rest;
  for (std::size_t i = 0; i < label_count; ++i) {
    if (!held[i]) rest.push_back(i);
  }
  return rest;
}

std::optional<Coverage> coverage_of(Labels labels, const std::vector<ParityPoint>& parity) {
  std::size_t known = 0, within_one = 0, within_two = 0;
  for (const ParityPoint& point : parity) {
    if (!point.deviation_ev_per_atom || !std::isfinite(*point.deviation_ev_per_atom)) continue;
    ++known;
    const double off = std::abs(point.predicted_ev_per_atom - labels[point.label].formation_energy_ev_per_atom);
    within_one += off <= *point.deviation_ev_per_atom ? 1 : 0;
    within_two += off <= 2 * *point.deviation_ev_per_atom ? 1 : 0;
  }
  if (known == 0) return std::nullopt;
  return Coverage{static_cast<double>(within_one) / static_cast<double>(known),
                  static_cast<double>(within_two) / static_cast<double>(known)};
}

FoldValidation validate_folds(Predictor& predictor, Labels labels, const LabelLists& folds) {
  FoldValidation result;
  LabelList all_tests;
  std::vector<double> all_energies;
  for (std::size_t f = 0; f < folds.size(); ++f) {
    const Predictions predicted = predictor.predict(all_but(folds[f], labels.size()), folds[f]);
    const std::vector<double>& energies = predicted.energy_ev_per_atom;
    result.folds.push_back(judge(labels, folds[f], energies).errors);
    for (std::size_t t = 0; t < folds[f].size(); ++t)
      result.parity.push_back({folds[f][t], f, energies[t], predicted.deviation_ev_per_atom[t]});
    all_tests.insert(all_tests.end(), folds[f].begin(), folds[f].end());
    all_energies.insert(all_energies.end(), energies.begin(), energies.end());
  }
  const Judged judged = judge(labels, all_tests, all_energies);
  result.errors = judged.errors;
  result.ranking = judged.ranking;
  result.coverage = coverage_of(labels, result.parity);
  return result;
}

LearningCurvePoint learning_curve_point(Predictor& predictor, Labels labels, const LabelLists& permutations,
                                        std::size_t size) {
  LearningCurvePoint point{size, 0, 0, 0, {}};
  double vertices = 0;
  std::size_t with_vertices = 0;
  for (const LabelList& permutation : permutations) {
    const auto cut = permutation.begin() + static_cast<std::ptrdiff_t>(size);
    const LabelList training(permutation.begin(), cut), tests(cut, permutation.end());
    const Judged judged = judge(labels, tests, predictor.predict(training, tests).energy_ev_per_atom);
    point.rmse_mev_per_atom += judged.errors.rmse_mev_per_atom;
    point.mae_mev_per_atom += judged.errors.mae_mev_per_atom;
    point.low5_recall += judged.ranking.low5_recall;
    if (std::any_of(tests.begin(), tests.end(), [&](std::size_t i) { return labels[i].vertex; })) {
      vertices += judged.ranking.hull_vertex_recall;
      ++with_vertices;
    }
  }
  const auto count = static_cast<double>(permutations.size());
  point.rmse_mev_per_atom /= count;
  point.mae_mev_per_atom /= count;
  point.low5_recall /= count;
  if (with_vertices > 0) point.hull_vertex_recall = vertices / static_cast<double>(with_vertices);
  return point;
}

/// Out of fold.
std::vector<CompositionErrors> errors_by_composition(Labels labels, const std::vector<ParityPoint>& parity) {
  std::map<std::string, std::pair<std::vector<double>, std::vector<double>>> parts;
  for (const ParityPoint& point : parity) {
    auto& [predicted, actual] = parts[labels[point.label].composition.reduced().formula()];
    predicted.push_back(point.predicted_ev_per_atom);
    actual.push_back(labels[point.label].formation_energy_ev_per_atom);
  }
  std::vector<CompositionErrors> levels;
  for (const auto& [formula, part] : parts) levels.push_back({formula, prediction_errors(part.first, part.second)});
  return levels;
}

/// The specification with these groups left out, instead of what it says.
SurrogateSpec without_groups(SurrogateSpec spec, const std::vector<std::string>& groups) {
  std::vector<Setting> left_out;
  for (const std::string& name : groups) left_out.push_back({{}, {}, name});
  std::erase_if(spec.settings.entries, [](const auto& entry) { return entry.first == "leave_out"; });
  spec.settings.entries.push_back({"leave_out", Setting{{}, {}, left_out}});
  return spec;
}

std::vector<std::string> left_out_by(const SurrogateSpec& spec) {
  Problems said_elsewhere;
  return SettingsReader(spec.settings, "surrogate", said_elsewhere).texts("leave_out");
}

/// The same model without each of its groups; empty for models that have none.
std::vector<Ablation> ablate(const LabelledStructures& structures, std::size_t model, const SurrogateSet& full,
                             const LabelLists& folds) {
  const SurrogateSpec& spec = structures.campaign.surrogates[model];
  std::vector<Ablation> entries;
  const auto* described = dynamic_cast<const DescriptorModel*>(&full.space(0));
  if (described == nullptr) return entries;
  std::vector<std::string> variants{""};
  std::vector<std::string> groups = described->descriptors().columns().distinct_groups();
  std::erase(groups, "crystal");  // what tells joined spaces apart is no descriptor of any of them
  if (groups.size() > 1) variants.insert(variants.end(), groups.begin(), groups.end());
  for (const std::string& group : variants) {
    std::vector<std::string> left_out = left_out_by(spec);
    if (!group.empty()) left_out.push_back(group);
    Problems problems;
    SurrogateSet set = make_set(structures.campaign, without_groups(without_keep(spec), left_out), structures.parents,
                                structures.columns.of(model), problems);
    problems.throw_if_any();
    Predictor predictor(set, structures.kept);
    const FoldValidation result = validate_folds(predictor, structures.kept, folds);
    entries.push_back({group, result.errors, errors_by_composition(structures.kept, result.parity)});
  }
  return entries;
}

/// Names, sites and diameters of what the model is fitted on; empty for models that do not say.
std::vector<FittedCoefficient> described_by(const Surrogate& model) {
  const auto in_groups = [](const Descriptors& descriptors) {
    std::vector<FittedCoefficient> grouped = descriptors.described();
    for (std::size_t i = 0; i < grouped.size(); ++i) grouped[i].group = descriptors.columns().groups[i];
    return grouped;
  };
  if (const auto* one = dynamic_cast<const DescriptorModel*>(&model)) return in_groups(one->descriptors());
  if (const auto* one = dynamic_cast<const GaussianProcess*>(&model)) return in_groups(one->descriptors());
  std::vector<FittedCoefficient> described;
  const auto* expansion = dynamic_cast<const ClusterExpansion*>(&model);
  for (std::size_t i = 0; expansion != nullptr && i < expansion->features().count(); ++i)
    described.push_back(expansion->features().description(i));
  return described;
}

/// "Al-Li" of "pair Al-Li 2.83 Å (6 per cell)" and of "Al-Li 2.83 Å close".
std::string species_of_pair(std::string name) {
  if (name.starts_with("pair ")) name.erase(0, 5);
  return name.substr(0, name.find(' '));
}

double shell_of(const FittedCoefficient& one) { return std::round(one.diameter_angstrom * 100) / 100; }

std::vector<PairAblation> ablate_pairs(const LabelledStructures& structures, std::size_t model,
                                       const SurrogateSet& full, const LabelLists& folds) {
  std::set<std::string> pairs;
  std::set<double> shells;
  const std::vector<FittedCoefficient> described = described_by(full.space(0));
  for (const FittedCoefficient& one : described) {
    if (one.sites != 2) continue;
    pairs.insert(species_of_pair(one.cluster));
    shells.insert(shell_of(one));
  }
  std::vector<PairAblation> parts;
  if (pairs.size() > 1)
    for (const std::string& pair : pairs) parts.push_back({pair, 0, 0, {}, {}});
  if (shells.size() > 1)
    for (const double shell : shells) parts.push_back({"", shell, 0, {}, {}});
  const SurrogateSpec& spec = structures.campaign.surrogates[model];
  const auto errors_without = [&](const std::vector<std::string>& names) {
    std::vector<std::string> left_out = left_out_by(spec);
    left_out.insert(left_out.end(), names.begin(), names.end());
    Problems problems;
    SurrogateSet set = make_set(structures.campaign, without_groups(without_keep(spec), left_out), structures.parents,
                                structures.columns.of(model), problems);
    problems.throw_if_any();
    Predictor predictor(set, structures.kept);
    return validate_folds(predictor, structures.kept, folds).errors;
  };
  for (PairAblation& part : parts) {
    std::vector<std::string> these, others;
    for (const FittedCoefficient& one : described) {
      if (one.sites == 1) continue;
      const bool is_one = one.sites == 2 && (part.pair.empty() || species_of_pair(one.cluster) == part.pair) &&
                          (part.shell_angstrom == 0 || shell_of(one) == part.shell_angstrom);
      const bool by_group = one.sites == 0 && !one.group.empty();  // as a table's columns are left out
      (is_one ? these : others).push_back(by_group ? one.group : one.cluster);
    }
    part.descriptors = these.size();
    part.without = errors_without(these);
    part.only = errors_without(others);
  }
  return parts;
}

void weigh_by_degeneracy(FoldValidation& folds, Labels labels, const std::vector<std::uint64_t>& degeneracies) {
  std::vector<double> predicted, actual, weights;
  for (ParityPoint& point : folds.parity) {
    point.degeneracy = degeneracies[point.label];
    predicted.push_back(point.predicted_ev_per_atom);
    actual.push_back(labels[point.label].formation_energy_ev_per_atom);
    weights.push_back(static_cast<double>(point.degeneracy));
  }
  if (std::find(weights.begin(), weights.end(), 0.0) == weights.end())
    folds.by_degeneracy = prediction_errors(predicted, actual, weights);
}

ModelValidation validate_model(const LabelledStructures& structures, std::size_t model, SurrogateSet& models,
                               const ValidationPlan& plan) {
  Predictor predictor(models, structures.kept);
  ModelValidation result{
      structures.campaign.surrogates[model].kind, validate_folds(predictor, structures.kept, plan.folds), {}, {}, {}};
  for (const std::size_t size : plan.curve_sizes)
    result.learning_curve.push_back(learning_curve_point(predictor, structures.kept, plan.permutations, size));
  result.fits = predictor.fit_all();
  if (plan.ablation) {
    result.ablation = ablate(structures, model, models, plan.folds);
    result.pair_ablation = ablate_pairs(structures, model, models, plan.folds);
  }
  return result;
}

}  // namespace

LabelLists labels_by_id(const std::vector<std::vector<std::string>>& ids, Labels labels) {
  std::map<std::string, std::size_t> index;
  for (std::size_t i = 0; i < labels.size(); ++i) index[labels[i].id] = i;
  LabelLists lists;
  for (const auto& list : ids) {
    lists.emplace_back();
    for (const std::string& id : list) lists.back().push_back(index.at(id));
  }
  return lists;
}

LabelLists folds_by_composition(Labels labels) {
  std::vector<std::string> keys;
  for (const LabelledStructure& label : labels) keys.push_back(label.composition.reduced().formula());
  return folds_by_key(keys);
}

std::vector<bool> always_learnt(const LabelledStructures& structures) {
  std::vector<bool> always(structures.kept.size(), false);
  for (std::size_t space = 0; space < structures.parents.size(); ++space) {
    LabelList here;
    std::vector<LabelledConfiguration> labels;
    for (std::size_t i = 0; i < structures.kept.size(); ++i) {
      if (structures.kept[i].space != space) continue;
      here.push_back(i);
      labels.push_back(structures.kept[i].label());
    }
    const std::vector<bool> extreme = extreme_labels(labels);
    for (std::size_t k = 0; k < here.size(); ++k) always[here[k]] = extreme[k];
  }
  return always;
}

LabelLists folds_without(LabelLists folds, const std::vector<bool>& labels) {
  for (auto& fold : folds) std::erase_if(fold, [&](std::size_t i) { return labels[i]; });
  std::erase_if(folds, [](const auto& fold) { return fold.empty(); });
  return folds;
}

LabelLists random_permutations(std::size_t label_count, std::size_t how_many, std::uint64_t seed) {
  LabelLists permutations;
  for (std::size_t p = 0; p < how_many; ++p) {
    std::vector<std::pair<std::uint64_t, std::size_t>> draw;
    for (std::size_t i = 0; i < label_count; ++i) {
      const std::uint64_t words[] = {p, i};
      draw.emplace_back(random_bits(seed, words), i);
    }
    std::sort(draw.begin(), draw.end());
    permutations.emplace_back();
    for (const auto& [bits, i] : draw) permutations.back().push_back(i);
  }
  return permutations;
}

std::optional<std::string> why_no_learning_curve(const ValidationPlan& plan, std::size_t label_count) {
  for (const std::size_t size : plan.curve_sizes) {
    if (size + 1 > label_count)
      return fmt::format("{} labels to learn from, but there are {} in all", size, label_count);
    for (const LabelList& permutation : plan.permutations) {
      if (size + 1 > permutation.size())
        return fmt::format("{} labels to learn from, but a permutation has {} in all", size, permutation.size());
    }
  }
  return std::nullopt;
}

std::vector<ModelValidation> validate_models(const LabelledStructures& structures, const ValidationPlan& plan) {
  Problems problems;
  std::vector<SurrogateSet> sets;
  for (const SurrogateSpec& spec : structures.campaign.surrogates)
    sets.push_back(make_set(structures.campaign, without_keep(spec), structures.parents,
                            structures.columns.of(sets.size()), problems));
  problems.throw_if_any();
  if (const auto why = why_no_learning_curve(plan, structures.kept.size())) throw InputError(*why);
  std::vector<ModelValidation> results;
  const std::vector<std::uint64_t> degeneracies = degeneracies_of(structures.kept);
  for (std::size_t m = 0; m < sets.size(); ++m) {
    results.push_back(validate_model(structures, m, sets[m], plan));
    weigh_by_degeneracy(results.back().folds, structures.kept, degeneracies);
  }
  return results;
}

}  // namespace hullscan
