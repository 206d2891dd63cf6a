/// @file
/// How well a surrogate predicts labels it has not seen.
#pragma once

#include <cstdint>
#include <vector>

#include "surrogates/surrogate.hpp"

namespace hullscan {

struct PredictionErrors {
  std::size_t count = 0;
  double rmse_mev_per_atom = 0;
  double mae_mev_per_atom = 0;
  double r2 = 0;  ///< 1 - squared error / variance of the labels; 0 if the labels do not vary
};

/// @param predicted, actual eV per atom, of one length. @param weights of the same length, how often each counts;
/// empty: once. @throws InputError if they are empty or of two lengths.
PredictionErrors prediction_errors(std::span<const double> predicted, std::span<const double> actual,
                                   std::span<const double> weights = {});

/// How well a list sorted by predicted energy above the hull begins with what matters.
struct RankingQuality {
  double low5_recall = 0;         ///< share of the truly lowest 5 % among the predicted lowest 5 %
  double hull_vertex_recall = 0;  ///< share of the hull's vertices among the predicted lowest 5 %; 1 without vertices
};

/// Ties are broken by position. @param predicted, actual energies above the hull. @param vertex of the true hull.
RankingQuality ranking_quality(std::span<const double> predicted, std::span<const double> actual,
                               const std::vector<bool>& vertex);

struct CrossValidation {
  PredictionErrors total;  ///< over every label that a fold tests
  std::vector<PredictionErrors> folds;
  std::vector<double> predictions_ev_per_atom;    ///< in the order of the labels; NaN where no fold tests a label
  std::vector<double> uncertainties_ev_per_atom;  ///< the same; NaN where the model knows none
};

/// For every fold: fits to the labels outside it and predicts those in it. At the end the model is fitted to all
/// labels.
/// @param folds indices of test labels; a label may be in one fold at most.
/// @throws InputError if a fold is empty, holds everything, or names a label twice or out of range.
CrossValidation cross_validate(Surrogate& model, std::span<const LabelledConfiguration> labels,
                               const std::vector<std::vector<std::size_t>>& folds);

/// Predictions of the labels' configurations, eV per atom; scorers are shared between configurations of one supercell.
std::vector<double> predict_all(const Surrogate& model, std::span<const LabelledConfiguration* const> configurations);

/// One fold a key, in the order of the keys: leave-one-composition-out with compositions as keys.
std::vector<std::vector<std::size_t>> folds_by_key(std::span<const std::string> keys);

/// `fold_count` folds of nearly equal size by a draw that depends on `seed` alone.
/// @throws InputError if fold_count < 2 or > label_count.
std::vector<std::vector<std::size_t>> random_folds(std::size_t label_count, std::size_t fold_count, std::uint64_t seed);

}  // namespace hullscan
