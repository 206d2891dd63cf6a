#include "surrogates/cross_validation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>  // std::iota

#include "core/hash.hpp"

namespace hullscan {

PredictionErrors prediction_errors(std::span<const double> predicted, std::span<const double> actual) {
  if (predicted.empty() || predicted.size() != actual.size()) {
    throw InputError(fmt::format("{} predictions for {} labels", predicted.size(), actual.size()));
  }
  const auto n = static_cast<double>(actual.size());
  const double mean = std::accumulate(actual.begin(), actual.end(), 0.0) / n;
  double squares = 0, absolute = 0, variance = 0;
  for (std::size_t i = 0; i < actual.size(); ++i) {
    const double error = predicted[i] - actual[i];
    squares += error * error;
    absolute += std::abs(error);
    variance += (actual[i] - mean) * (actual[i] - mean);
  }
  return {actual.size(), 1e3 * std::sqrt(squares / n), 1e3 * absolute / n, variance > 0 ? 1.0 - squares / variance : 0.0};
}

CrossValidation cross_validate(Surrogate& model, std::span<const LabelledConfiguration> labels,
                               const std::vector<std::vector<std::size_t>>& folds) {
  CrossValidation result;
  result.predictions_ev_per_atom.assign(labels.size(), std::numeric_limits<double>::quiet_NaN());
  std::vector<bool> tested(labels.size(), false);
  for (const std::vector<std::size_t>& fold : folds) {
    if (fold.empty() || fold.size() >= labels.size()) {
      throw InputError(fmt::format("a fold of {} of {} labels leaves nothing to test or to learn from", fold.size(),
                                   labels.size()));
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

    std::vector<double> predicted, actual;
    for (const std::size_t index : fold) {
      const double prediction = model.predict_ev_per_atom(labels[index].configuration);
      result.predictions_ev_per_atom[index] = prediction;
      predicted.push_back(prediction);
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

std::vector<std::vector<std::size_t>> random_folds(std::size_t label_count, std::size_t fold_count, std::uint64_t seed) {
  if (fold_count < 2 || fold_count > label_count) {
    throw InputError(fmt::format("{} folds of {} labels: expected at least 2 folds and a label for each", fold_count,
                                 label_count));
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
