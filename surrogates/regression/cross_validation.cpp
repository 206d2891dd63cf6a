#include "surrogates/regression/cross_validation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>  // std::iota

#include "core/hash.hpp"

namespace hullscan {

PredictionErrors prediction_errors(std::span<const double> predicted, std::span<const double> actual,
                                   std::span<const double> weights) {
  if (predicted.empty() || predicted.size() != actual.size() || (!weights.empty() && weights.size() != actual.size())) {
    throw InputError(fmt::format("{} predictions for {} labels", predicted.size(), actual.size()));
  }
  const auto weight = [&](std::size_t i) { return weights.empty() ? 1.0 : weights[i]; };
  double n = 0, mean = 0;
  for (std::size_t i = 0; i < actual.size(); ++i) {
    n += weight(i);
    mean += weight(i) * actual[i];
  }
  mean /= n;
  double squares = 0, absolute = 0, variance = 0;
  for (std::size_t i = 0; i < actual.size(); ++i) {
    const double error = predicted[i] - actual[i];
    squares += weight(i) * error * error;
    absolute += weight(i) * std::abs(error);
    variance += weight(i) * (actual[i] - mean) * (actual[i] - mean);
  }
  return {actual.size(), 1e3 * std::sqrt(squares / n), 1e3 * absolute / n,
          variance > 0 ? 1.0 - squares / variance : 0.0};
}

RankingQuality ranking_quality(std::span<const double> predicted, std::span<const double> actual,
                               const std::vector<bool>& vertex) {
  if (predicted.empty() || predicted.size() != actual.size() || vertex.size() != actual.size()) {
    throw InputError(fmt::format("{} predictions for {} labels", predicted.size(), actual.size()));
  }
  const auto lowest = [](std::span<const double> values) {
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
    std::vector<bool> in(values.size(), false);
    const std::size_t count = (values.size() + 19) / 20;
    for (std::size_t i = 0; i < count; ++i) in[order[i]] = true;
    return in;
  };
  const std::vector<bool> predicted_low = lowest(predicted), actual_low = lowest(actual);
  double both = 0, all_low = 0, found = 0, vertices = 0;
  for (std::size_t i = 0; i < actual.size(); ++i) {
    all_low += actual_low[i] ? 1 : 0;
    both += actual_low[i] && predicted_low[i] ? 1 : 0;
    vertices += vertex[i] ? 1 : 0;
    found += vertex[i] && predicted_low[i] ? 1 : 0;
  }
  return {both / all_low, vertices > 0 ? found / vertices : 1.0};
}

std::vector<double> predict_all(const Surrogate& model, std::span<const LabelledConfiguration* const> configurations) {
  std::map<const Supercell*, std::unique_ptr<ConfigurationScorer>> scorers;
  std::vector<double> predictions;
  for (const LabelledConfiguration* label : configurations) {
    auto& scorer = scorers[label->configuration.supercell.get()];
    if (!scorer) scorer = model.scorer(*label->configuration.supercell);
    predictions.push_back(scorer->score(label->configuration.occupation));
  }
  return predictions;
}

std::vector<std::vector<std::size_t>> folds_by_key(std::span<const std::string> keys) {
  std::map<std::string, std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < keys.size(); ++i) groups[keys[i]].push_back(i);
  std::vector<std::vector<std::size_t>> folds;
  for (auto& [key, members] : groups) folds.push_back(std::move(members));
  return folds;
}

CrossValidation cross_validate(Surrogate& model, std::span<const LabelledConfiguration> labels,
                               const std::vector<std::vector<std::size_t>>& folds) {
  CrossValidation result;
  result.predictions_ev_per_atom.assign(labels.size(), std::numeric_limits<double>::quiet_NaN());
  result.uncertainties_ev_per_atom = result.predictions_ev_per_atom;
  std::vector<bool> tested(labels.size(), false);
  for (const std::vector<std::size_t>& fold : folds) {
    if (fold.empty() || fold.size() >= labels.size()) {
      throw InputError(
          fmt::format("a fold of {} of {} labels leaves nothing to test or to learn from", fold.size(), labels.size()));
    }
    for (const std::size_t index : fold) {
      if (index >= labels.size() || tested[index]) {
        throw InputError(fmt::format("label {} is in two folds or does not exist", index + 1));
      }
      tested[index] = true;
    }
  }

  std::vector<double> all_predicted, all_actual;
  for (const std::vector<std::size_t>& fold : folds) {
    std::vector<bool> held_out(labels.size(), false);
    for (const std::size_t index : fold) held_out[index] = true;
    std::vector<LabelledConfiguration> training;
    for (std::size_t i = 0; i < labels.size(); ++i) {
      if (!held_out[i]) training.push_back(labels[i]);
    }
    (void)model.fit(training);

    std::vector<const LabelledConfiguration*> tests;
    for (const std::size_t index : fold) tests.push_back(&labels[index]);
    const std::vector<double> predicted = predict_all(model, tests);
    std::vector<double> actual;
    for (std::size_t i = 0; i < fold.size(); ++i) {
      const std::size_t index = fold[i];
      result.predictions_ev_per_atom[index] = predicted[i];
      if (const auto sigma = model.uncertainty_ev_per_atom(labels[index].configuration)) {
        result.uncertainties_ev_per_atom[index] = *sigma;
      }
      actual.push_back(labels[index].formation_energy_ev_per_atom);
    }
    result.folds.push_back(prediction_errors(predicted, actual));
    all_predicted.insert(all_predicted.end(), predicted.begin(), predicted.end());
    all_actual.insert(all_actual.end(), actual.begin(), actual.end());
  }
  (void)model.fit(labels);
  result.total = prediction_errors(all_predicted, all_actual);
  return result;
}

std::vector<std::vector<std::size_t>> random_folds(std::size_t label_count, std::size_t fold_count,
                                                   std::uint64_t seed) {
  if (fold_count < 2 || fold_count > label_count) {
    throw InputError(
        fmt::format("{} folds of {} labels: expected at least 2 folds and a label for each", fold_count, label_count));
  }
  std::vector<std::size_t> order(label_count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::vector<std::uint64_t> draw(label_count);
  for (std::size_t i = 0; i < label_count; ++i) draw[i] = random_bits(seed, i);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return draw[a] < draw[b]; });
  std::vector<std::vector<std::size_t>> folds(fold_count);
  for (std::size_t i = 0; i < label_count; ++i) folds[i % fold_count].push_back(order[i]);
  for (auto& fold : folds) std::sort(fold.begin(), fold.end());
  return folds;
}

}  // namespace hullscan
