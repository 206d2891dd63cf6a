/// @file
/// How well a campaign's models predict labelled structures that they have not seen: cross-validation, learning curves,
/// and what each group of descriptors is worth. Reading files of splits and printing are not here.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "campaign/labelled_structures.hpp"
#include "surrogates/regression/cross_validation.hpp"

namespace hullscan {

using LabelLists = std::vector<std::vector<std::size_t>>;  ///< indices into LabelledStructures::kept

/// The lists of a file of splits. @pre every id is one of a label.
LabelLists labels_by_id(const std::vector<std::vector<std::string>>& ids, std::span<const LabelledStructure> labels);
/// One fold for each reduced composition, so that a model never learns from the composition that it is asked about.
LabelLists folds_by_composition(std::span<const LabelledStructure> labels);
/// [kept] labels that every fold learns from, because nothing but extrapolation could predict them: the extreme_labels
/// of each space.
std::vector<bool> always_learnt(const LabelledStructures& structures);
/// The folds without some labels; those that become empty are left out.
LabelLists folds_without(LabelLists folds, const std::vector<bool>& labels);
/// `how_many` orders of all labels, by a draw that depends on `seed` alone: the first ones are the same for a larger
/// number.
LabelLists random_permutations(std::size_t label_count, std::size_t how_many, std::uint64_t seed);

struct ValidationPlan {
  LabelLists folds;                      ///< what each fold tests; all other labels are learnt from
  LabelLists permutations;               ///< of the learning curve: each is learnt from its beginning on
  std::vector<std::size_t> curve_sizes;  ///< training sets of the learning curve; empty: no curve
  bool ablation = false;                 ///< descriptor models again without each group of descriptors
};

/// Why the plan's learning curve cannot be drawn: a size that leaves nothing to test. Nothing if it can.
std::optional<std::string> why_no_learning_curve(const ValidationPlan& plan, std::size_t label_count);

struct ParityPoint {
  std::size_t label = 0, fold = 0;
  double predicted_ev_per_atom = 0;
  std::optional<double> deviation_ev_per_atom;  ///< one standard deviation, of models that know their error
  std::uint64_t degeneracy = 0;                 ///< degeneracies_of; 0: not known
};

/// Shares of the labels within so many standard deviations of their predictions.
struct Coverage {
  double one_deviation = 0, two_deviations = 0;
};

/// Out-of-fold predictions against the labels.
struct FoldValidation {
  PredictionErrors errors;
  RankingQuality ranking;
  std::optional<Coverage> coverage;  ///< of models that know their error
  std::vector<PredictionErrors> folds;
  std::vector<ParityPoint> parity;  ///< fold after fold, in the order of each
  /// The errors with every orbit counted as often as it has configurations; nothing unless all degeneracies are known.
  std::optional<PredictionErrors> by_degeneracy = {};
};

/// Means over the permutations, each tested on the labels it does not learn from.
struct LearningCurvePoint {
  std::size_t labels = 0;  ///< learnt from
  double rmse_mev_per_atom = 0, mae_mev_per_atom = 0;
  double low5_recall = 0;
  std::optional<double> hull_vertex_recall;  ///< over the permutations that test a vertex, if any
};

struct CompositionErrors {
  std::string formula;  ///< reduced
  PredictionErrors errors;
};

/// The same model without one group of descriptors.
struct Ablation {
  std::string without;  ///< group; empty: the whole model
  PredictionErrors errors;
  std::vector<CompositionErrors> compositions;  ///< by formula
};

/// What a pair of species, or a shell of pairs, is worth to a model whose descriptors know theirs.
struct PairAblation {
  std::string pair;           ///< "Al-Li", all shells; empty: of all pairs
  double shell_angstrom = 0;  ///< 0: all shells
  std::size_t descriptors = 0;
  PredictionErrors only;     ///< composition and these
  PredictionErrors without;  ///< all others
};

struct ModelValidation {
  std::string kind;
  FoldValidation folds;
  std::vector<LearningCurvePoint> learning_curve;  ///< one for each of ValidationPlan::curve_sizes
  std::vector<FitReport> fits;                     ///< to all labels, of every space that has any
  std::vector<Ablation> ablation;                  ///< empty for models without groups
  std::vector<PairAblation> pair_ablation = {};    ///< pairs first, then shells; empty for models without pairs
};

/// Every [[surrogate]] of the campaign, in its order. Energies above the hull, by which models may weight, are those of
/// the hull of the training labels alone: what is tested has no say in the weights.
/// @throws InputError with every problem of the models' settings; if there is no learning curve
///         (why_no_learning_curve), or a split tests a space and leaves no label of that space to learn from.
std::vector<ModelValidation> validate_models(const LabelledStructures& structures, const ValidationPlan& plan);

}  // namespace hullscan
