/// @file
/// Validation called as a function, on chains whose energies are known.

#include "campaign/validation.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <numeric>  // std::iota
#include <set>

#include "chain_labels.hpp"
#include "core/errors.hpp"

using namespace hullscan;
using namespace hullscan::test;
using Catch::Contains;

namespace {

std::vector<std::size_t> all_of(const LabelledStructures& structures) {
  std::vector<std::size_t> all(structures.kept.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  return all;
}

ValidationPlan in_folds(const LabelledStructures& structures, std::size_t folds, std::uint64_t seed) {
  return {random_folds(structures.kept.size(), folds, seed), {}, {}, false};
}

ValidationPlan curve(const LabelledStructures& structures, LabelLists permutations, std::vector<std::size_t> sizes) {
  return {random_folds(structures.kept.size(), 3, 1), std::move(permutations), std::move(sizes), false};
}

std::vector<double> predictions(const ModelValidation& model) {
  std::vector<double> energies;
  for (const ParityPoint& point : model.folds.parity) energies.push_back(point.predicted_ev_per_atom);
  return energies;
}

}  // namespace

TEST_CASE("every label is predicted once, in the fold that holds it", "[campaign][validation]") {
  const LabelledStructures structures = chain_labels(fifteen_words());
  const ValidationPlan plan = in_folds(structures, 4, 1);

  const ModelValidation model = validate_models(structures, plan).front();

  std::vector<std::size_t> tested;
  for (const ParityPoint& point : model.folds.parity) {
    tested.push_back(point.label);
    CHECK(std::count(plan.folds[point.fold].begin(), plan.folds[point.fold].end(), point.label) == 1);
  }
  std::sort(tested.begin(), tested.end());
  CHECK(tested == all_of(structures));
  CHECK(model.folds.errors.count == 15);
  CHECK(model.folds.folds.size() == 4);
}

TEST_CASE("a law that the model can represent is predicted without error", "[campaign][validation]") {
  const LabelledStructures structures = chain_labels(fifteen_words());

  const ModelValidation model = validate_models(structures, in_folds(structures, 5, 1)).front();

  CHECK(model.kind == "cluster-expansion");
  CHECK(model.folds.errors.rmse_mev_per_atom < 1e-6);  // 1e-9 eV per atom
  CHECK(model.folds.errors.r2 == Approx(1));
  CHECK(model.fits.size() == 1);
  CHECK(model.fits.front().labels == 15);
}

TEST_CASE("energies dealt out anew among the structures are predicted worse", "[campaign][validation]") {
  const std::vector<std::string> words = fifteen_words();
  const std::vector<std::size_t> order = random_permutations(words.size(), 1, 3).front();
  std::map<std::string, double> per_atom;
  for (std::size_t i = 0; i < words.size(); ++i)
    per_atom[words[i]] = unlike_neighbours_ev(words[order[i]]) / static_cast<double>(words[order[i]].size());
  const LabelledStructures true_labels = chain_labels(words);
  const LabelledStructures shuffled = chain_labels(
      words, kPairs, [&](const std::string& word) { return per_atom.at(word) * static_cast<double>(word.size()); });

  const ModelValidation learnt = validate_models(true_labels, in_folds(true_labels, 5, 1)).front();
  const ModelValidation confused = validate_models(shuffled, in_folds(shuffled, 5, 1)).front();

  CHECK(confused.folds.errors.rmse_mev_per_atom > 1);
  CHECK(confused.folds.errors.rmse_mev_per_atom > 1e3 * learnt.folds.errors.rmse_mev_per_atom);
}

TEST_CASE("a fold of a composition holds all of its labels and no other", "[campaign][validation]") {
  const LabelledStructures structures = chain_labels(fifteen_words());

  const LabelLists folds = folds_by_composition(structures.kept);

  // x(Ni) = 0, 1/5, 1/4, 1/3, 2/5, 1/2, 3/5, 2/3, 3/4, 4/5, 1
  CHECK(folds.size() == 11);
  std::size_t tested = 0;
  std::set<std::string> formulas;
  for (const auto& fold : folds) {
    std::set<std::string> in_fold;
    for (const std::size_t i : fold) in_fold.insert(structures.kept[i].composition.reduced().formula());
    CHECK(in_fold.size() == 1);
    formulas.insert(in_fold.begin(), in_fold.end());
    tested += fold.size();
  }
  CHECK(formulas.size() == folds.size());
  CHECK(tested == 15);
}

TEST_CASE("what a fold holds has no say in how it is predicted", "[campaign][validation]") {
  LabelledStructures structures = chain_labels(fifteen_words());
  const ValidationPlan plan{folds_by_composition(structures.kept), {}, {}, false};
  const ModelValidation before = validate_models(structures, plan).front();
  const auto is_half = [](const LabelledStructure& label) { return label.composition.reduced().formula() == "AlNi"; };
  for (LabelledStructure& label : structures.kept) {
    if (!is_half(label)) continue;
    label.formation_energy_ev_per_atom += 5;
    label.energy_ev += 5 * static_cast<double>(label.composition.atom_count());
  }

  const ModelValidation after = validate_models(structures, plan).front();

  std::size_t compared = 0, others_moved = 0;
  for (std::size_t k = 0; k < before.folds.parity.size(); ++k) {
    const double then = before.folds.parity[k].predicted_ev_per_atom, now = after.folds.parity[k].predicted_ev_per_atom;
    if (is_half(structures.kept[before.folds.parity[k].label])) {
      CHECK(now == then);
      ++compared;
    } else {
      others_moved += now != then ? 1 : 0;
    }
  }
  CHECK(compared == 3);  // AN, AANN, ANAN
  CHECK(others_moved > 0);
}

TEST_CASE("permutations come from the seed alone, and more of them begin with the same", "[campaign][validation]") {
  const LabelLists two = random_permutations(15, 2, 7), five = random_permutations(15, 5, 7);

  CHECK(LabelLists(five.begin(), five.begin() + 2) == two);
  CHECK(random_permutations(15, 2, 8) != two);
  for (std::vector<std::size_t> permutation : five) {
    std::sort(permutation.begin(), permutation.end());
    for (std::size_t i = 0; i < 15; ++i) CHECK(permutation[i] == i);
  }
}

TEST_CASE("a learning curve learns from the beginning of each permutation, longer and longer",
          "[campaign][validation]") {
  const LabelledStructures structures = chain_labels(fifteen_words());
  LabelLists order = random_permutations(structures.kept.size(), 1, 2);
  const auto together = validate_models(structures, curve(structures, order, {3, 8})).front().learning_curve;

  // The same sets to learn from and to test, in another order within each: 0-2, 3-7 and 8-14.
  std::reverse(order[0].begin(), order[0].begin() + 3);
  std::reverse(order[0].begin() + 3, order[0].begin() + 8);
  std::reverse(order[0].begin() + 8, order[0].end());
  const auto reordered = validate_models(structures, curve(structures, order, {3, 8})).front().learning_curve;
  // A label exchanged between the first eight and the rest is another set.
  std::swap(order[0][4], order[0][12]);
  const auto exchanged = validate_models(structures, curve(structures, order, {3, 8})).front().learning_curve;

  REQUIRE(together.size() == 2);
  CHECK(together[0].labels == 3);
  CHECK(together[1].labels == 8);
  for (std::size_t k = 0; k < 2; ++k)
    CHECK(reordered[k].rmse_mev_per_atom == Approx(together[k].rmse_mev_per_atom).margin(1e-9));
  CHECK(exchanged[0].rmse_mev_per_atom == Approx(together[0].rmse_mev_per_atom).margin(1e-9));
  CHECK(exchanged[1].rmse_mev_per_atom != together[1].rmse_mev_per_atom);
}

TEST_CASE("a point of the learning curve is the mean over the permutations", "[campaign][validation]") {
  const LabelledStructures structures = chain_labels(fifteen_words());
  const LabelLists both = random_permutations(structures.kept.size(), 2, 5);

  const auto mean = validate_models(structures, curve(structures, both, {3})).front().learning_curve.front();
  const auto first = validate_models(structures, curve(structures, {both[0]}, {3})).front().learning_curve.front();
  const auto second = validate_models(structures, curve(structures, {both[1]}, {3})).front().learning_curve.front();

  CHECK(mean.rmse_mev_per_atom == Approx((first.rmse_mev_per_atom + second.rmse_mev_per_atom) / 2));
  CHECK(mean.mae_mev_per_atom == Approx((first.mae_mev_per_atom + second.mae_mev_per_atom) / 2));
  CHECK(mean.low5_recall == Approx((first.low5_recall + second.low5_recall) / 2));
}

TEST_CASE("a curve that tests no vertex has no share of vertices found", "[campaign][validation]") {
  const LabelledStructures structures = chain_labels(fifteen_words());
  std::vector<std::size_t> order = all_of(structures);
  std::stable_partition(order.begin(), order.end(), [&](std::size_t i) { return structures.kept[i].vertex; });

  const auto points = validate_models(structures, curve(structures, {order}, {2, 9})).front().learning_curve;

  CHECK(points[0].hull_vertex_recall.has_value());  // Al, Ni and AlNi are vertices: one is tested
  CHECK_FALSE(points[1].hull_vertex_recall.has_value());
}

TEST_CASE("a learning curve that leaves nothing to test is refused", "[campaign][validation]") {
  const LabelledStructures structures = chain_labels(fifteen_words());
  const LabelLists whole = random_permutations(15, 1, 1);

  CHECK_FALSE(why_no_learning_curve(curve(structures, whole, {3, 14}), 15).has_value());
  CHECK_THAT(why_no_learning_curve(curve(structures, whole, {3, 15}), 15).value(),
             Contains("15 labels to learn from, but there are 15 in all"));
  CHECK_THAT(why_no_learning_curve(curve(structures, {{0, 1, 2}}, {3}), 15).value(),
             Contains("3 labels to learn from, but a permutation has 3 in all"));
  CHECK_THROWS_AS(validate_models(structures, curve(structures, {{0, 1, 2}}, {3})), InputError);
}

TEST_CASE("the same plan gives the same predictions, another seed other folds", "[campaign][validation]") {
  const LabelledStructures structures =
      chain_labels(fifteen_words(), "[[surrogate]]\nkind = \"random-forest\"\ntrees = 10\n");

  const ModelValidation first = validate_models(structures, in_folds(structures, 4, 1)).front();
  const ModelValidation again = validate_models(structures, in_folds(structures, 4, 1)).front();
  const ModelValidation other = validate_models(structures, in_folds(structures, 4, 2)).front();

  CHECK(predictions(first) == predictions(again));
  CHECK(first.folds.parity.front().label == again.folds.parity.front().label);
  CHECK(predictions(first) != predictions(other));
}

TEST_CASE("every model of the campaign is validated, in its order", "[campaign][validation]") {
  const LabelledStructures structures =
      chain_labels(fifteen_words(), std::string(kPairs) + "[[surrogate]]\nkind = \"gaussian-process\"\n");

  const auto models = validate_models(structures, in_folds(structures, 3, 1));

  REQUIRE(models.size() == 2);
  CHECK(models[0].kind == "cluster-expansion");
  CHECK(models[1].kind == "gaussian-process");
  REQUIRE(models[1].folds.coverage.has_value());
  CHECK(models[1].folds.coverage->one_deviation <= models[1].folds.coverage->two_deviations);
  CHECK(models[1].folds.coverage->two_deviations <= 1);
}

TEST_CASE("an ablation begins with the whole model and leaves one group out at a time", "[campaign][validation]") {
  const LabelledStructures structures =
      chain_labels(fifteen_words(), std::string("[[surrogate]]\nkind = \"ridge\"\n") + kPairs);
  ValidationPlan plan = in_folds(structures, 3, 1);
  plan.ablation = true;

  const auto models = validate_models(structures, plan);

  REQUIRE_FALSE(models[0].ablation.empty());
  const Ablation& whole = models[0].ablation.front();
  CHECK(whole.without.empty());
  CHECK(whole.errors.rmse_mev_per_atom == models[0].folds.errors.rmse_mev_per_atom);
  std::size_t tested = 0;
  for (const CompositionErrors& level : whole.compositions) tested += level.errors.count;
  CHECK(tested == 15);
  CHECK(whole.compositions.size() == 11);
  CHECK(models[1].ablation.empty());  // a cluster expansion has no groups of descriptors
}

TEST_CASE("the settings of all models are checked before one is fitted", "[campaign][validation]") {
  const LabelledStructures structures =
      chain_labels(fifteen_words(),
                   "[[surrogate]]\nkind = \"ridge\"\nnonsense = 3\n[[surrogate]]\nkind = \"cluster-expansion\"\n"
                   "pairs = \"x\"\n");

  CHECK_THROWS_WITH(validate_models(structures, in_folds(structures, 3, 1)),
                    Contains("surrogate.nonsense: unknown key") && Contains("surrogate.pairs: expected a number"));
}

TEST_CASE("the lists of a file of splits name labels by their ids", "[campaign][validation]") {
  const LabelledStructures structures = chain_labels({"A", "N", "AN", "AAN"});

  CHECK(labels_by_id({{"AN", "A"}, {}, {"AAN"}}, structures.kept) == LabelLists{{2, 0}, {}, {3}});
}

TEST_CASE("a structure counts once, and by its degeneracy as often as its orbit has configurations",
          "[campaign][validation]") {
  // Rings of layers in fcc cells of n x 1 x 1 primitive cells: nothing turns such a cell's axis into another one, so a
  // word's orbit is its rotations and reflections: 1 of AAAA, 4 of AAAN, 4 of AANN, 2 of ANAN.
  const auto energy = [](const std::string& word) {
    return word == "AAAN" ? 0.3 : word == "ANAN" ? -0.2 : unlike_neighbours_ev(word);
  };
  const LabelledStructures structures =
      chain_labels({"A", "N", "AAAN", "AANN", "ANAN", "ANNN", "AAN", "ANN"}, kPairs, energy);

  const ModelValidation model = validate_models(structures, in_folds(structures, 4, 1)).front();

  std::map<std::string, std::uint64_t> degeneracies;
  double squares = 0, absolute = 0, weights = 0, once = 0;
  for (const ParityPoint& point : model.folds.parity) {
    const LabelledStructure& label = structures.kept[point.label];
    const double error = 1e3 * (point.predicted_ev_per_atom - label.formation_energy_ev_per_atom);
    const auto weight = static_cast<double>(point.degeneracy);
    degeneracies[label.id] = point.degeneracy;
    squares += weight * error * error;
    absolute += weight * std::abs(error);
    weights += weight;
    once += error * error;
  }
  CHECK(degeneracies ==
        std::map<std::string, std::uint64_t>{
            {"A", 1}, {"N", 1}, {"AAAN", 4}, {"AANN", 4}, {"ANAN", 2}, {"ANNN", 4}, {"AAN", 3}, {"ANN", 3}});
  REQUIRE(model.folds.by_degeneracy);
  CHECK(model.folds.by_degeneracy->count == 8);
  CHECK(model.folds.by_degeneracy->rmse_mev_per_atom == Approx(std::sqrt(squares / weights)));
  CHECK(model.folds.by_degeneracy->mae_mev_per_atom == Approx(absolute / weights));
  CHECK(model.folds.errors.rmse_mev_per_atom == Approx(std::sqrt(once / 8)));
  CHECK(std::abs(model.folds.errors.rmse_mev_per_atom - model.folds.by_degeneracy->rmse_mev_per_atom) > 0.1);
}

TEST_CASE("of two shells, one alone is the other left out", "[campaign][validation]") {
  // Ni-Ni is the only pair of a binary crystal: shells alone. Three layers have an energy that no pair knows.
  const auto energy = [](const std::string& word) {
    return unlike_neighbours_ev(word) + (word.size() == 3 ? 0.1 : 0.0);
  };
  const LabelledStructures structures = chain_labels(
      fifteen_words(),
      std::string(kPairs) + "[[surrogate]]\nkind = \"ridge\"\nfeatures = \"clusters\"\npairs = 4.5\nridge = 1e-14\n",
      energy);
  ValidationPlan plan = in_folds(structures, 5, 1);
  plan.ablation = true;

  for (const ModelValidation& model : validate_models(structures, plan)) {
    INFO(model.kind);
    REQUIRE(model.pair_ablation.size() == 2);
    const PairAblation &nearest = model.pair_ablation[0], &second = model.pair_ablation[1];
    CHECK(nearest.pair.empty());
    CHECK(nearest.shell_angstrom < second.shell_angstrom);
    CHECK(nearest.descriptors == 1);
    CHECK(nearest.only.rmse_mev_per_atom > 0.1);
    CHECK(nearest.only.rmse_mev_per_atom == Approx(second.without.rmse_mev_per_atom));
    CHECK(second.only.rmse_mev_per_atom == Approx(nearest.without.rmse_mev_per_atom));
  }
}
